"""The bodies of requests about imports and downloads, and what their fields mean."""

from __future__ import annotations

from typing import Annotated, Any, Literal, get_args

from pydantic import Field

from .checked_bodies import AS_WHOLE, StrictBody
from .pool_bodies import Instant, ShortName

_PRINTABLE = r"^[^\x00-\x1f\x7f]+$"
_Text = Annotated[str, Field(min_length=1, max_length=100, pattern=_PRINTABLE)]
FileIds = Annotated[list[Annotated[str, Field(pattern=r"^[0-9a-f]{16}$")]], Field(min_length=1, max_length=50)]
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
    """Uploaded files that are imported together, and the exchange that they are stored under."""

    files: FileIds
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


_WORDS = {
    "symbol": ("Symbol", "as programs will name it, such as BTC; by default the name of the file tells it"),
    "kind": ("What it holds", "by default what the name of the file tells, else klines"),
    "period": ("Period", "of klines; by default found from the data"),
    "name": ("Feature", "of a feature: what programs ask for"),
    "stamped": ("Times are those of", "the start or the end of a kline, or of its 15 seconds"),
    "contract_size": ("Contract size", "of trades and metrics in contracts: 0.01 (coins) or 100USD (--contract-size)"),
    "rates_are": ("Rates are", "of funding, where they may be either (--rates-are)"),
    "sides": ("Sides are", "of trades: the taker's, the maker's, or told by the price (--sides)"),
    "skip_bad_rows": ("Leave out bad rows", "so many at most; each is listed (--skip-bad-rows)"),
    "keep": ("Of one time keep", "the first or the last row, where they differ (--keep)"),
    "time_zone": ("Time zone", "of times without one: Europe/Berlin, +08:00, UTC (--time-zone)"),
    "time_format": ("Time format", "such as %d/%m/%Y %H:%M, where it cannot be told (--time-format)"),
    "decimal": ("Decimals behind a", "where that cannot be told (--decimal)"),
    "skip_off_grid": ("Leave out klines off the grid", "those that do not open at a multiple of their period"),
    "snap": ("Move klines to the grid", "stretches that are all off by one time, below a minute"),
    "overwrite": ("Overwrite", "of trades: a stored row that the file may know in part only"),
    "columns": ("Columns", "FIELD=TITLE, several with commas, such as volume=6, rate=realizedRate (--column)"),
}
#: Those that are always shown; the others are for files that do not tell.
_FIRST = ("symbol", "kind", "period", "name")


def reading_fields() -> list[dict[str, Any]]:
    """Return what a form has for each field of `ReadingBody`: its kind, choices and words."""
    return [
        {"name": name, "label": label, "help": help, "is_first": name in _FIRST, **_input(name)}
        for name, (label, help) in _WORDS.items()
    ]


def _input(name: str) -> dict[str, Any]:
    annotation = ReadingBody.model_fields[name].annotation
    choices = [each for part in get_args(annotation) for each in get_args(part) if isinstance(each, str)]
    kind = "flag" if annotation is bool else "pairs" if name == "columns" else "choice" if choices else "text"
    return {"kind": "whole" if name == "skip_bad_rows" else kind, "choices": choices}
