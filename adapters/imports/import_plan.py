"""Which files are imported together, as which symbol and what: as it is given, else as their names tell."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import NamedTuple

from engine import DataError
from engine.plain_values import shown

from .file_names import ENDINGS, NameTells, told_by_name
from .market_names import coin_of

_MONTH_DIGITS, _DAY_DIGITS = 6, 8
#: Files of these make up one stream: no two may be of the same time.
STREAMS = frozenset({"trades", "bbo"})
_OF_PERIODS = frozenset({"klines", "mark"})
_MOST_NAMED = 3


class _File(NamedTuple):
    path: str
    tells: NameTells


@dataclass(frozen=True)
class ImportGroup:
    """Files of one symbol that hold one kind of rows (klines: of one period, where it is known), in order of time.

    `told_by_names`: what of "symbol" and "period" only the names of the files told, which these may contradict.
    """

    symbol: str
    kind: str
    period: str | None
    paths: tuple[str, ...]
    told_by_names: frozenset[str] = frozenset()

    def __str__(self) -> str:
        return " ".join(filter(None, (self.symbol, self.period, self.kind)))


@dataclass(frozen=True)
class ImportPlan:
    """The groups, by symbol and kind, and in words what the names of the files told and what is left out."""

    groups: tuple[ImportGroup, ...]
    remarks: tuple[str, ...]


def plan_import(
    names: Sequence[str],
    symbol: str | None = None,
    kind: str | None = None,
    period: str | None = None,
    renames: Mapping[str, str] | None = None,
) -> ImportPlan:
    """Return which of some files, and of those in folders, are imported together and as what.

    What is given counts, whatever the names tell. Where no `symbol` is, it is that of `renames` for the market that a
    name tells, else the coin of the market. A file whose name tells no kind holds klines. Raises `DataError` for a file
    of which nothing tells the symbol, for one that is nothing that is imported, and for markets that would be mixed.
    """
    files, remarks = _found(names, kind, symbol is None)
    if not files:
        why = "; ".join(remarks) or f"no file ends in {', '.join(ENDINGS)}"
        raise DataError(f"there is nothing to import in {', '.join(names[:_MOST_NAMED])}: {why}")
    markets: dict[str, set[str]] = {}
    places: dict[str, set[str]] = {}
    groups: dict[tuple[str, str, str], list[_File]] = {}
    for file in files:
        each = symbol or _symbol(file, renames or {})
        what = kind or file.tells.kind or "klines"
        of_period = (period or file.tells.period or "") if what in _OF_PERIODS else ""
        groups.setdefault((each, what, of_period), []).append(file)
        places.setdefault(each, set()).add(file.tells.place)
        if file.tells.market is not None:
            markets.setdefault(each, set()).add(file.tells.market)
    if symbol is None:
        _refuse_unknown_renames(renames or {}, set().union(*markets.values()))
    remarks += _said_of_markets(markets, symbol)
    _refuse_several_places(places)
    planned = []
    for (each, what, of_period), found in groups.items():
        ordered, said = _ordered(found, what)
        remarks += said
        told = {"period"} if of_period and period is None else set[str]()
        told |= {"symbol"} if symbol is None and each in map(coin_of, markets[each]) else set()
        paths = tuple(file.path for file in ordered)
        planned.append(ImportGroup(each, what, of_period or None, paths, frozenset(told)))
    return ImportPlan(tuple(sorted(planned, key=str)), tuple(remarks))


def _found(names: Iterable[str], kind: str | None, needs_market: bool) -> tuple[list[_File], list[str]]:
    """Return the files that are meant, and what is left out of folders."""
    files: list[_File] = []
    left_out: Counter[str] = Counter()
    for name in names:
        in_folder = Path(name).is_dir()
        for path in _inside(Path(name)) if in_folder else [name]:
            tells = told_by_name(Path(path))
            foreign = kind is None and tells.kind is not None and tells.kind.startswith("(")
            if str(path).endswith(".CHECKSUM"):
                left_out["checksums"] += 1
            elif in_folder and needs_market and tells.market is None:
                left_out["names that tell no symbol (--symbol says it)"] += 1
            elif foreign and in_folder:
                left_out[str(tells.kind).strip("()")] += 1
            elif foreign:
                problem = f"its name says that it holds {str(tells.kind).strip('()')}, which no table has a place for"
                raise DataError(f"{path}: {problem}; --kind KIND imports it as something else")
            else:
                files.append(_File(str(path), tells))
    return files, [f"left out: {what} ({count:,} file{'s' * (count > 1)})" for what, count in left_out.items()]


def _inside(folder: Path) -> Iterator[str]:
    """Yield the files of a folder and of those in it that may be imported, by name."""
    for path in sorted(folder.rglob("*")):
        inner = path.relative_to(folder).parts
        hidden = any(part.startswith((".", "__MACOSX")) for part in inner)
        if path.is_file() and not hidden and path.name.lower().endswith(ENDINGS):
            yield str(path)


def _symbol(file: _File, renames: Mapping[str, str]) -> str:
    market = file.tells.market
    if market is None:
        raise DataError(
            f"{file.path}: its name does not tell the symbol: say it with --symbol, for example --symbol BTC"
        )
    return renames.get(market) or coin_of(market) or market


def _said_of_markets(markets: Mapping[str, set[str]], symbol: str | None) -> list[str]:
    """Return as what markets are stored; raise `DataError` where several would become one symbol."""
    remarks = []
    for each, names in sorted(markets.items()):
        sure = sorted(name for name in names if symbol is None or coin_of(name) is not None)
        if len(sure) > 1:
            way_out = (
                f"--rename {sure[1]}={sure[1]} stores {sure[1]} under its own name"
                if symbol is None
                else "leave --symbol out, or name the files of one of them"
            )
            raise DataError(f"the files are of {' and '.join(sure[:_MOST_NAMED])}, and all would be {each}: {way_out}")
        if sure and sure[0] != each:
            another = "; --rename gives it another name" if symbol is None else ""
            remarks.append(f"{sure[0]} is stored as {each}, the name for programs{another}")
    return remarks


def _refuse_unknown_renames(renames: Mapping[str, str], markets: set[str]) -> None:
    """Raise `DataError` for a new name of a market of which there is no file."""
    unknown = next((market for market in renames if market not in markets), None)
    if unknown is not None:
        there = ", ".join(sorted(markets)[:_MOST_NAMED])
        raise DataError(f"--rename {unknown}={renames[unknown]}: no file is of {shown(unknown)}; there are {there}")


def _refuse_several_places(places: Mapping[str, set[str]]) -> None:
    """Raise `DataError` for files of one symbol from several venues, or from spot markets and futures."""
    for symbol, found in sorted(places.items()):
        known = sorted(found - {""})
        if len(known) > 1:
            way_out = "name the files of one of them, and import the others under an --exchange of their own"
            raise DataError(f"the files of {symbol} are from {' and '.join(known[:_MOST_NAMED])}: {way_out}")


def _ordered(files: list[_File], kind: str) -> tuple[list[_File], list[str]]:
    """Return files in order of their dates, where all have one, without the days of which a month is there too."""
    months = {file.tells.day for file in files if len(file.tells.day) == _MONTH_DIGITS}
    kept = [
        file for file in files if len(file.tells.day) != _DAY_DIGITS or file.tells.day[:_MONTH_DIGITS] not in months
    ]
    remarks = [f"left out: {len(files) - len(kept):,} files of days whose month is there"] * (len(kept) < len(files))
    if not all(file.tells.day for file in kept):
        return kept, remarks
    kept.sort(key=lambda file: (file.tells.day, file.path))
    if kind in STREAMS:
        for before, file in pairwise(kept):
            if before.tells.day == file.tells.day:
                both = f"{Path(before.path).name} and {Path(file.path).name}"
                raise DataError(f"{shown(both)} are {kind} of the same time: leave one of them out")
    return kept, remarks
