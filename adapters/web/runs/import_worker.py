"""The process that reads uploaded files for the server: ``python -m adapters.web.runs.import_worker``.

It reads its job, one line of JSON, from standard input: to look at files, or to import them into the database. What is
in the files is believed in nothing: memory and time are limited, and what is wrong is one sentence.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import partial
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np

from engine import DataError, PerpsimError, utc_text
from engine.market import ALL_SYMBOLS

from ...database import Database, crypto_klines, open_database, write_features
from ...files import ContractSize, ImportedFile, KlineFile, ReadOptions, read_feature_file
from ...imports import FileOptions, GroupReport, ImportGroup, import_group, plan_import, reading_of, told_by_name
from ...input import open_input, unpacked
from ...runs import steps_told
from .option_words import told_on_page
from .run_worker import Channel
from .strange_files import told_without, work

FEATURE = "feature"
_MOST_CPU_S = {"look": 300, "import": 7_200}
_SHOWN_ROWS, _SHOWN_LINES, _LONGEST_LINE = 5, 5, 200
_MOST_REMARKS, _LONGEST_REMARK = 30, 500
_TICK_S = 0.2


def main() -> None:
    """Do the job that stands on standard input."""
    entry = json.loads(sys.stdin.buffer.readline())
    is_look = entry["mode"] == "look"

    def job(channel: Channel) -> dict[str, Any]:
        return look_at(entry) if is_look else import_all(channel, entry)

    work(job, _hidden(entry), _MOST_CPU_S[entry["mode"]])


def _hidden(entry: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Return what no client is told of where files lie, each with what stands in its place."""
    files = [(each["path"], each["name"]) for each in entry["files"]]
    return files + [(str(Path(each["path"]).parent) + "/", "") for each in entry["files"]]


def look_at(entry: Mapping[str, Any]) -> dict[str, Any]:
    """Return what one file is recognised as, its first rows, and what would be wrong with it."""
    (file,) = entry["files"]
    found: dict[str, Any] = {"lines": _first_lines(file["path"]), "problem": None, "groups": [], "remarks": []}
    try:
        with steps_told(lambda what, done, total: None):
            found.update(_recognised([file["path"]], entry["options"]))
    except DataError as error:
        found["problem"] = told_on_page(str(error).replace(file["path"], file["name"]))
    return found


def _recognised(paths: Sequence[str], options: Mapping[str, Any]) -> dict[str, Any]:
    said = _said(options)
    if options.get("kind") == FEATURE:
        file, parts = read_feature_file(
            paths[0], _feature_name(options), options.get("symbol"), said.where, said.columns, said.options
        )
        names = sorted({part.feature for part in parts})
        symbol = ", ".join(sorted({"every symbol" if part.symbol == ALL_SYMBOLS else part.symbol for part in parts}))
        sample = _sample(parts[0].rows.timestamp_ms, {parts[0].feature: parts[0].rows.value})
        times = parts[0].rows.timestamp_ms
        told = {**_file_told(file), **sample, "first_ms": int(times[0]), "last_ms": int(times[-1])}
        return {"groups": [{"symbol": symbol, "kind": FEATURE, "period": None, "names": names, "files": [told]}]}
    plan = plan_import(paths, options.get("symbol"), options.get("kind"), options.get("period"))
    groups = []
    for group in plan.groups:
        files = [_looked(file) for file in _files_of(group, said)]
        period = group.period or next((each["period"] for each in files if each["period"]), None)
        groups.append({"symbol": group.symbol, "kind": group.kind, "period": period, "names": [], "files": files})
    return {"groups": groups, "remarks": _cut(plan.remarks)}


def _files_of(group: ImportGroup, said: FileOptions) -> Iterator[ImportedFile | KlineFile]:
    reading = reading_of(group.kind, group.period, said)
    read = map(reading.read, group.paths)
    yield from read if reading.join is None else reading.join(read)


