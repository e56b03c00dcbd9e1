"""When the klines of a file open: their period, stamps at their ends, and stamps beside the grid."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import NoReturn

import numpy as np
import numpy.typing as npt

from engine import PERIOD_MS, utc_text
from engine.errors import FileFormatError
from engine.instants import duration_text
from engine.market import letters_of
from engine.periods import MINUTE_MS, SECOND_MS

from ..database import period_length
from .tables import TableFile, listed, timed_rows

#: Klines in this shape come from BitMEX.
_BUCKET = "amount home_notional"
_TARDIS_BARS = {"opentimestamp", "closetimestamp", "timestamp", "localtimestamp"}
_LEAVE_OUT = "--skip-off-grid leaves such klines out"
_NOT_FINISHED = ("0", "false", "no", "open")


@dataclass(frozen=True)
class KlineRules:
    """What a user says of the times of klines: see `read_kline_file`."""

    period: str | None = None
    stamped: str | None = None
    skip_off_grid: bool = False
    snap: bool = False


@dataclass(frozen=True)
class KlineTimes:
    """When the klines of a table open, the column that told it, and in words what it holds."""

    ms: npt.NDArray[np.int64]
    period: str
    field: str
    unit: str


def opened_klines(table: TableFile, rules: KlineRules) -> tuple[TableFile, KlineTimes]:
    """Return the finished klines of a table in order of time, with remarks, and when they open.

    Raises `FileFormatError` for times that are no opens of klines of one period.
    """
    field = next((each for each in ("time", "close_time") if each in table), None)
    if field is None:
        problem = f"there is no such column; the file has {listed(table.all_titles)}"
        raise FileFormatError(table.path, None, "time", f"{problem}; say which it is with --column time=TITLE")
    at_end = _are_stamped_at_end(table, field, rules.stamped)
    table, times = timed_rows(_confirmed(table), field)
    table, period = _with_period(table, field, times.ms, rules.period)
    length = PERIOD_MS[period]
    ends = _ends(times.ms, length)
    if not at_end and rules.stamped is None and (ends != times.ms).all() and (ends % length == 0).all():
        problem = f"these are the last moments of {period} klines, as {_exact(times.ms[0])}"
        table.fail(field, f"{problem}: say --stamped end, or --stamped start if not so")
    opens = KlineTimes(ends - length if at_end else times.ms, period, field, times.unit)
    if at_end:
        table = table.noting(f"the times in {table.titles[field]} are those of the ends of klines")
    if rules.snap:
        table, opens = _snapped(table, opens)
    on_grid = opens.ms % length == 0
    table.require(
        on_grid | rules.skip_off_grid,
        field,
        lambda row: (
            f"{utc_text(int(opens.ms[row] + length * at_end))} is not the {'end' if at_end else 'start'} "
            f"of a {period} kline"
        ),
        f"{_LEAVE_OUT}, --snap moves a stretch of them to the grid",
    )
    forming = _is_forming(table, opens)
    table, opens = _kept(table, opens, ~forming, "not finished when the file was written")
    return _kept(table, opens, opens.ms % length == 0, "off the grid")


def _ends(times_ms: npt.NDArray[np.int64], length: int) -> npt.NDArray[np.int64]:
    """Return the ends of klines: their last millisecond stands for it and, where all have such stamps, the second."""
    if (times_ms % length == length - SECOND_MS).all():
        return times_ms + SECOND_MS
    return np.where(times_ms % SECOND_MS == SECOND_MS - 1, times_ms + 1, times_ms)


def _confirmed(table: TableFile) -> TableFile:
    """Leave out the klines of which the file says that they are not finished."""
    if "confirmed" not in table:
        return table
    texts = table.values["confirmed"].astype(str).str.strip().str.lower().str.removesuffix(".0")
    done = ~texts.isin(_NOT_FINISHED).to_numpy(dtype=bool)
    return table if done.all() else _without(table, done, "not finished when the file was written")


def _without(table: TableFile, good: npt.NDArray[np.bool_], what: str) -> TableFile:
    if not good.any():
        table.fail(None, "no kline is finished and on the grid")
    count = len(good) - int(good.sum())
    return table.kept(good).noting(f"{count:,} klines were {what}; they are left out")


def _kept(table: TableFile, opens: KlineTimes, good: npt.NDArray[np.bool_], what: str) -> tuple[TableFile, KlineTimes]:
    if good.all():
        return table, opens
    return _without(table, good, what), replace(opens, ms=opens.ms[good])


def _is_forming(table: TableFile, opens: KlineTimes) -> npt.NDArray[np.bool_]:
    """Whether the last kline went on when the file was written."""
    written_ms = int(Path(table.path).stat().st_mtime * SECOND_MS)
    forming = np.zeros(len(opens.ms), bool)
    forming[-1] = opens.ms[-1] <= written_ms < opens.ms[-1] + PERIOD_MS[opens.period]
    return forming


def _are_stamped_at_end(table: TableFile, field: str, stamped: str | None) -> bool:
    """Whether a kline's time is its end: said, or told by the column, or by one of closing times that is the same."""
    told = field == "close_time"
    if field == "time" and "close_time" in table:
        time, close = table.values["time"], table.values["close_time"]
        both_numbers = time.dtype.kind in "iuf" and close.dtype.kind in "iuf"
        told = bool(((close - time).abs() <= 1).all() if both_numbers else (close == time).all())
    if stamped == "start" and told:
        table.fail(field, "these are the times at which klines end, not --stamped start")
    if stamped is None and not told and _BUCKET in table:
        table.fail(field, "BitMEX stamps such klines at their ends: say --stamped end, or --stamped start if not so")
    if stamped is None and set(map(letters_of, table.all_titles)) >= _TARDIS_BARS:
        problem = "bars of Tardis end at their timestamp, and their first trade may come late"
        table.fail(field, f"{problem}: say --column time=timestamp --stamped end")
    return told or stamped == "end"


