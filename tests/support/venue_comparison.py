"""Runs a case by the engine and by the venue reference, and says where they differ."""

import math
from dataclasses import dataclass
from typing import Any

import numpy as np

from engine import (
    BacktestConfig,
    Decision,
    Fill,
    FlowHistory,
    Instrument,
    KlineColumns,
    MarginTier,
    MarketHistory,
    Simulation,
    SymbolHistory,
    TimedValues,
    TradeRows,
    VenueRules,
)
from processes import ProgramBacktestEngine
from tests.oracles.venue_account import Deal
from tests.oracles.venue_market import Bar, Record
from tests.oracles.venue_orders import Rules
from tests.oracles.venue_reference import Venue

from .venue_cases import START, Case


@dataclass
class Outcome:
    """What both sides say of a run."""

    deals: list[Deal]
    cash: float
    equity: float
    funding: float
    fees: float
    shortfall: float
    liquidations: int


def columns(bars: list[Bar]) -> KlineColumns:
    times = np.array([bar.open_ms for bar in bars], dtype=np.int64)
    prices = [np.array([getattr(bar, name) for bar in bars]) for name in ("open", "high", "low", "close", "volume")]
    return KlineColumns(60_000, times, *prices)


def timed(rows: list[tuple[int, float]]) -> TimedValues | None:
    if not rows:
        return None
    return TimedValues(np.array([time for time, _ in rows], dtype=np.int64), np.array([value for _, value in rows]))


def trade_rows(record: Record) -> TradeRows | None:
    if not record.rows:
        return None
    times = np.array([row.close_ms for row in record.rows], dtype=np.int64)
    half = np.array([row.volume / 2 for row in record.rows])
    vwap, high, low = (np.array([getattr(row, name) for row in record.rows]) for name in ("vwap", "high", "low"))
    return TradeRows(times, half, half, half * vwap, half * vwap, vwap, high, low)


def history(symbol: str, record: Record) -> SymbolHistory:
    flow = FlowHistory(trades=trade_rows(record), mark_price=timed(record.marks), funding_rate=timed(record.rates))
    marks: dict[str, Any] = {"mark_klines": columns(record.mark_bars)} if record.mark_bars else {}
    return SymbolHistory(symbol, columns(record.bars), flow=flow, **marks)


def instrument(symbol: str, rules: Rules) -> Instrument:
    tiers = tuple(MarginTier(tier.notional_from, 50, tier.rate, tier.deduction) for tier in rules.tiers)
    return Instrument(
        symbol,
        price_step=rules.price_step,
        size_step=rules.size_step,
        min_notional=rules.min_notional,
        tiers=tiers,
        liquidation_fee=rules.liquidation_fee,
    )


def venue_rules(rules: Rules) -> VenueRules:
    return VenueRules(
        instruments={symbol: instrument(symbol, rules) for symbol in rules.symbols},
        partial_above_usd=rules.partial_above,
        partial_share=rules.partial_share,
        partial_cooldown_ms=rules.cooldown_ms,
    )


class Planned:
    """The program of a case, as the engine asks it."""

    def __init__(self, case: Case) -> None:
        self.case = case

    def should_trade(self, data: Any) -> Decision | None:
        def side_of(symbol: str) -> int:
            position = data.positions.get(symbol)
            return 0 if position is None else 1 if position.side == "long" else -1

        tick = (data.timestamp - START) // self.case.rules.every_ms
        answer = self.case.program(tick, data.get_price, side_of)
        return None if answer is None else Decision(**answer)


def configuration(case: Case) -> BacktestConfig:
    rules = case.rules
    marked: dict[str, Any] = {"trigger_price": rules.trigger} if rules.trigger != "last" else {}
    return BacktestConfig(
        strategy=Planned(case),
        symbols=rules.symbols,
        start_time=rules.start_ms,
        end_time=rules.end_ms,
        scheduled_interval=rules.every_ms // 1000,
        initial_balance=rules.balance,
        slippage_percent=rules.slippage,
        fee_rate=rules.fee,
        maker_fee_rate=rules.maker,
        execution_price=rules.execution,
        intrabar=rules.intrabar,
        fill_on=rules.fill_on,
        watch_period=rules.watch,
        margin_mode=rules.margin,
        mark_stale_ms=rules.mark_stale_ms,
        price_stale_ms=rules.price_stale_ms,
        volume_cap_percent=rules.cap,
        faults=list(case.faults),
        **marked,
    )


def pause(sim: Simulation, begin_ms: int, until_ms: int) -> Any:
    yield sim.at(begin_ms)
    sim.exchange.pause("maintenance")
    yield sim.at(until_ms)
    sim.exchange.resume()