def _looked(file: ImportedFile | KlineFile) -> dict[str, Any]:
    told = _file_told(file)
    if isinstance(file, KlineFile):
        k = file.klines
        columns = {"open": k.open, "high": k.high, "low": k.low, "close": k.close, "volume": k.volume}
        return {**told, **_sample(k.open_ms, columns)}
    parts = [part for part in file.rows if len(part)]
    sample = _sample(parts[0].times_ms, dict(parts[0].columns)) if parts else _sample(np.empty(0, np.int64), {})
    return {**told, **sample}


def _file_told(file: ImportedFile | KlineFile) -> dict[str, Any]:
    if isinstance(file, KlineFile):
        rows, what, period = len(file.klines), f"{file.period} klines", str(file.period)
    else:
        rows, what, period = file.count, file.kind, ""
    return {
        "what": f"{rows:,} {what}",
        "rows": rows,
        "period": period or None,
        "time_unit": file.time_unit,
        "market": file.market,
        "columns": {name: str(title)[:_LONGEST_LINE] for name, title in islice((file.titles or {}).items(), 60)},
        "remarks": _cut(file.remarks),
    }


def _sample(times: Any, columns: Mapping[str, Any]) -> dict[str, Any]:
    """Return the first rows as they would be stored, and of when the first and the last row are."""
    heads = ["time", *columns]
    rows = [
        [int(times[at]), *(_plain(column[at]) for column in columns.values())]
        for at in range(min(_SHOWN_ROWS, len(times)))
    ]
    span = {"first_ms": int(times[0]), "last_ms": int(times[-1])} if len(times) else {"first_ms": None, "last_ms": None}
    return {"sample_heads": heads, "sample": rows, **span}


def _plain(value: Any) -> float | None:
    number = float(value)
    return number if np.isfinite(number) else None


def _first_lines(path: str) -> list[str]:
    """Return the first lines of a text, none of what is none."""
    try:
        with open_input(path) as file:
            data = unpacked(file)[0].data[:20_000]
    except (ValueError, DataError):  # it is told by who reads the table
        return []
    lines = data.decode("utf-8", "replace").splitlines()[:_SHOWN_LINES]
    return ["".join(each if each.isprintable() else " " for each in line)[:_LONGEST_LINE] for line in lines]


def _cut(remarks: Sequence[str]) -> list[str]:
    more = [f"and {len(remarks) - _MOST_REMARKS:,} more remarks"] * (len(remarks) > _MOST_REMARKS)
    return [told_on_page(each[:_LONGEST_REMARK]) for each in remarks[:_MOST_REMARKS]] + more


def _said(options: Mapping[str, Any]) -> FileOptions:
    size = options.get("contract_size")
    return FileOptions(
        {},
        dict(options.get("columns") or {}),
        options.get("stamped"),
        options.get("rates_are"),
        options.get("sides"),
        None if size is None else ContractSize.parse(size),
        bool(options.get("skip_off_grid")),
        bool(options.get("snap")),
        bool(options.get("overwrite")),
        ReadOptions(
            options.get("skip_bad_rows") or 0,
            options.get("keep"),
            options.get("time_zone"),
            options.get("time_format"),
            options.get("decimal"),
        ),
    )


def _feature_name(options: Mapping[str, Any]) -> str:
    name = options.get("name")
    if not name:
        raise DataError("a feature needs a name: what programs ask for")
    return str(name)


class _Ticks:
    """Tells how far a job has come, a few times a second."""

    def __init__(self, channel: Channel) -> None:
        self._channel, self._due, self._what = channel, 0.0, ""

    def __call__(self, what: str, done: int, total: int | None) -> None:
        """Tell of a step."""
        if time.monotonic() >= self._due or what != self._what:
            self._channel.send("progress", what=what, done=done, total=total)
            self._due, self._what = time.monotonic() + _TICK_S, what


