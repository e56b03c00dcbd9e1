"""What a program keeps on its object from one trigger to the next is told from its text."""

import pytest

from engine import validate_program
from engine.program.language import LIVE_FORGETS

CLASS = """
class A:
    def __init__(self):
        self.n, self.seen, self.by_name = 0, [], {}
    def init(self, params):
        self.n = params.get("n", self.n)
    def should_trade(self, data):
        BODY
        return self.helper(data)
    def helper(self, data):
        return None
"""


def kept(text, language="python"):
    found = [each for each in validate_program(text, language) if each.hint == LIVE_FORGETS]
    assert {each.severity for each in found} <= {"warning"}
    return [(each.line, each.column, each.message) for each in found]


@pytest.mark.parametrize("language", ["python", "platform"])
@pytest.mark.parametrize(
    ("body", "name"),
    [
        ("self.n += 1", "n"),
        ("self.n = self.n + 1", "n"),
        ("self.seen.append(1)", "seen"),
        ("self.by_name['x'] = 1", "by_name"),
        ("del self.by_name['x']", "by_name"),
        ("log(self.n); self.n = 5", "n"),
    ],
)
def test_what_is_changed_later_and_read_is_kept(body, name, language):
    ((line, _, message),) = kept(CLASS.replace("BODY", body), language)
    assert (line, message) == (8, f"self.{name} is kept from one trigger to the next")


@pytest.mark.parametrize(
    "body",
    [
        "pass",
        "log(self.n)",
        "log(self.seen.index(1))",
        "self.last = 5",  # nobody reads it
        "data.note = {}; log(data)",
        "other = A(); other.n = 5",
    ],
)
def test_what_is_only_read_or_only_written_or_another_object_s_is_not(body):
    assert kept(CLASS.replace("BODY", body)) == []


def test_a_helper_counts_too_and_one_warning_is_enough():
    text = CLASS.replace("BODY", "self.seen.append(1)").replace("return None", "self.n += 1; return None")
    assert [line for line, *_ in kept(text)] == [8]
    assert [line for line, *_ in kept(CLASS.replace("BODY", "pass").replace("return None", "self.n += 1"))] == [11]
