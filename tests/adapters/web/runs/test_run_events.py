"""The events of one run."""

from __future__ import annotations

from adapters.web.runs import RunEvents
from adapters.web.runs.run_events import MOST_PROGRESS


def test_old_progress_is_thinned_out_and_nothing_else() -> None:
    events = RunEvents(1)
    events.add("init")
    for current in range(10_000):
        events.add("progress", current=current)
    events.add("complete")
    events.add("error")
    found = events.after(0)
    assert len(found) <= MOST_PROGRESS + 2
    assert [each.kind for each in found if each.kind != "progress"] == ["init", "complete"]
    current = [each.data["current"] for each in found if each.kind == "progress"]
    assert current == sorted(current)
    assert (current[0], current[-1]) == (0, 9_999)
    assert events.after(found[5].number) == found[6:]