def _with_period(
    table: TableFile, field: str, times_ms: npt.NDArray[np.int64], wanted: str | None
) -> tuple[TableFile, str]:
    """Return the period of klines: that with the commonest step, or the wanted one if steps are multiples of it."""
    if wanted is not None and (len(times_ms) < 2 or not period_length(wanted)):
        return table, wanted
    if len(times_ms) < 2:
        table.fail(None, "one kline does not tell its period; name it (--period)")
    steps, counts = np.unique(np.diff(times_ms), return_counts=True)
    step = int(steps[np.argmax(counts)])
    if wanted is not None:
        return _sparse(table, field, wanted, step)
    found = next((name for name, length in PERIOD_MS.items() if length == step), None)
    shorter = next((name for name, length in PERIOD_MS.items() if length == int(steps[0])), None)
    sparse = f"; where those without a trade are left out, say --period {shorter or '1m'}"
    if found is None:
        problem = f"klines are {_length(step)} apart ({step:,} ms), which is none of {', '.join(PERIOD_MS)}"
        unsteady = "; where stamps are not on the minute, name the period (--period)"
        table.fail(field, problem + (sparse if step % PERIOD_MS[shorter or "1m"] == 0 else unsteady))
    if shorter is not None and steps[0] < step:
        problem = f"klines are {found} apart, but some {shorter}: these may be {shorter} klines"
        table.fail(field, problem + sparse)
    return table, found


def _sparse(table: TableFile, field: str, wanted: str, commonest: int) -> tuple[TableFile, str]:
    """Return the wanted period, which counts where klines are left out too, as those without a trade are."""
    said = next((name for name, each in PERIOD_MS.items() if each == commonest), _length(commonest))
    if commonest % PERIOD_MS[wanted] and commonest % MINUTE_MS == 0:  # else stamps are beside every grid
        table.fail(field, f"these are {said} klines, not {wanted}: --period {said} says so, whatever a name tells")
    if commonest != PERIOD_MS[wanted]:
        table = table.noting(f"most klines are {said} apart; they are taken as {wanted} klines, as --period says")
    return table, wanted


def _length(step_ms: int) -> str:
    return f"{step_ms / SECOND_MS:g} s" if step_ms % MINUTE_MS else duration_text(step_ms)


def _snapped(table: TableFile, opens: KlineTimes) -> tuple[TableFile, KlineTimes]:
    """Move stretches of klines that are all off by the same time back to the grid, and say so.

    Raises `FileFormatError` where the time changes within a stretch, is a minute or more, or two klines would meet.
    """
    length, ms = PERIOD_MS[opens.period], opens.ms.copy()
    late = ms % length
    before = np.concatenate(([0], late[:-1]))
    table.require(
        (late == before) | (late == 0) | (before == 0),
        opens.field,
        lambda row: (
            f"{_exact(ms[row])} is {late[row]:,} ms behind the grid, the kline before {before[row]:,} ms: --snap moves "
            "stretches that are off by one time"
        ),
        _LEAVE_OUT,
    )
    places = np.flatnonzero(late)
    for stretch in np.split(places, np.flatnonzero(np.diff(places) > 1) + 1) if len(places) else []:
        first, last = int(stretch[0]), int(stretch[-1])
        move = _way_to_grid(ms, first, last, length)
        if move is None:
            _refuse_to_move(table, opens, stretch)
        else:
            said = f"{_exact(ms[first])} to {_exact(ms[last])} are moved by {move:+,} ms to the grid"
            table = table.noting(f"{len(stretch):,} klines from {said}")
            ms[stretch] += move
    return table, replace(opens, ms=ms)


def _way_to_grid(ms: npt.NDArray[np.int64], first: int, last: int, length: int) -> int | None:
    """Return the shortest way, less than a minute, on which a stretch of klines meets no other one."""
    late = int(ms[first] % length)
    for move in sorted((-late, length - late), key=abs):
        meets_before = first > 0 and ms[first] + move <= ms[first - 1]
        meets_behind = last + 1 < len(ms) and ms[last] + move >= ms[last + 1]
        if abs(move) < MINUTE_MS and not meets_before and not meets_behind:
            return move
    return None


def _refuse_to_move(table: TableFile, opens: KlineTimes, stretch: npt.NDArray[np.int64]) -> NoReturn:
    length, first = PERIOD_MS[opens.period], opens.ms[stretch[0]]
    late = int(first % length)
    if min(late, length - late) >= MINUTE_MS:
        problem = f"{_exact(first)} is {_length(late)} behind the grid of {opens.period} klines: that is no small shift"
    else:
        rows = f"{table.row_number(int(stretch[0]))} to {table.row_number(int(stretch[-1]))}"
        problem = f"the klines of rows {rows}, moved to the grid, would meet another one"
    table.fail(opens.field, f"{problem}; --skip-off-grid, without --snap, leaves klines beside the grid out")


def _exact(time_ms: np.int64) -> str:
    return f"{utc_text(int(time_ms)).removesuffix(' UTC')}.{time_ms % SECOND_MS:03d} UTC"
