"""The example of docs/object-type.md runs, and does what the text says."""

import re

from qiki.tracking import ObjectType
from tests.source_tree import ROOT
from tests.tracking.type_scene import frame


def test_the_example_makes_a_tracker_that_knows_the_ferry():
    text = (ROOT / "docs/object-type.md").read_text()
    (example,) = re.findall(r"^```python\n(.*?)^```$", text, re.DOTALL | re.MULTILINE)
    found: dict[str, object] = {}
    exec(compile(example, "docs/object-type.md", "exec"), found)
    assert len(found["anywhere"].object_types) == 5
    for number in range(3):
        tracks = found["tracker"].step(frame(number, [(0.0, 900.0)], names=[b"FERRY-1"])).tracks
    assert tracks["object_type"].tolist() == [ObjectType.SHIP]
