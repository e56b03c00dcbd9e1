"""Results in files: strict JSON, and CSV files of trades, equity curve and own series. Each appears complete."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence, Sized
from contextlib import AbstractContextManager, nullcontext
from dataclasses import fields
from functools import cache
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
import numpy.typing as npt

from engine import BacktestResult, BacktestTradeRecord
from engine.json_text import json_pieces
from engine.market.series import FloatColumn, TimeColumn
from engine.periods import DAY_MS, MINUTE_MS, SECOND_MS
from engine.result import CurvePart, OwnSeries

from ..output import atomic_file
from ..runs import long_step, unseen

T = TypeVar("T")

#: Fewer are written in no time.
_MANY = 2_000

_BLOCK_ROWS = 65_536

#: The least time in epoch ms with 13 digits. The last seven are those below the upper, and whole minutes end in 0000.
_THIRTEEN_DIGITS = 10**12
_UPPER_MS, _LOWER_MS = 10**7, 10**4


def write_result_json(
    result: BacktestResult, path: str | Path, timing: bool = True, all_triggers: bool = False
) -> None:
    """Write a result as strict JSON: keys sorted, one line for each field and for each item of a list.

    Without `timing` the same run gives the same bytes. Quiet triggers are counted, and written with `all_triggers`.
    """
    triggers = len(result.trigger_log) - (0 if all_triggers else result.quiet_triggers)
    _write_texts(result.json_parts(timing, all_triggers), len(result.trades) + triggers, path)


def write_json_entry(entry: Mapping[str, Any], path: str | Path) -> None:
    """Write plain values, of which each list may be made while it is written, in the form of a result's JSON."""
    lists = [value for value in entry.values() if isinstance(value, Sized) and not isinstance(value, str)]
    _write_texts(json_pieces(entry), sum(map(len, lists)), path)


def _write_texts(texts: Iterable[str], count: int, path: str | Path) -> None:
    """Write texts of about so many items of lists; many of them show a bar."""
    with atomic_file(path) as file, _bar("writing the result", count, "items") as advance:
        for text in texts:
            file.write(text.encode())
            advance(1)


def write_journal(result: BacktestResult, path: str | Path) -> None:
    """Write the journal of a result, line by line, as it is made; it must have been recorded."""
    assert result.journal is not None
    with atomic_file(path) as file:
        file.writelines(result.journal)


def write_trades_csv(trades: Collection[BacktestTradeRecord], path: str | Path) -> None:
    """Write closed trades, one a row, under the names of their fields; times in epoch ms, and those of first fill and
    exit as ISO text (UTC) too.
    """
    names = [field.name for field in fields(BacktestTradeRecord)]
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(["opened_at", "closed_at", *names])
    for trade in _told("writing the trades", trades, "trades"):
        values = trade.to_dict()
        values["triggered_signals"] = "; ".join(trade.triggered_signals)
        times = _iso_texts(np.array([trade.entry_timestamp, trade.exit_timestamp], np.int64))
        writer.writerow([*times, *(_unsigned_zero(values[name]) for name in names)])
    with atomic_file(path) as file:
        file.write(text.getvalue().encode(errors="backslashreplace"))


def _told(what: str, items: Collection[T], unit: str) -> Iterator[T]:
    """Yield items, and show how many there have been where there are many."""
    with _bar(what, len(items), unit) as advance:
        for item in items:
            yield item
            advance(1)


def _bar(what: str, count: int, unit: str) -> AbstractContextManager[Callable[[int], None]]:
    return nullcontext(unseen) if count < _MANY else long_step(what, count, unit)


def write_records_csv(result: BacktestResult, path: str | Path) -> None:
    """Write the program's own series, one instant a row: time in epoch ms and as ISO text, and the value of each series
    under its name, empty where none was recorded then.
    """
    write_series_csv(result.records, path)


def write_series_csv(series: Mapping[str, OwnSeries], path: str | Path) -> None:
    """Write series by name, see `write_records_csv`."""
    times = np.unique(np.concatenate([np.empty(0, np.int64), *(each.timestamp_ms for each in series.values())]))
    places = [np.searchsorted(times, each.timestamp_ms) for each in series.values()]
    columns = [np.full(len(times), "", object) for _ in series]
    for column, place, each in zip(columns, places, series.values(), strict=True):
        column[place] = [repr(_unsigned_zero(value)) for value in each.value.tolist()]
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(["timestamp", "time", *series])
    writer.writerows(zip(times.tolist(), _iso_texts(times) if len(times) else (), *columns, strict=True))
    with atomic_file(path) as file:
        file.write(text.getvalue().encode(errors="backslashreplace"))


