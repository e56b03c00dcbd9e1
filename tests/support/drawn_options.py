"""Options of a run, drawn together: fields, rule books and models of one's own, and the same in other units."""

from __future__ import annotations

from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any

from hypothesis import strategies as st

from engine import ExecutionModels, Instrument, MarginTier, MarketOrder, RuleBook, VenueRules
from engine.venue.models import FeeTier, TradedVolume

BALANCE = 10_000.0
TRADED = ("BTC", "ETH", "SOL")


@dataclass(frozen=True)
class ThinBook:
    """Slippage of one's own: by the size of the order against `depth` coins, and by the range of the last kline."""

    depth: float

    def fill_price(self, order: MarketOrder) -> float:
        base = order.history.base
        last = base.finished(order.time_ms) - 1
        spread = (base.columns.high.item(last) - base.columns.low.item(last)) / base.columns.close.item(last)
        return order.price * (1.0 + order.sign * (0.05 * spread + 0.002 * order.size / (order.size + self.depth)))


@dataclass(frozen=True)
class Queue:
    """A cap of one's own: a quarter of what traded gets its turn, and never more than `coins`."""

    coins: float

    def most(self, volume: float) -> float:
        return min(volume / 4.0, self.coins)


@dataclass(frozen=True)
class LoyaltyFees:
    """Fees of one's own: lower from `since_usd` of the last two days on, with a rebate for fills that rested."""

    since_usd: float

    def percent(self, symbol: str, is_maker: bool, time_ms: int, traded: TradedVolume) -> float:
        is_loyal = traded.before_today(time_ms, days=2) >= self.since_usd
        if is_maker:
            return -0.005 if is_loyal else 0.01
        return 0.03 if is_loyal else 0.06


