"""`qiki up --agent` shows what the agent is up to."""

import json
import signal
import time

from qiki.serve.agent_watch import agent_words, faults_of
from qiki.serve.flow_audit import FlowAudit
from qiki.serve.flow_lines import status_line
from tests.serve.qiki_command import run, started
from tests.serve.test_agent import agent
from tests.serve.test_up import ANY_PORTS


def test_transitions_prints_and_the_ship_are_shown(tmp_path):
    names = agent("Pusher", "Talker")
    words = ("up", "--json", "--data-dir", tmp_path, *ANY_PORTS)
    with started(*words, "--agent", names, "--mission", "hold") as process:
        lines = []
        while "FLIGHT_MANEUVERING" not in "".join(lines):  # the BIOS takes its time
            lines.append(process.stderr.readline())
            assert lines[-1], f"ended with {process.wait()}: {lines}"
        time.sleep(2.0)  # it is asked how it is once a second
        process.send_signal(signal.SIGINT)
        out, rest = process.communicate(timeout=60)
    log = "".join(lines) + rest
    assert all(f'"event": "{it}"' in log for it in ("agent_started", "agent_state", "agent_says"))
    assert "hear me at tick " in log
    told = json.loads(out.splitlines()[-1])["agent"]
    assert told["mission"] == "hold"
    assert f'"state": "{told["ship"]}"' in log


def test_the_live_line_says_why_the_ship_is_in_safe_mode_and_how_many_faults_there_were():
    audit = FlowAudit(0)
    assert "ship" not in status_line(audit)
    audit.agent = {"ship": "SAFE_MODE", "reason": "blind", "mission": "dock", "faults": 3}
    assert status_line(audit).endswith("  ship SAFE_MODE (blind), mission dock, agent faults 3")
    assert agent_words(None) == ""


def test_what_is_no_fault_is_not_counted_as_one():
    facts = {
        "agents": {"a": {"asked": 50, "late": 2, "raised": 0}, "b": {"asked": 9, "restarts": 1}}
    }
    assert faults_of(facts) == 3


def test_a_file_that_is_not_there_is_refused_before_anything_starts(tmp_path):
    words = ("up", "--agent", "nofile.py:X", "--data-dir", tmp_path / "none", *ANY_PORTS)
    result = run(*words)
    assert (result.returncode, "there is no file nofile.py" in result.stderr) == (78, True)
    assert not (tmp_path / "none").exists()


def test_a_mission_lets_the_agents_run(tmp_path):
    words = ("up", "--mission", "hold", "--duration", 3, "--json", "--data-dir", tmp_path)
    result = run(*words, *ANY_PORTS)
    assert (result.returncode, '"event": "agent_started"' in result.stderr) == (0, True)
