"""The page of the reference agent: what it says of the code's tables is what they say."""

import pytest

from docs.reference_agent_page import PAGE, PARTS, page_with_parts
from qiki.agent.rules import RULES


def test_the_page_is_as_make_docs_writes_it():
    page = PAGE.read_text("utf-8")
    assert page_with_parts(page) == page


@pytest.mark.parametrize("name", PARTS)
def test_a_page_without_a_part_s_marks_is_refused(name):
    page = PAGE.read_text("utf-8").replace(f"<!-- End: {name}. -->", "")
    with pytest.raises(ValueError, match=f"the marks of {name} 0 times"):
        page_with_parts(page)


def test_every_rule_is_a_row():
    rows = [line for line in PARTS["rules"]().splitlines() if line.startswith("| `")]
    assert [row.split("`")[1] for row in rows] == [rule.name for rule in RULES]
