"""What is no frame is refused."""

import json

import pytest

from adapters import Sandbox
from adapters.sandbox.frame import MOST_FRAME_BYTES, FrameError, decision_from_json, decode
from tests.support.sandboxes import TIGHT, jailed, run_code


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


@jailed
@pytest.mark.parametrize(
    "content", [b"\xff\xff\xff\x7f", (MOST_FRAME_BYTES + 1).to_bytes(4, "little"), b"\x02\0\0\0[]"]
)
def test_frames_written_by_the_program_itself_are_refused(content):
    code = f"""
import sys
class A:
    def should_trade(self, data):
        os = sys.modules["os"]
        for number in range(3, 20):
            try: os.write(number, {content!r} + b"x" * 2000)
            except OSError: pass
"""
    with Sandbox(TIGHT, restricted=False) as unrestricted:
        result = run_code(code, unrestricted.executor)
    assert "the program was stopped" in result.error
