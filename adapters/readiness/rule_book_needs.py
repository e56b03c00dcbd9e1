"""Whether the rule book of a venue has the symbols of a run."""

from __future__ import annotations

from collections.abc import Iterator

from engine import BacktestConfig
from engine.venue import RuleBook

from .data_finding import Finding, named


def rule_book_findings(config: BacktestConfig) -> Iterator[Finding]:
    """Yield which symbols stand in no rule book, and what is assumed of them."""
    if config.venue is None:
        return
    book = RuleBook.of(config.venue)
    unknown = [symbol for symbol in config.symbols if not book.has(symbol)]
    if unknown:
        first = book.rules(unknown[:1], config.start_ms, config.end_ms).instruments[unknown[0]]
        text = (
            f"{named(unknown)}: not in the rule book of {config.venue}, so what it says of unknown symbols counts, "
            f"such as at most {first.max_leverage:g}x and at least {first.min_notional:g} USD an order"
        )
        yield Finding("venue", text)
