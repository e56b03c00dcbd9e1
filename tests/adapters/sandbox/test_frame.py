"""What is no frame is refused."""

import json
from dataclasses import MISSING

import pytest

from adapters.sandbox.frame import FrameError, decision_from_json, decision_to_json, decode, encode, kept_bytes
from engine import ActionType, Decision
from engine.contract import decision_values


@pytest.mark.parametrize(
    "payload",
    [b"[]", b"5", b"{}", b'{"kind": 5}', b"nonsense", b'{"kind": NaN}', b"\xff", b"[" * 100_000, b'"' + b"9" * 9_999],
    ids=lambda payload: repr(payload[:12]),
)
def test_a_payload_that_is_no_frame_is_refused(payload):
    with pytest.raises(FrameError):
        decode(payload)


def test_numbers_beyond_the_range_of_floats_are_refused():
    with pytest.raises(FrameError):
        decision_from_json(json.loads('{"operation": "buy", "symbol": "X", "leverage": 1e999}'))


DECISIONS = [
    Decision("buy", "X"),
    Decision(
        ActionType.SELL, "X", "because", "\u00e9\n", 0.5, 3, 1.5, 0.1, "Gtc", 2.0, 0.5, "market", "market", 1, 2.5
    ),
    Decision("", "", leverage=10.0, target_portion_of_balance=-0.0, max_price=True, min_price=0, tp_execution=""),
    Decision("hold", "X", None, None, float("inf"), float("-inf"), time_in_force=None, tp_execution=5),
]


@pytest.mark.parametrize("decision", DECISIONS, ids=repr)
def test_a_decision_comes_out_of_its_frame_as_it_went_in_to_the_type_of_each_value(decision):
    told = decode(encode({"kind": "answer", "decision": decision_to_json(decision)}))["decision"]
    values = decision_values(decision_from_json(told))
    before = [each.value if isinstance(each, ActionType) else each for each in decision_values(decision)]
    assert [*map(repr, values)] == [*map(repr, before)]


def test_of_a_decision_only_what_a_program_has_set_is_told():
    assert decision_to_json(Decision("buy", "X", leverage=2)) == {"operation": "buy", "symbol": "X", "leverage": 2}


@pytest.mark.parametrize(
    "value", [MISSING, object(), [1], "x" * 20_000, 1 << 2_000], ids=lambda value: repr(value)[:12]
)
def test_a_value_that_is_none_of_a_decision_is_the_programs_own_error(value):
    for fields in ((value, "X"), ("buy", value), ("buy", "X", value)):
        with pytest.raises((TypeError, ValueError), match="of the Decision"):
            decision_to_json(Decision(*fields))


@pytest.mark.parametrize(
    ("value", "depth"),
    [([[1]], 1), ({"a": {"b": []}}, 2), ({"\ud800": 1}, 1), ("x" * 20_000, 1), ([0] * 300, 1)],
    ids=str,
)
def test_a_value_that_is_not_worth_keeping_is_refused(value, depth):
    with pytest.raises(FrameError):
        kept_bytes(value, depth, 15_000)


def test_what_is_kept_is_counted_as_it_lies_in_memory():
    assert kept_bytes([], 1, 99) == 64
    assert kept_bytes([[]] * 1_000, 2, 70_000) == 1_001 * 64
    assert kept_bytes({"name": "text", "other": 1.5}, 1, 999) == 5 * 64 + len("nametextother")
