"""Where a trailing stop stood, in steps, as the prices tell it that it followed."""

from __future__ import annotations

import numpy as np

from engine.exchange import ExitNote
from engine.market import WatchColumns

#: Of more steps so many are kept, spread evenly, the first and the last among them.
MOST_STEPS = 24


def trailing_levels(note: ExitNote, end_ms: int, spans: WatchColumns) -> list[tuple[int, float]]:
    """Return the instants (epoch ms) at which a trailing stop moved while a note held, and where to, in USD: it follows
    the best price of the spans that have ended, and stands `trailing_percent` behind it.
    """
    assert note.trailing_percent is not None
    assert note.best is not None
    assert note.since is not None
    long = note.sign > 0
    first, stop = spans.first_from(note.since), spans.first_from(end_ms)
    ends, column = spans.end_ms[first:stop], (spans.high if long else spans.low)[first:stop]
    column, ends = column[ends <= end_ms], ends[ends <= end_ms]
    if note.take_profit is not None:
        column = np.minimum(column, note.take_profit) if long else np.maximum(column, note.take_profit)
    bests = (np.maximum if long else np.minimum).accumulate(np.concatenate(([note.best], column)))
    times = np.concatenate(([note.since], ends))
    moved = np.flatnonzero(np.concatenate(([True], bests[1:] != bests[:-1])))
    before = moved[times[moved] <= note.timestamp][-1:]
    moved = np.concatenate((before, moved[times[moved] > note.timestamp]))
    if len(moved) > MOST_STEPS:
        moved = moved[np.linspace(0, len(moved) - 1, MOST_STEPS).astype(np.int64)]
    levels = bests[moved] * (1.0 - note.sign * note.trailing_percent / 100.0)
    return [*zip(np.maximum(times[moved], note.timestamp).tolist(), levels.tolist(), strict=True)]
