"""What is no frame is refused."""

import json

import pytest

from adapters.sandbox.frame import FrameError, decision_from_json, decode, kept_bytes


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
        decision_from_json(json.loads("[1e999" + ",1" * 12 + "]"))


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