def by_engine(case: Case) -> Outcome:
    fills: list[Fill] = []
    sims: list[Simulation] = []

    def prepare(sim: Simulation) -> None:
        sims.append(sim)
        sim.bus.listen(Fill, fills.append)
        for number, (begin_ms, until_ms) in enumerate(case.rules.pauses):
            sim.process_named(f"pause {number}", pause, begin_ms, until_ms)

    market = MarketHistory([history(symbol, record) for symbol, record in case.records.items()])
    result = ProgramBacktestEngine(market, rules=venue_rules(case.rules)).run(configuration(case), prepare=prepare)
    assert result.success, result.error
    deals = [Deal(f.timestamp, f.symbol, f.side, f.size, f.price, f.fee, str(f.purpose)) for f in fills]
    return Outcome(
        deals,
        result.final_equity - result.unrealized_pnl,
        result.final_equity,
        result.funding_received,
        result.fees_paid,
        result.liquidation_shortfall,
        len(result.liquidations),
    )


def by_reference(case: Case) -> Outcome:
    """Raises `UndecidedError` where the rules leave two answers."""
    return outcome_of(Venue(case.rules, case.records).run(case.program))


def outcome_of(venue: Venue) -> Outcome:
    """Return what a reference that has run came to."""
    purse = venue.purse
    shortfall = purse.covered if purse.isolated else -purse.lowest
    liquidations = sum(deal.purpose == "liquidation" for deal in purse.deals)
    equity = venue.equity(venue.rules.end_ms)
    return Outcome(purse.deals, purse.cash, equity, purse.funding, purse.fees, shortfall, liquidations)


def near(one: float, other: float) -> bool:
    return math.isclose(one, other, rel_tol=1e-8, abs_tol=1e-6)


def reasons(deal: Deal) -> set[str]:
    return set(deal.purpose.split("/"))


def same_deal(one: Deal, other: Deal) -> bool:
    plain = one[:3] == other[:3] and reasons(one) <= reasons(other)
    return plain and all(near(a, b) for a, b in zip(one[3:6], other[3:6], strict=True))


def is_one(one: Deal, other: Deal) -> bool:
    """Whether two fills are told as one: of one instant and price, for one reason, or both by a stop."""
    alike = reasons(one) == reasons(other) or reasons(one) | reasons(other) <= {"sl", "trailing"}
    return one[:3] == other[:3] and near(one.price, other.price) and alike


def together(deals: list[Deal]) -> list[Deal]:
    """In order; what traded at one instant and price for one reason is one fill: an entry's parts may be told apart."""
    found: list[Deal] = []
    for deal in sorted(deals, key=lambda each: (each[:3], each.price, each.purpose, each.size)):
        last = found[-1] if found else None
        if last is not None and is_one(last, deal):
            purpose = "/".join(sorted(reasons(last) | reasons(deal)))
            found[-1] = last._replace(size=last.size + deal.size, fee=last.fee + deal.fee, purpose=purpose)
        else:
            found.append(deal)
    return found


def difference(case: Case, engine: Outcome, reference: Outcome) -> str | None:
    """Say where two outcomes part, with both lists around the place; None when they agree."""
    ours, theirs = (together(each.deals) for each in (engine, reference))
    longest = max(len(ours), len(theirs))
    for place in range(longest):
        if place >= len(ours) or place >= len(theirs) or not same_deal(ours[place], theirs[place]):
            return f"seed {case.seed}, fill {place}\nengine:\n{shown(ours, place)}\nreference:\n{shown(theirs, place)}"
    names = ("cash", "equity", "funding", "fees", "shortfall", "liquidations")
    parts = [f"{name} {getattr(engine, name)} / {getattr(reference, name)}" for name in names]
    wrong = [
        part
        for part, name in zip(parts, names, strict=True)
        if not near(getattr(engine, name), getattr(reference, name))
    ]
    return f"seed {case.seed}, engine / reference: {', '.join(wrong)}\n{shown(theirs, longest)}" if wrong else None


def shown(deals: list[Deal], place: int) -> str:
    lines = []
    for number, deal in enumerate(deals[: place + 12]):
        if number >= place - 8:
            minutes = (deal.time_ms - START) / 60_000
            values = f"{deal.size:.9g} at {deal.price:.10g} fee {deal.fee:.6g} {deal.purpose}"
            lines.append(f"  {'>' if number == place else ' '} +{minutes:.4f}m {deal.symbol} {deal.side} {values}")
    return "\n".join(lines)
