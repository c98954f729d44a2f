"""The page of the agent shows the machines as they are."""

from docs import machines
from docs.generate import page_of, page_with


def test_the_page_shows_every_pair():
    page = page_of("agent").read_text("utf-8")
    assert page == page_with(page, machines.text()), "run `make docs`"
    for machine in machines.MACHINES.values():
        for transition in machine.transitions():
            arrow = f"    {transition.from_state.name} --> {transition.to_state.name}: "
            (line,) = [line for line in page.splitlines() if line.startswith(arrow)]
            assert transition.event.name in line.removeprefix(arrow).split(", ")