def write_equity_csv(result: BacktestResult, path: str | Path) -> None:
    """Write the full equity curve, one instant a row: time in epoch ms and as ISO text, equity, balance, drawdown."""
    write_equity_parts(result.equity.parts(_BLOCK_ROWS), len(result.equity), path)


def write_equity_parts(parts: Iterable[CurvePart], count: int, path: str | Path) -> None:
    """Write the parts of an equity curve of so many instants, see `write_equity_csv`."""
    with atomic_file(path) as file, _bar("writing the equity", count, "rows") as advance:
        file.write(b"timestamp,time,equity,balance,drawdown\n")
        for times, *figures in parts:
            file.write(b"".join(_equity_rows(times, figures)))
            advance(len(times))


def _equity_rows(times: TimeColumn, figures: Sequence[FloatColumn]) -> Iterator[bytes]:
    """Yield the text of rows: at once of those that follow one another with the same figures to the bit, as most do
    while there is no position.
    """
    heads = _minute_heads(times) if _are_late_minutes(times) else _heads(times)
    is_new = [np.append(True, bits[1:] != bits[:-1]) for bits in (column.view(np.int64) for column in figures)]
    starts = np.flatnonzero(np.logical_or.reduce(is_new))
    cells = [_cells(column, new, starts) for column, new in zip(figures, is_new, strict=True)]
    ends = [*starts[1:].tolist(), len(heads)]
    for start, end, texts in zip(starts.tolist(), ends, zip(*cells, strict=True), strict=True):
        tail = f"{','.join(texts)}\n".encode()
        yield tail.join(heads[start:end]) + tail


def _cells(column: FloatColumn, is_new: npt.NDArray[np.bool_], rows: npt.NDArray[np.intp]) -> list[str]:
    """Return the cells of some rows; one is written again only where it is new: that takes longer than all else."""
    texts = np.array([*map(repr, column[is_new].tolist())], object)
    cells: list[str] = texts[np.cumsum(is_new)[rows] - 1].tolist()
    return cells


def _heads(times: TimeColumn) -> list[bytes]:
    """Return the first two cells of each row, the time in epoch ms and as text, with commas behind them."""
    return [f"{time},{text},".encode() for time, text in zip(times.tolist(), _iso_texts(times), strict=True)]


def _are_late_minutes(times: TimeColumn) -> bool:
    """Return whether times are whole minutes of 13 digits, as they are from 2001 to 2286."""
    return bool(not (times % MINUTE_MS).any() and times[0] >= _THIRTEEN_DIGITS and times[-1] < 10 * _THIRTEEN_DIGITS)


def _minute_heads(times: TimeColumn) -> list[bytes]:
    """Return the same as `_heads` of late minutes, from pieces that are few, which takes half the time."""
    heads = np.empty(len(times), [("upper", "S6"), ("lower", "S8"), ("date", "S10"), ("clock", "S11")])
    upper, days = times // _UPPER_MS, times // DAY_MS
    lower_texts, clock_texts = _minute_pieces()
    heads["upper"] = np.arange(upper[0], upper[-1] + 1).astype("S6")[upper - upper[0]]
    heads["lower"] = lower_texts[times % _UPPER_MS // _LOWER_MS]
    dates = np.arange(days[0], days[-1] + 1).astype("datetime64[D]")
    heads["date"] = np.datetime_as_string(dates).astype("S10")[days - days[0]]
    heads["clock"] = clock_texts[times % DAY_MS // MINUTE_MS]
    found: list[bytes] = heads.view(f"S{heads.itemsize}").tolist()
    return found


@cache
def _minute_pieces() -> tuple[npt.NDArray[np.bytes_], npt.NDArray[np.bytes_]]:
    """Return how a time in epoch ms can end, and the minutes of a day."""
    ends = [f"{number:03}0000," for number in range(_UPPER_MS // _LOWER_MS)]
    clocks = [f"T{minute // 60:02}:{minute % 60:02}:00Z," for minute in range(DAY_MS // MINUTE_MS)]
    return np.array(ends, "S8"), np.array(clocks, "S11")


def _unsigned_zero(value: Any) -> Any:
    """Return a value as it is, but -0.0 as 0.0."""
    return value + 0.0 if isinstance(value, float) else value


def _iso_texts(times: TimeColumn) -> list[str]:
    whole = not (times % SECOND_MS).any()
    moments = (times // SECOND_MS).astype("datetime64[s]") if whole else times.astype("datetime64[ms]")
    return [f"{text}Z" for text in np.datetime_as_string(moments).tolist()]
