"""Whether there are klines for a run: exchange, symbols, base period, range, warm-up, holes."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from engine import BacktestConfig, utc_text
from engine.instants import duration_text
from engine.periods import HOUR_MS

from ..database import Database
from .data_finding import Finding, named
from .named_in_program import program_needs
from .stored_rows import Span, Stored, holes_between


def kline_findings(database: Database, config: BacktestConfig, stored: Stored, symbols: Sequence[str]) -> list[Finding]:
    """Return what is wrong with the klines of some symbols of a run; where some are missing, only that."""
    missing = [*_missing(config, stored, symbols)]
    if missing:
        return missing
    spans = {symbol: stored[config.exchange, symbol, config.base_period] for symbol in symbols}
    outside = [*_outside(config, spans)]
    if any(each.is_problem for each in outside):
        return outside
    return [*outside, *_warm_up(config, spans), *_holes(database, config, spans)]


def _missing(config: BacktestConfig, stored: Stored, symbols: Sequence[str]) -> Iterator[Finding]:
    exchanges = sorted({exchange for exchange, _, _ in stored})
    if config.exchange not in exchanges:
        there = named(exchanges) or "of none: download or import some first"
        yield Finding("exchange", f"there are no klines of {config.exchange}; stored are those of {there}", True)
        return
    for symbol in symbols:
        if (config.exchange, symbol, config.base_period) not in stored:
            yield _no_klines(config, stored, symbol)


def _no_klines(config: BacktestConfig, stored: Stored, symbol: str) -> Finding:
    """Say what is there instead of the base klines of a symbol."""
    periods = [period for exchange, each, period in stored if (exchange, each) == (config.exchange, symbol)]
    if periods:
        message = f"{symbol} has no {config.base_period} klines, only those of {', '.join(periods)}: choose one of them"
        return Finding("base_period", message, True)
    elsewhere = sorted({exchange for exchange, each, _ in stored if each == symbol})
    here = sorted({each for exchange, each, _ in stored if exchange == config.exchange})
    hint = f"; {named(elsewhere)} has some" if elsewhere else ""
    return Finding("symbols", f"{symbol} has no klines on {config.exchange}{hint}; stored there: {named(here)}", True)


def _outside(config: BacktestConfig, spans: dict[str, Span]) -> Iterator[Finding]:
    """Yield which end of the range lies outside of the klines, as a run takes it."""
    first, last = min(each.first_ms for each in spans.values()), max(each.end_ms for each in spans.values())
    margin = max(config.stale_ms, HOUR_MS)
    whole = f"klines go from {utc_text(first)} to {utc_text(last)}"
    if config.start_ms < first - margin:
        yield Finding("start_time", f"is before all stored data: the {whole}; start there or later", True)
    if config.end_ms > last + margin:
        message = f"is after all stored data: the {whole}"
        end = "end there or earlier" if config.strict_data else "the run ends with them"
        yield Finding("end_time", f"{message}; {end}", config.strict_data)
    for symbol, span in spans.items():
        own = f"{symbol} has klines from {utc_text(span.first_ms)} to {utc_text(span.end_ms)}"
        if span.end_ms <= config.start_ms or span.first_ms >= config.end_ms:
            yield Finding("symbols", f"{own}, and none in the range; leave it out or change the range", True)
        elif span.first_ms > max(config.start_ms, first):
            yield Finding("start_time", f"{own}: before that nothing of it can be traded")
        elif span.end_ms < min(config.end_ms, last):
            yield Finding("end_time", f"{own}: after that nothing of it can be traded")


def _warm_up(config: BacktestConfig, spans: dict[str, Span]) -> Iterator[Finding]:
    """Yield the symbol with the fewest klines before the start where those are too few for what the program names."""
    needs = program_needs(config.code or "")
    if not needs.least_ms:
        return
    symbol, span = max(spans.items(), key=lambda each: each[1].first_ms)
    ready = span.first_ms + needs.least_ms
    if ready > config.start_ms:
        text = (
            f"{needs.warm_up} before it is defined, and those of "
            f"{symbol} begin at {utc_text(span.first_ms)}: start at {utc_text(ready)} or later, or have more stored"
        )
        yield Finding("start_time", text)


def _holes(database: Database, config: BacktestConfig, spans: dict[str, Span]) -> Iterator[Finding]:
    for symbol, span in spans.items():
        start, end = max(config.start_ms, span.first_ms), min(config.end_ms, span.end_ms)
        found = holes_between(database, config.exchange, symbol, config.base_period, start, end)
        missing = found.expected - found.present
        if missing > 0:
            text = f"{symbol}: {missing:,} of {found.expected:,} klines of the range are missing"
            if found.longest_ms:
                text += f"; the longest hole is {duration_text(found.longest_ms)} from {utc_text(found.since_ms)}"
            field = "strict_data" if config.strict_data else "symbols"
            yield Finding(field, f"{text}; download the range again to fill them", config.strict_data)
