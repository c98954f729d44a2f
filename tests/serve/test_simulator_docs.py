"""`docs/simulator.md` names each call of the gRPC API and each field of its answer."""

from qiki.wire.generated import q_sim_api_pb2
from qiki.wire.generated.actuator_raw_out_pb2 import Wrench
from tests.source_tree import ROOT

PAGE = (ROOT / "docs" / "simulator.md").read_text("utf-8")
SERVICE = q_sim_api_pb2.DESCRIPTOR.services_by_name["QSimAPIService"]


def test_each_call_and_what_it_answers():
    for method in SERVICE.methods:
        (row,) = (line for line in PAGE.splitlines() if line.startswith(f"| `{method.name}`"))
        for field in method.output_type.fields:
            if field.name != "skipped":  # of all streams, told below the table
                assert f"`{field.name}`" in row, (method.name, field.name)
    assert "`skipped`" in PAGE


def test_each_field_of_a_wrench():
    for field in Wrench.DESCRIPTOR.fields:
        assert f"`{field.name}`" in PAGE
