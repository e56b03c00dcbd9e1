"""Results in files: strict JSON, and CSV files of trades, equity curve and own series. Each appears complete."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import fields, replace
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from engine import BacktestResult, BacktestTradeRecord
from engine.market.series import FloatColumn, TimeColumn
from engine.periods import DAY_MS, MINUTE_MS, SECOND_MS
from engine.plain_values import plain

from ..output import atomic_file

_BLOCK_ROWS = 65_536


def write_result_json(
    result: BacktestResult, path: str | Path, timing: bool = True, all_triggers: bool = False
) -> None:
    """Write a result as strict JSON: keys sorted, one line for each field and for each item of a list.

    Without `timing` the same run gives the same bytes. Quiet triggers are counted, and written with `all_triggers`.
    """
    with atomic_file(path) as file:
        for part in _json_parts(result, timing, all_triggers):
            file.write(part.encode())


def write_trades_csv(trades: Iterable[BacktestTradeRecord], path: str | Path) -> None:
    """Write closed trades, one a row, under the names of their fields; times in epoch ms, and those of first fill and
    exit as ISO text (UTC) too.
    """
    names = [field.name for field in fields(BacktestTradeRecord)]
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(["opened_at", "closed_at", *names])
    for trade in trades:
        values = trade.to_dict()
        values["triggered_signals"] = "; ".join(trade.triggered_signals)
        times = _iso_texts(np.array([trade.entry_timestamp, trade.exit_timestamp], np.int64))
        writer.writerow([*times, *(_unsigned_zero(values[name]) for name in names)])
    with atomic_file(path) as file:
        file.write(text.getvalue().encode(errors="backslashreplace"))


def write_records_csv(result: BacktestResult, path: str | Path) -> None:
    """Write the program's own series, one instant a row: time in epoch ms and as ISO text, and the value of each series
    under its name, empty where none was recorded then.
    """
    series = result.records
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
    with atomic_file(path) as file:
        file.write(b"timestamp,time,equity,balance,drawdown\n")
        for times, *figures in result.equity.parts(_BLOCK_ROWS):
            rows = zip(times.tolist(), _iso_texts(times), _figure_texts(*figures), strict=True)
            file.write("".join([f"{t},{text},{others}\n" for t, text, others in rows]).encode())


def _figure_texts(*columns: FloatColumn) -> list[str]:
    """Return the cells of each row with commas between them; a row that is the one before to the bit, as most are while
    there is no position, has its text: to write a float takes longer than all else.
    """
    bits = np.column_stack([column.view(np.int64) for column in columns])
    new = np.flatnonzero(np.append(True, (bits[1:] != bits[:-1]).any(axis=1)))
    cells = [map(repr, column[new].tolist()) for column in columns]
    texts = np.array([*map(",".join, zip(*cells, strict=True))], object)
    again: list[str] = np.repeat(texts, np.diff(np.append(new, len(bits)))).tolist()
    return again


def _unsigned_zero(value: Any) -> Any:
    """Return a value as it is, but -0.0 as 0.0."""
    return value + 0.0 if isinstance(value, float) else value


def _iso_texts(times: TimeColumn) -> list[str]:
    if not (times % MINUTE_MS).any():
        return _minute_texts(times)
    whole = not (times % SECOND_MS).any()
    moments = (times // SECOND_MS).astype("datetime64[s]") if whole else times.astype("datetime64[ms]")
    return [f"{text}Z" for text in np.datetime_as_string(moments).tolist()]


def _minute_texts(times: TimeColumn) -> list[str]:
    """Return whole minutes as texts, put together of those of the days and of the minutes of a day, which are few."""
    days = times // DAY_MS
    first, last = int(days.min()), int(days.max())
    dates = np.datetime_as_string(np.arange(first, last + 1).astype("datetime64[D]")).astype(object)
    texts: list[str] = (dates[days - first] + _clock_texts()[times % DAY_MS // MINUTE_MS]).tolist()
    return texts


@cache
def _clock_texts() -> npt.NDArray[np.object_]:
    minutes = range(DAY_MS // MINUTE_MS)
    return np.array([f"T{minute // 60:02}:{minute % 60:02}:00Z" for minute in minutes], object)


def _json_parts(result: BacktestResult, timing: bool, all_triggers: bool) -> Iterator[str]:
    """Yield the text piece by piece: the trigger log of a long run is never in memory as a whole."""
    log = result.trigger_log
    entry = replace(result, trigger_log=log.empty()).to_dict(timing)
    entry["trigger_log"] = log if all_triggers else log.eventful()
    yield "{"
    for place, name in enumerate(sorted(entry)):
        yield f"{',' * bool(place)}\n{json.dumps(name)}: "
        value = entry[name]
        if isinstance(value, Sequence | Iterator) and not isinstance(value, str):
            yield from _json_list(value)
        else:
            yield _json_text(value)
    yield "\n}\n"


def _json_list(items: Iterable[Any]) -> Iterator[str]:
    yield "["
    row = -1
    for row, item in enumerate(items):
        yield f"{',' * bool(row)}\n  {_json_text(item)}"
    yield "]" if row < 0 else "\n]"


def _json_text(value: Any) -> str:
    try:
        return json.dumps(value, sort_keys=True, allow_nan=False)
    except ValueError:  # a figure beyond what a float can hold: said as text
        return json.dumps(plain(value), sort_keys=True)
