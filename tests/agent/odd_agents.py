"""Agents that do what no agent should; the view's mission says what, its reason with what."""

import fcntl
import os
import pickle
import signal
import stat
import struct
import subprocess
import sys
import time
from pathlib import Path

from qiki.agent.agent import Agent
from qiki.agent.agent_message import HEAD, Proposed, write_message
from qiki.agent.proposal import Command, Proposal, ProposalType


class Odd(Agent):
    """Does the method that the mission names."""

    def __init__(self):
        self.asked = 0

    def decide(self, view):
        self.asked += 1
        return getattr(self, view.mission)(view.safe_mode_reason)

    def good(self, _):
        return [said(f"{os.getpid()} {self.asked}")]

    def as_a_tuple(self, _):
        return (said("as a tuple"),)

    def quiet(self, _):
        return []

    def raises(self, text):
        raise ValueError(text or "no engine")

    def raises_half_a_character(self, _):
        raise ValueError("\ud800")

    def hangs(self, _):
        time.sleep(3600)

    def hangs_busily(self, lock):
        hold(lock)
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        while True:
            pass

    def leaves_a_process_behind(self, lock):
        hold(lock)
        subprocess.Popen(["sleep", "3600"], close_fds=False)  # which has the lock, too
        os._exit(0)

    def takes_memory(self, size):
        self.taken = bytes(int(size))

    def waits_for(self, path):
        while not Path(path).exists():
            time.sleep(0.01)
        return [said("too late")]

    def exits(self, _):
        os._exit(3)

    def exits_politely(self, _):
        sys.exit(4)

    def is_killed(self, _):
        os.kill(os.getpid(), signal.SIGKILL)

    def prints(self, _):
        print("on standard output")
        os.write(1, b"past Python\n\xff\n")
        print("on standard error", file=sys.stderr)
        print("x" * 5000)
        return [said("printed")]

    def prints_without_end(self, _):
        while True:
            print("x" * 100)

    def none(self, _):
        return None

    def text(self, _):
        return "full speed"

    def mixed(self, _):
        return [said("one"), 5]

    def many(self, count):
        return [said("many", name=f"p{i}") for i in range(int(count))]

    def large(self, _):
        return [said("x" * 5000, name=f"p{i}") for i in range(60)]

    def unsendable(self, _):
        return [said("go", actions=(Command("sim.go", {"where": object()}),))]

    def of_a_wrong_type(self, _):
        return [said("go", priority="high")]

    def pickles(self, path):
        evil = pickle.dumps([Evil(path)])
        os.write(channel(), HEAD.pack(len(evil)) + evil)
        return []

    def announces_a_flood(self, _):
        os.write(channel(), struct.pack(">I", 2**32 - 1))
        return []

    def answers_what_nobody_asked(self, _):
        message = write_message(Proposed(2**40, [said("out of turn")]))
        os.write(channel(), HEAD.pack(len(message)) + message)
        return []


class HangsWhenMade(Odd):
    def __init__(self):
        time.sleep(3600)


class EndsWhenMade(Odd):
    def __init__(self):
        os._exit(5)


class Evil:
    """Makes a file where it is unpickled."""

    def __init__(self, path):
        self.path = path

    def __reduce__(self):
        return Path.touch, (Path(self.path),)


def said(text, name="p", **fields):
    return Proposal(name=name, type=ProposalType.SAFETY, justification=text, **fields)


def hold(lock):
    """Hold a lock until every process that has it is gone."""
    descriptor = os.open(lock, os.O_RDWR | os.O_CREAT)
    os.set_inheritable(descriptor, True)
    fcntl.flock(descriptor, fcntl.LOCK_EX)
    Path(lock).with_suffix(".held").touch()


def channel():
    """The channel to the loop, which an agent has no business with."""
    sockets = [fd for fd in range(3, 64) if is_socket(fd)]
    assert len(sockets) == 1
    return sockets[0]


def is_socket(descriptor):
    try:
        return stat.S_ISSOCK(os.fstat(descriptor).st_mode)
    except OSError:
        return False
