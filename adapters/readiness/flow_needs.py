"""Whether there is what a run uses beside klines: funding, prices of the mark, rows of trades and of the book."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from functools import partial

from engine import BacktestConfig
from engine.periods import DAY_MS

from ..database import BOOK, FUNDING, MARK_KLINES, METRICS, TRADES, Database
from .data_finding import Finding, named
from .named_in_program import program_needs
from .stored_rows import has_rows

#: Rates and marks count until the next ones come: so far before the start they are looked for.
_BEFORE_MS = DAY_MS

#: Tells whether a table has a value of a symbol in a column.
Has = Callable[[str, str, str], bool]


def flow_findings(database: Database, config: BacktestConfig, symbols: Sequence[str]) -> Iterator[Finding]:
    """Yield what is missing by what would use it, with the symbols of which it is."""
    has = partial(_has, database, config)
    missing: dict[Finding, list[str]] = {}
    for symbol in symbols:
        for uses in (_funding, _marks, _trades, _book):
            for each in uses(config, has, symbol):
                missing.setdefault(each, []).append(symbol)
    for each, lacking in missing.items():
        yield replace(each, message=f"{named(lacking)}: {each.message}")


def _has(database: Database, config: BacktestConfig, symbol: str, table: str, column: str) -> bool:
    start, end = config.start_ms - _BEFORE_MS, config.end_ms
    return has_rows(database, table, config.exchange, symbol, column, start, end)


def _funding(config: BacktestConfig, has: Has, symbol: str) -> Iterator[Finding]:
    rate = "funding_rate"
    if config.funding and not (has(symbol, FUNDING, rate) or has(symbol, METRICS, rate)):
        text = "no funding rate is stored in the range, so none is paid; download some, or switch it off"
        yield Finding("funding", text)


def _marks(config: BacktestConfig, has: Has, symbol: str) -> Iterator[Finding]:
    if config.trigger_price == "mark" and not (
        has(symbol, MARK_KLINES, "close_price") or has(symbol, METRICS, "mark_price")
    ):
        yield Finding("trigger_price", "no mark price is stored in the range, so last prices are watched in its place")


def _trades(config: BacktestConfig, has: Has, symbol: str) -> Iterator[Finding]:
    asks = program_needs(config.code or "").flow
    if not (config.watch_period == "15s" or config.drill_down or asks):
        return
    if config.watch_period == "15s" and not has(symbol, TRADES, "high_price"):
        yield Finding("watch_period", "no 15-second rows are stored in the range; use 1m", True)
    elif config.drill_down and not has(symbol, TRADES, "high_price"):
        yield Finding("drill_down", "no 15-second rows are stored in the range; only shorter klines can tell")
    if asks and not has(symbol, TRADES, "taker_buy_volume"):
        yield Finding("code", "the program asks for flow, and no rows of trades are stored in the range: it gets none")


def _book(config: BacktestConfig, has: Has, symbol: str) -> Iterator[Finding]:
    if config.slippage_model == "spread" and not has(symbol, BOOK, "spread"):
        text = "no spread is stored in the range, so slippage_percent counts in its place"
        yield Finding("slippage_model", text)