def import_all(channel: Channel, entry: Mapping[str, Any]) -> dict[str, Any]:
    """Import files, group by group, each of them whole or not at all. Return lines that say what was done, a `message`
    on what was not imported ("": all was), and the paths of the files of that. What fails alone is raised.
    """
    options, exchange = entry["options"], entry["exchange"]
    names = {each["path"]: each["name"] for each in entry["files"]}
    database = open_database(entry["database"])
    outcome = _Outcome()
    with steps_told(_Ticks(channel)):
        for symbol, paths in _planned_together(entry):
            if options.get("kind") == FEATURE:
                said = {**options, "symbol": symbol}
                outcome.attempt("", paths, partial(_features, database, exchange, paths[0], said))
                continue
            try:
                plan = plan_import(paths, symbol, options.get("kind"), options.get("period"))
            except PerpsimError as error:
                outcome.fail("", paths, error)
                continue
            outcome.report += plan.remarks
            for group in plan.groups:
                outcome.attempt(str(group), group.paths, partial(_grouped, database, exchange, group, options))
    return {
        "report": [_with_names(line, names) for line in _cut(outcome.report)],
        "message": told_on_page(told_without(outcome.message, _hidden(entry))),
        "left": sorted(outcome.left),
    }


def _planned_together(entry: Mapping[str, Any]) -> list[tuple[str | None, list[str]]]:
    """Return which paths are put into groups together, with the symbol that is said of them. Those of which nothing
    tells it, and features, stand alone.
    """
    options, own = entry["options"], entry.get("symbols") or {}
    together: dict[tuple[str | None, str], list[str]] = {}
    for path in (each["path"] for each in entry["files"]):
        symbol = own.get(path) or options.get("symbol")
        is_alone = options.get("kind") == FEATURE or (symbol is None and told_by_name(Path(path)).market is None)
        together.setdefault((symbol, path if is_alone else ""), []).append(path)
    return [(symbol, paths) for (symbol, _), paths in together.items()]


class _Outcome:
    """What has become of groups: lines on what was done, which failed with what, and the files of these."""

    def __init__(self) -> None:
        self.report: list[str] = []
        self.failed: list[tuple[str, PerpsimError]] = []
        self.left: set[str] = set()
        self._tried = 0

    def attempt(self, what: str, paths: Sequence[str], work: Callable[[], Iterable[str]]) -> None:
        """Import a group; what goes wrong with it is noted."""
        try:
            self.report += work()
        except PerpsimError as error:
            self.fail(what, paths, error)
        else:
            self._tried += 1

    def fail(self, what: str, paths: Sequence[str], error: PerpsimError) -> None:
        """Note that a group cannot be imported; "" is one whose error says of which file it is."""
        self._tried += 1
        self.failed.append((what, error))
        self.left.update(paths)

    @property
    def message(self) -> str:
        """What was not imported, "" where all was; raises what the only group there is has failed with."""
        if not self.failed:
            return ""
        if self._tried == 1:
            raise self.failed[0][1]
        others = "the others were" if len(self.failed) < self._tried else "nothing was"
        each = "; ".join(f"{what}: {error}" if what else str(error) for what, error in self.failed)
        return f"{len(self.failed)} of {self._tried} groups were not imported, {others}: {each}"


def _with_names(line: str, names: Mapping[str, str]) -> str:
    for path, name in names.items():
        line = line.replace(path, name)
    return line


def _features(database: Database, exchange: str, path: str, options: Mapping[str, Any]) -> list[str]:
    said = _said(options)
    file, parts = read_feature_file(
        path, _feature_name(options), options.get("symbol"), said.where, said.columns, said.options
    )
    counts = write_features(database, exchange, parts)
    names = ", ".join(sorted({feature for _, feature in counts}))
    return [f"{Path(path).name}: {file.count:,} {file.kind} of {names}; {sum(map(sum, counts.values())):,} values"]


def _grouped(database: Database, exchange: str, group: ImportGroup, options: Mapping[str, Any]) -> list[str]:
    reading = reading_of(group.kind, group.period, _said(options))
    return [*_group_lines(import_group(database, exchange, group, reading, skip_stored=False))]


def _group_lines(report: GroupReport) -> Iterator[str]:
    for file in report.files:
        yield f"{file.path}: {file.what}, times are {file.time_unit}"
        yield from (f"note: {remark}" for remark in file.remarks)
    for label, count in report.counts.items():
        span = report.ranges.get(label)
        what = f"{report.period} klines" if label == crypto_klines.name else label
        where = " to ".join(map(utc_text, span)) if span else "nothing"
        yield f"{report.group.symbol} {what}, {where}: {count}"


if __name__ == "__main__":
    main()