@dataclass(frozen=True)
class UnevenLatency:
    """Latency of one's own: another one every five seconds."""

    delays_ms: tuple[int, ...] = (0, 400, 9_000, 65_000)

    def delay_ms(self, decided_at_ms: int) -> int:
        return self.delays_ms[decided_at_ms // 5_000 % len(self.delays_ms)]


models = st.builds(
    ExecutionModels,
    slippage=st.sampled_from([None, None, ThinBook(300.0)]),
    fees=st.sampled_from([None, None, LoyaltyFees(40_000.0)]),
    latency=st.sampled_from([None, None, UnevenLatency()]),
    volume_cap=st.sampled_from([None, None, Queue(80.0)]),
)

ONE_TIER = Instrument("").tiers
THREE_TIERS = (
    MarginTier(0.0, 50, 0.01, 0.0),
    MarginTier(40_000.0, 50, 0.015, 200.0),
    MarginTier(120_000.0, 20, 0.025, 1_400.0),
)
THREE_FEES = (FeeTier(0.0, 0.05, 0.02), FeeTier(30_000.0, 0.04, 0.01), FeeTier(300_000.0, 0.03, -0.005))


@st.composite
def own_rules(draw: st.DrawFn) -> VenueRules:
    """Rules of one's own, other ones for each symbol."""
    fees = draw(st.sampled_from([(None, None), (None, None), (0.05, -0.01)]))
    return VenueRules(
        instruments={name: draw(instruments(name, *fees)) for name in TRADED},
        fee_tiers=draw(st.sampled_from([(), THREE_FEES])),
        funding_interval=draw(st.sampled_from(["1h", "8h"])),
        funding_price=draw(st.sampled_from(["mark", "oracle"])),
        trigger_price=draw(st.sampled_from(["last", "mark"])),
        cancels_when_liquidated=draw(st.booleans()),
        partial_above_usd=draw(st.sampled_from([None, 15_000.0, 60_000.0])),
        partial_share=draw(st.sampled_from([0.2, 0.5])),
        partial_cooldown_ms=draw(st.sampled_from([0, 30_000, 600_000])),
    )


def instruments(symbol: str, taker_fee: float | None, maker_fee: float | None) -> st.SearchStrategy[Instrument]:
    return st.builds(
        lambda prices, **others: Instrument(symbol, taker_fee=taker_fee, maker_fee=maker_fee, **prices, **others),
        st.sampled_from([{}, {"price_step": "0.01"}, {"price_step": "0.25"}]),
        size_step=st.sampled_from([None, "0.001", "0.1", "3"]),
        min_notional=st.sampled_from([0.0, 10.0, 2_000.0]),
        tiers=st.sampled_from([ONE_TIER, THREE_TIERS]),
        liquidation_fee=st.sampled_from([0.0, 0.3, 1.25]),
    )


#: The rule book of a run: none, that of a venue, or one's own.
no_book, own_books = st.none(), own_rules()
books = st.one_of(no_book, st.sampled_from(["hyperliquid", "binance_um"]), own_books)

EVERY_OPTION: dict[str, st.SearchStrategy[Any]] = {
    "book": books,
    "models": models,
    "initial_balance": st.sampled_from([400.0, BALANCE, BALANCE, 500_000.0]),
    "execution_price": st.sampled_from(["close", "open", "vwap"]),
    "watch_period": st.sampled_from(["1m", "15s"]),
    "trigger_price": st.sampled_from([None, "last", "mark"]),
    "bracket_execution": st.sampled_from(["market", "limit", "as_decided"]),
    "intrabar": st.sampled_from(["pessimistic", "optimistic", "nearest_open"]),
    "drill_down": st.booleans(),
    "fill_on": st.sampled_from(["through", "touch"]),
    "warm_up": st.sampled_from(["hold", "trade"]),
    "mark_stale_ms": st.sampled_from([60_000, 60_000, 20_000, 0]),
    "price_stale_ms": st.sampled_from([None, 120_000]),
    "liquidation": st.sampled_from([True, True, True, False]),
    "funding": st.sampled_from([True, True, False]),
    "funding_interval": st.sampled_from([None, "1h", "8h"]),
    "margin_mode": st.sampled_from(["cross", "isolated"]),
    "fee_model": st.sampled_from([None, None, "flat", "maker_taker"]),
    "volume_cap_percent": st.sampled_from([None, 20.0, 100.0]),
    "slippage_model": st.sampled_from(["percent", "volume_share", "spread"]),
    "schedule_mode": st.sampled_from(["grid", "after_trigger"]),
    "order_latency_ms": st.sampled_from([0, 700, 70_000]),
    "latency_model": st.sampled_from(["constant", "constant", "lognormal", "time_of_day"]),
    "latency_by_hour_ms": st.just([hour * 1_500 % 40_000 for hour in range(24)]),
    "max_position_usd": st.sampled_from([None, None, 30_000.0]),
    "max_daily_loss_usd": st.sampled_from([None, None, 700.0]),
    "max_open_orders": st.sampled_from([None, None, 4]),
    "stop_cooldown_seconds": st.sampled_from([None, None, 200]),
}

options = st.fixed_dictionaries(EVERY_OPTION)


def options_with(**fixed: st.SearchStrategy[Any]) -> st.SearchStrategy[dict[str, Any]]:
    """Draw every option, these in their own way."""
    return st.fixed_dictionaries(EVERY_OPTION | fixed)


def in_other_units(fields: dict[str, Any], start_ms: int, price: int = 1, coins: int = 1) -> dict[str, Any]:
    """Return options with all that is in USD, in USD a coin or in coins multiplied: by powers of two nothing is rounded
    in another way. A venue's own rule book becomes the rules that are in force at the start.
    """
    usd = price * coins
    in_usd = ("initial_balance", "max_position_usd", "max_daily_loss_usd")
    changed = {name: None if fields[name] is None else fields[name] * usd for name in in_usd}
    book, own = fields["book"], fields["models"]
    rules = RuleBook.of(book).rules(TRADED, start_ms, start_ms + 1) if isinstance(book, str) else book
    return {
        **fields,
        **changed,
        "book": None if rules is None else _rules(rules, price, coins),
        "models": replace(
            own,
            slippage=own.slippage and ThinBook(own.slippage.depth * coins),
            fees=own.fees and LoyaltyFees(own.fees.since_usd * usd),
            volume_cap=own.volume_cap and Queue(own.volume_cap.coins * coins),
        ),
    }


def _rules(rules: VenueRules, price: int, coins: int) -> VenueRules:
    usd, above = price * coins, rules.partial_above_usd
    return replace(
        rules,
        instruments={name: _instrument(each, price, coins) for name, each in rules.instruments.items()},
        fee_tiers=tuple(tier._replace(volume_from=tier.volume_from * usd) for tier in rules.fee_tiers),
        partial_above_usd=None if above is None else above * usd,
    )


def _instrument(old: Instrument, price: int, coins: int) -> Instrument:
    assert old.price_digits is None or price == 1, "significant digits are in no unit"
    usd = price * coins
    return replace(
        old,
        price_step=_step(old.price_step, price),
        size_step=_step(old.size_step, coins),
        min_notional=old.min_notional * usd,
        tiers=tuple(
            replace(tier, notional_from=tier.notional_from * usd, deduction=tier.deduction * usd) for tier in old.tiers
        ),
    )


def _step(step: str | None, factor: int) -> str | None:
    return None if step is None else str(Decimal(step) * factor)
