"""Whether there is what conditions of signal pools and the program are made of beside klines: flow, features."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from engine import PERIOD_MS, BacktestConfig
from engine.market.flow import SIGNAL_METRICS, WINDOW_BUCKETS, rows_needed
from engine.signals import Condition, SignalPool

from ..database import BOOK, FUNDING, METRICS, TRADES, Database, features_of
from .data_finding import Finding, named
from .named_in_program import program_needs
from .stored_rows import has_rows

_POOLS = "signal_pool_ids"
#: Where the rows of flow metrics are stored: any of these has them.
_STORED = {
    "trades": ((TRADES, "taker_buy_notional"),),
    "ranged": ((TRADES, "high_price"),),
    "book": ((BOOK, "bid_depth_5"),),
    "open_interest": ((METRICS, "open_interest"),),
    "funding_rate": ((FUNDING, "funding_rate"), (METRICS, "funding_rate")),
}


def pool_row_findings(
    database: Database, config: BacktestConfig, pools: Sequence[SignalPool], symbols: Sequence[str]
) -> Iterator[Finding]:
    """Yield which signals have nothing to be judged on, with the symbols of which it is, and which features that the
    program asks for are not there.
    """
    missing: dict[Finding, list[str]] = {}
    for symbol in symbols:
        features = features_of(database, config.exchange, symbol)
        for each in (*_of_pools(database, config, pools, symbol, features), *_of_program(config, features)):
            missing.setdefault(each, []).append(symbol)
    for each, lacking in missing.items():
        yield replace(each, message=f"{named(lacking)}: {each.message}")


def _of_pools(
    database: Database, config: BacktestConfig, pools: Sequence[SignalPool], symbol: str, features: dict[str, str]
) -> Iterator[Finding]:
    for pool in pools:
        for signal in pool.signals if not pool.symbols or symbol in pool.symbols else ():
            lacking = [*_flow(database, config, signal.condition, symbol)]
            lacking += [f"there is no feature {name}" for name in signal.condition.features if name not in features]
            for each in lacking:
                text = f"signal pool {pool.label}, signal {signal.name}: {each}, so it never holds"
                yield Finding(_POOLS, text)


def _flow(database: Database, config: BacktestConfig, condition: Condition, symbol: str) -> Iterator[str]:
    start = config.start_ms - WINDOW_BUCKETS * PERIOD_MS[condition.time_window]
    for name in condition.flow_metrics:
        metric = SIGNAL_METRICS[name]
        tables = _STORED.get(metric.table, ())  # one of a user's own may have others
        if tables and not any(
            has_rows(database, table, config.exchange, symbol, column, start, config.end_ms) for table, column in tables
        ):
            yield f"{name} needs {rows_needed(metric)}, and none are stored in the range"


def _of_program(config: BacktestConfig, features: dict[str, str]) -> Iterator[Finding]:
    for name in program_needs(config.code or "").features:
        if name not in features:
            there = f" (there: {named(sorted(features))})" if features else ""
            yield Finding("code", f"the program asks for feature {name}, and none of that name is stored{there}")
