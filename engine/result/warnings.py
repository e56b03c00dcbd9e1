"""What a user should know before a result is believed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from ..account import Posting
from ..contract import decision_dict
from ..instants import utc_text
from ..market import DataCoverage
from ..periods import period_name
from ..triggers import TriggerCounts
from ..venue.models import SpreadSlippage, recorded_spread
from .equity_curve import EquityCurve
from .run_facts import RunFacts

_TAKEN_FIRST: Mapping[str, str] = {
    "pessimistic": "the stop was taken first",
    "optimistic": "the take-profit was taken first",
    "nearest_open": "the trigger nearer to the open was taken first",
}


def warnings_of(
    run: RunFacts, curve: EquityCurve, coverage: Sequence[DataCoverage], triggers: TriggerCounts
) -> list[str]:
    """Return the warnings of the run itself, then those of its data, liquidations, funding, queries and klines."""
    queries = run.provider.unanswered.to_list()
    return [
        *run.warnings,
        *(each.summary() for each in run.faults),
        *(run.parameters.warnings() if run.parameters is not None else ()),
        *filter(None, (each.warning() for each in coverage)),
        *_disagreements(run),
        *_liquidations(run),
        *_breach(curve),
        *_ruin(curve),
        *_funding(run),
        *_triggers(run),
        *_spreads(run),
        *(f"{each['query']} had no answer {each['count']:,} times: {each['why']}" for each in queries),
        *_warm_up(triggers),
        *_ambiguous_klines(run),
    ]


def _warm_up(triggers: TriggerCounts) -> Iterator[str]:
    """Say once for each decided symbol and too short indicator how many decisions to open that concerned."""
    counts: Counter[tuple[Any, ...]] = Counter()
    for answer in (each for _, record in triggers.too_short for each in record.answers):
        if answer.warm_up is not None:
            short = answer.warm_up.short
            decided = decision_dict(answer.decision)["symbol"]
            counts[str(decided), *short[:3], short.needed, short.until, answer.warm_up.is_held] += 1
    for (decided, symbol, indicator, period, needed, until, is_held), count in counts.items():
        lack = f"{indicator} on {period}{f' of {symbol}' * (symbol != decided)} had fewer than {needed} finished klines"
        end = f"until {utc_text(until)}" if until is not None else "always: indicators are of the last 500"
        if is_held:
            yield (
                f"{decided}: {count:,} decisions to open were held back, for {lack} ({end}); load more history or "
                'start later (warm_up = "trade" submits them)'
            )
        else:
            yield f"{decided}: {count:,} decisions to open were submitted while {lack} ({end})"


def _disagreements(run: RunFacts) -> Iterator[str]:
    for symbol in run.config.symbols:
        for period_ms, opened in run.market.symbols[symbol].disagreements().items():
            yield (
                f"{symbol}: {len(opened):,} stored {period_name(period_ms)} klines are not what their "
                f"{run.config.base_period} klines say, the first at {utc_text(int(opened[0]))}; the latter count"
            )


def _liquidations(run: RunFacts) -> Iterator[str]:
    events, shortfall = run.exchange.venue.liquidations, run.exchange.venue.shortfall
    if events:
        first = events[0]
        yield (
            f"{len(events):,} liquidations, the first at {utc_text(first.timestamp)}: {first.side} {first.symbol} at "
            f"{first.price:,.6g}"
        )
    if shortfall >= 0.005:
        if run.exchange.margins.isolated:
            parts = "; ".join(_shortfall_parts(run.account.ledger.postings))
            yield f"isolated positions lost {shortfall:,.2f} USD more than their margins, which nobody paid: {parts}"
        else:
            jumped = any(each.equity_after < 0.0 for each in events)
            why = (
                "the market jumped over a liquidation price" if jumped else "an exit filled beyond a liquidation price"
            )
            yield f"{why}: equity stood {shortfall:,.2f} USD below zero"


def _shortfall_parts(postings: Sequence[Posting]) -> Iterator[str]:
    """Say what of the losses beyond isolated margins is the price, and what the fees of closing at it."""
    covered = {each.order_id: each.amount for each in postings if each.kind == "shortfall_covered"}
    fees = {each.order_id: -each.amount for each in postings if each.kind == "fee" and each.order_id in covered}
    of_fees = sum(min(amount, max(fees[order_id], 0.0)) for order_id, amount in covered.items())
    of_price = sum(covered.values()) - of_fees
    if of_price >= 0.005:
        yield f"{of_price:,.2f} USD where the market jumped over a liquidation price"
    if of_fees >= 0.005:
        yield f"{of_fees:,.2f} USD are fees of closing them"


def _breach(curve: EquityCurve) -> Iterator[str]:
    if curve.breach is not None:
        at, equity, margin = curve.breach
        yield (
            f"equity fell to {equity:,.2f} USD at {utc_text(at)}, at or below the maintenance margin of {margin:,.2f}: "
            "a venue would have liquidated; liquidation is off"
        )


def _ruin(curve: EquityCurve) -> Iterator[str]:
    if curve.ruined_at is not None:
        yield (
            f"the account was ruined at {utc_text(curve.ruined_at)}: equity was 0 or below; its daily returns, and "
            "what is made from them, end there"
        )


def _funding(run: RunFacts) -> Iterator[str]:
    traded = sorted({fill.symbol for fill in run.exchange.fills})
    without = [symbol for symbol in traded if run.market.symbols[symbol].flow.funding_rate is None]
    if traded and not run.config.funding:
        yield "funding is off: none was paid"
    elif without:
        yield f"{', '.join(without)}: no funding rates are recorded: no funding was paid"


def _triggers(run: RunFacts) -> Iterator[str]:
    """Say where triggers were to watch marks that are not there."""
    if run.exchange.brackets.unmarked:
        symbols = ", ".join(sorted(run.exchange.brackets.unmarked))
        yield f"{symbols}: no marks are recorded: take-profits and stops watched the last price, not the mark price"


def _spreads(run: RunFacts) -> Iterator[str]:
    """Say where the recorded spread was wanted and not there."""
    if isinstance(run.exchange.models.slippage, SpreadSlippage):
        fills, symbols = run.exchange.fills, run.market.symbols
        missed = Counter(fill.symbol for fill in fills if recorded_spread(symbols[fill.symbol], fill.timestamp) is None)
        for symbol, count in missed.items():
            yield f"{symbol}: no spread is recorded at {count:,} fills: those that took paid slippage_percent"


def _ambiguous_klines(run: RunFacts) -> Iterator[str]:
    ambiguous = run.exchange.brackets.ambiguous
    if ambiguous:
        touched = f"{len(ambiguous):,} kline{'s' * (len(ambiguous) != 1)} touched two exits of one entry"
        others = _drilled(run) if run.config.drill_down else ""
        yield f"{touched}{others}: {_TAKEN_FIRST[run.config.intrabar]}"
    for klines, both, first in (
        (run.exchange.groups.ambiguous, "touched two orders of one group", "the older one filled"),
        (run.exchange.venue.ambiguous, "reached a liquidation and an order", "what was nearer to the open came first"),
    ):
        if klines:
            touched = f"{len(klines):,} kline{'s' * (len(klines) != 1)} {both}"
            yield f"{touched}: {first}; what the other way round would have made is in no range"


def _drilled(run: RunFacts) -> str:
    """Say what finer rows have decided, or that there are none."""
    brackets, market = run.exchange.brackets, run.market
    if any(not market.symbols[symbol].fine_rows().is_empty for symbol, _ in brackets.ambiguous):
        return f" (finer rows decided {len(brackets.drilled - brackets.ambiguous):,} others)"
    return " (nothing finer is recorded there to look inside: import trades or shorter klines)"
