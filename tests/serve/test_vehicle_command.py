"""``qiki vehicle`` in a process of its own: what it prints, its exit codes, and what refuses."""

from docs import vehicle_table
from docs.generate import page_of, page_with
from qiki.vehicle import VehicleConfig
from tests.serve.qiki_command import last_json, one_line_error, run


def test_check_says_what_a_vehicle_is_made_of():
    result = run("vehicle", "check", "default")
    assert (result.returncode, result.stderr) == (0, "")
    lines = result.stdout.splitlines()
    assert lines[0] == "default: OK: 300 kg and 12 kg of propellant, 16 thrusters"
    assert lines[1].startswith("  loads: nbl 20 W, radar 18 W, transponder 6 W, ")
    assert "  ports: A, B" in lines
    assert lines[-1] == "  besides: drive, comms"


def test_check_says_everything_that_is_wrong_by_line(tmp_path):
    text = run("vehicle", "show", "default").stdout
    assert text == VehicleConfig.built_in_text("default")
    wrong = text.replace("nbl,", "nbl, x: 1,")
    path = tmp_path / "wrong.yaml"
    path.write_text(wrong)
    result = run("vehicle", "check", "default", path)
    assert result.returncode == 78
    ours = [line for line in result.stdout.splitlines() if line.startswith(str(path))]
    numbers = [n for n, line in enumerate(wrong.splitlines(), 1) if "nbl, x: 1," in line]
    assert len(numbers) == 2
    assert [int(line.split(":")[1]) for line in ours] == numbers
    good, bad = last_json(run("vehicle", "check", "default", path, "--json"))["files"]
    assert (good["ok"], good["loads_w"]["radar"], good["thrusters"]) == (True, 18.0, 16)
    assert (bad["ok"], len(bad["problems"])) == (False, 2)


def test_list_and_schema_and_a_name_that_is_none():
    assert last_json(run("vehicle", "list", "--json")) == {
        name: VehicleConfig.load(name).description for name in ("default", "training")
    }
    assert "power" in run("vehicle", "schema").stdout
    result = run("vehicle", "show", "other")
    assert result.returncode == 78
    assert "NAME is 'other', must be one of default" in one_line_error(result)


def test_the_page_has_the_default_vehicle_as_its_file_has_it():
    page = page_of("vehicle").read_text("utf-8")
    assert page == page_with(page, vehicle_table.text(), vehicle_table.BEGIN), "run `make docs`"
    assert "| `nbl` | 20 | on, wants 20 W | is shed | goes on |" in page
    assert "within 0.15 m, 0.1 m/s, 5° and 1°/s" in page
