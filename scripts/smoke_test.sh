#!/bin/sh
# Go through a running system: broker, streams, services, a frame and its tracks, a command that is
# answered, gRPC health. It changes nothing: the command asks a running world to run.
# QIKI_NATS_URL (or NATS_URL) and QIKI_GRPC__PORT say where it is. Exit code 1 at the first step that fails.
set -eu
here=$(dirname "$0")

step() {
    words=$1
    shift
    if output=$("$@" 2>&1); then
        echo "ok    $words"
    else
        printf '%s\n' "$output" >&2
        echo "FAIL  $words: see the lines above, and $*" >&2
        exit 1
    fi
}

step "broker and streams" qiki js check
step "services answer" qiki status --interval 0.2
step "a frame and its tracks" "${PYTHON:-python3}" "$here/smoke_flow.py" tracks
step "a command is answered" qiki command sim.start
step "gRPC health" "${PYTHON:-python3}" "$here/smoke_flow.py" grpc
echo "ok    all"
