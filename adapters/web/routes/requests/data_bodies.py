"""The bodies of requests about imports and downloads, and what their fields mean."""

from __future__ import annotations

from typing import Annotated, Any, Literal, get_args

from pydantic import Field

from ...forms import READING_WORDS
from .checked_bodies import AS_WHOLE, StrictBody
from .pool_bodies import Instant, ShortName

_PRINTABLE = r"^[^\x00-\x1f\x7f]+$"
_Text = Annotated[str, Field(min_length=1, max_length=100, pattern=_PRINTABLE)]
_Id = Annotated[str, Field(pattern=r"^[0-9a-f]{16}$")]
FileIds = Annotated[list[_Id], Field(min_length=1, max_length=50)]
Kind = Literal["klines", "funding", "flow", "trades", "bbo", "mark", "metrics", "feature"]
Period = Literal["1m", "3m", "5m", "15m", "30m", "1h", "2h", "4h", "8h", "12h", "1d"]
Stamped = Literal["start", "end"]
Rates = Literal["percent", "fraction"]
Sides = Literal["taker", "maker", "tick"]
Kept = Literal["first", "last"]
Decimal = Literal["point", "comma"]


class ReadingBody(StrictBody):
    """How a file is read, where its name and its content do not tell."""

    symbol: ShortName | None = None
    kind: Kind | None = None
    period: Period | None = None
    name: Annotated[str, Field(min_length=1, max_length=80, pattern=_PRINTABLE)] | None = None
    stamped: Stamped | None = None
    rates_are: Rates | None = None
    sides: Sides | None = None
    contract_size: Annotated[str, Field(min_length=1, max_length=30, pattern=_PRINTABLE)] | None = None
    skip_bad_rows: Annotated[int, Field(ge=0, le=1_000_000), AS_WHOLE] = 0
    keep: Kept | None = None
    time_zone: Annotated[str, Field(min_length=1, max_length=40, pattern=_PRINTABLE)] | None = None
    time_format: Annotated[str, Field(min_length=1, max_length=60, pattern=_PRINTABLE)] | None = None
    decimal: Decimal | None = None
    skip_off_grid: bool = False
    snap: bool = False
    overwrite: bool = False
    columns: Annotated[dict[str, _Text], Field(max_length=40)] = {}


class ImportBody(ReadingBody):
    """Uploaded files that are imported together, and the exchange that they are stored under. A file that `symbols` has
    by its id is of that symbol, whatever is said of the others.
    """

    files: FileIds
    symbols: Annotated[dict[_Id, ShortName], Field(max_length=50)] = {}
    exchange: ShortName


class DownloadBody(StrictBody):
    """What is downloaded: of a market of a venue, as ccxt calls them; stored under a symbol and an exchange."""

    venue_name: Annotated[str, Field(min_length=1, max_length=40, pattern=r"^[A-Za-z0-9_]+$")]
    market: Annotated[str, Field(min_length=1, max_length=60, pattern=_PRINTABLE)]
    symbol: ShortName | None = None
    exchange: ShortName | None = None
    kind: Literal["klines", "funding"] = "klines"
    period: Period = "1m"
    start_time: Instant
    end_time: Instant | None = None


#: Those that are always shown; the others are for files that do not tell.
_FIRST = ("symbol", "kind", "period", "name")


def reading_fields() -> list[dict[str, Any]]:
    """Return what a form has for each field of `ReadingBody`: its kind, choices and words."""
    return [
        {"name": name, "label": label, "help": help, "is_first": name in _FIRST, **_input(name)}
        for name, (label, help) in READING_WORDS.items()
    ]


def _input(name: str) -> dict[str, Any]:
    annotation = ReadingBody.model_fields[name].annotation
    choices = [each for part in get_args(annotation) for each in get_args(part) if isinstance(each, str)]
    kind = "flag" if annotation is bool else "pairs" if name == "columns" else "choice" if choices else "text"
    return {"kind": "whole" if name == "skip_bad_rows" else kind, "choices": choices}
