"""Random markets with every kind of record, the changes of them that laws speak of, and a program that trades there."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from engine import (
    BacktestResult,
    BookRows,
    Decision,
    ExecutionModels,
    FlowHistory,
    MarketHistory,
    Simulation,
    SymbolHistory,
    VenueRules,
)
from engine.exchange import OrderState
from processes import TriggerTimes
from tests.oracles.venue_market import HOUR, Bar, Record, Row
from tests.support.runs import DAY, MINUTE, START, config, wired
from tests.support.venue_cases import Habits, decide, random_bars, random_mark_bars, random_marks, random_rows
from tests.support.venue_comparison import columns, timed, trade_rows

MINUTES = 45
NAMES = ("BTC", "ETH")
#: When runs begin: at an hour, or 20 minutes before a UTC day ends; under two editions of the rule books.
BEGINNINGS = (START, START + DAY - 20 * MINUTE, START + 518 * DAY - 20 * MINUTE)
HABITS = Habits(
    activity=0.4,
    leverages=(1, 5, 20, 50),
    portions=(0.1, 0.3, 0.6),
    bad=0.05,
    trailing=0.2,
    time_stop=0.2,
    limits=0.3,
    in_force=("Gtc", "Ioc", "Alo"),
)

Moment = tuple[int, float]


@dataclass(frozen=True)
class World:
    """What is recorded of each symbol, with snapshots of its spread and oracle prices; the run begins at `start_ms`."""

    seed: int
    records: dict[str, Record]
    spreads: dict[str, list[Moment]]
    oracles: dict[str, list[Moment]]
    start_ms: int = START

    def market(self) -> MarketHistory:
        """Return it as the engine's market."""
        return MarketHistory([self._history(name) for name in self.records])

    def _history(self, name: str) -> SymbolHistory:
        record = self.records[name]
        times, spread = (np.array(each) for each in zip(*self.spreads[name], strict=True))
        book = BookRows(times, spread * 100, spread * 90, spread)
        marks, rates = timed(record.marks), timed(record.rates)
        oracle = timed(self.oracles[name])
        flow = FlowHistory(trade_rows(record), book, oracle_price=oracle, mark_price=marks, funding_rate=rates)
        klines = columns(record.mark_bars) if record.mark_bars else None
        return SymbolHistory(name, columns(record.bars), flow=flow, mark_klines=klines)


def world(seed: int, marks: str = "none", names: Sequence[str] = NAMES) -> World:
    """Make a market; `marks` are recorded as "rows", as "klines", or not ("none"). The seed says when it is, too."""
    records, spreads, oracles = {}, {}, {}
    for name in names:
        rng = np.random.default_rng([seed, len(name), *name.encode()])
        bars = random_bars(rng, MINUTES, spread=0.004, gaps=0.2, holes=0.03, volume=500.0)
        record = records[name] = Record(bars, rows=random_rows(rng, bars))
        if marks == "rows":
            record.marks = random_marks(rng, bars, 0.002)
        if marks == "klines":
            record.mark_bars = random_mark_bars(rng, bars, 0.002)
        record.rates = [(START + hour * HOUR // 4 + 79, float(rng.normal(0, 1e-3))) for hour in range(4)]
        spreads[name] = [(bar.open_ms + 20_000, bar.open * float(rng.uniform(0, 2e-3))) for bar in bars]
        oracles[name] = [(bar.open_ms + 10_000, bar.open * float(np.exp(rng.normal(0, 2e-3)))) for bar in bars]
    later = BEGINNINGS[seed % len(BEGINNINGS)] - START
    return changed(World(seed, records, spreads, oracles), time=lambda time_ms: time_ms + later)


def changed(
    old: World,
    time: Callable[[int], int] = lambda time_ms: time_ms,
    price: Callable[[int, float], float] = lambda _, value: value,
    volume: Callable[[int, float], float] = lambda _, value: value,
    rate: Callable[[int, float], float] = lambda _, value: value,
) -> World:
    """Return a world with other times and, each as it is known at its time, other prices, volumes and rates."""

    def bars(given: Iterable[Bar]) -> list[Bar]:
        found = []
        for bar in given:
            opened = price(bar.open_ms, bar.open)
            high, low, close = (price(bar.close_ms, each) for each in (bar.high, bar.low, bar.close))
            top, bottom = max(opened, high, low, close), min(opened, high, low, close)
            found.append(Bar(time(bar.open_ms), opened, top, bottom, close, volume(bar.close_ms, bar.volume)))
        return found

    def row(at: int, given: Row) -> Row:
        low, vwap, high = sorted(price(at, each) for each in (given.low, given.vwap, given.high))
        return Row(time(at), high, low, vwap, volume(at, given.volume))

    def prices(given: Iterable[Moment]) -> list[Moment]:
        return [(time(at), price(at, value)) for at, value in given]

    records = {
        name: Record(
            bars(each.bars),
            prices(each.marks),
            bars(each.mark_bars),
            [row(given.close_ms, given) for given in each.rows],
            [(time(at), rate(at, value)) for at, value in each.rates],
        )
        for name, each in old.records.items()
    }
    spreads, oracles = ({name: prices(each) for name, each in of.items()} for of in (old.spreads, old.oracles))
    return World(old.seed, records, spreads, oracles, time(old.start_ms))


def beside(one: World, other: World) -> World:
    """Return the symbols of both, those of `one` first."""
    parts = {name: getattr(one, name) | getattr(other, name) for name in ("records", "spreads", "oracles")}
    return replace(one, **parts)


def with_another_future(old: World, cut: int, seed: int) -> World:
    """Return a world that is the same up to `cut`, that instant included, and wild afterwards."""
    rng = np.random.default_rng(seed)

    def wild(at: int, value: float) -> float:
        return value if at <= cut else value * float(np.exp(rng.normal(0, 0.1)))

    return changed(old, price=wild, volume=wild, rate=wild)


def terms(rng: np.random.Generator, answer: dict[str, Any], price: float, side: int) -> dict[str, Any]:
    """Return what a decision says of how it trades: its exits at market or at their limits, a close at a limit."""
    target, stop = rng.choice(["limit", "market"], 2)
    at_limit = rng.random() < 0.3
    if answer["operation"] != "close" or not at_limit:
        return {"tp_execution": str(target), "sl_execution": str(stop)}
    limit = price * (1 + side * float(rng.normal(0, 2e-3)))
    return {"min_price" if side > 0 else "max_price": limit, "time_in_force": str(rng.choice(HABITS.in_force))}


@dataclass
class Trader:
    """Decides by chance, price and position, and writes down all that it sees; `instead` decides at some ticks, nobody
    at those `left_out`.
    """

    world: World
    instead: Callable[[int, str, float], Decision | None] | None = None
    habits: Habits = HABITS
    left_out: frozenset[int] = frozenset()
    seen: list[tuple[Any, ...]] = field(default_factory=list)

    def should_trade(self, data: Any) -> Decision | None:
        tick = (data.timestamp - self.world.start_ms) // 1_000
        rng = np.random.default_rng([self.world.seed, 3, tick])
        name = NAMES[int(rng.integers(len(NAMES)))]
        price, position = data.get_price(name), data.positions.get(name)
        self.look(data, name)
        if data.timestamp in self.left_out:
            return None
        if self.instead is not None and tick % 7 == 0:
            return self.instead(tick, name, price)
        side = 0 if position is None else 1 if position.side == "long" else -1
        answer = decide(rng, self.habits, name, price, side) if price > 0 else None
        return None if answer is None else Decision(**answer, **terms(rng, answer, price, side))

    def look(self, data: Any, name: str) -> None:
        flows = [data.get_flow(name, metric, "1m") for metric in ("CVD", "DEPTH", "FUNDING", "PRICE_CHANGE")]
        account = data.total_equity, data.available_balance, data.maintenance_margin
        market = data.get_price(name), data.get_klines(name, "5m", 3), data.get_indicator(name, "MA20", "1m")
        self.seen.append((data.timestamp, *account, repr((data.positions, data.open_orders, market, flows))))


@dataclass
class Dealer(Trader):
    """Gives several orders at once, of every kind that there is, and cancels and amends them: all sizes are shares of
    its equity, and all prices of the market's.
    """

    def should_trade(self, data: Any) -> Any:
        rng = np.random.default_rng([self.world.seed, 4, (data.timestamp - self.world.start_ms) // 1_000])
        name = NAMES[int(rng.integers(len(NAMES)))]
        price = data.get_price(name)
        self.look(data, name)
        self.seen.append((data.timestamp, data.events))
        if data.timestamp in self.left_out or price <= 0 or rng.random() < 0.4:
            return None
        kinds = (self.order, self.order, self.change, self.leave)
        chosen = rng.choice(len(kinds), int(rng.integers(1, 4)))
        return [kinds[kind](rng, name, price, data.total_equity / price) for kind in chosen]

    def order(self, rng: np.random.Generator, name: str, price: float, coins: float) -> Decision:
        """An order with some of all that it may say."""
        sign = int(rng.choice([1, -1]))
        given: dict[str, Any] = {"operation": "buy" if sign > 0 else "sell", "leverage": int(rng.choice([1, 5, 20]))}
        beyond, target, trigger, limit = rng.normal(0, 4e-3, 4)
        if rng.random() < 0.5:
            given["stop_loss_price"] = price * (1 - sign * (0.002 + abs(float(beyond))))
            given["take_profit_price"] = price * (1 + sign * (0.002 + abs(float(target))))
        share = float(rng.choice([0.1, 0.3, 0.9]))
        sizes = {"size": share * coins, "notional": share * coins * price, "target_portion_of_balance": share}
        sizes |= {"risk_percent": share * 4} if "stop_loss_price" in given else {}
        which = str(rng.choice(list(sizes)))
        given[which] = sizes[which]
        at = price
        if rng.random() < 0.4:
            at = given["trigger_price"] = price * (1 + float(trigger))
        if rng.random() < 0.4:
            given["max_price" if sign > 0 else "min_price"] = at * (1 + float(limit))
            given["time_in_force"] = str(rng.choice(HABITS.in_force))
        given |= {"tag": str(rng.choice(list("abc")))} if rng.random() < 0.7 else {}
        given |= {"group": str(rng.choice(list("gh")))} if rng.random() < 0.3 else {}
        given |= {"expires_after_seconds": float(rng.choice([20, 60, 333.3]))} if rng.random() < 0.3 else {}
        given |= {"reduce_only": True} if which != "risk_percent" and rng.random() < 0.1 else {}
        return Decision(symbol=name, **given)

    def change(self, rng: np.random.Generator, name: str, price: float, coins: float) -> Decision:
        """Amend what a tag names, in one or two ways."""
        near = [price * (1 + float(each)) for each in rng.normal(0, 3e-3, 5)]
        fields = ("max_price", "min_price", "trigger_price", "take_profit_price", "stop_loss_price")
        changes = dict(zip(fields, near, strict=True)) | {"size": 0.1 * coins, "expires_after_seconds": 90.0}
        changes["trailing_stop_percent"] = 0.5
        chosen = rng.choice(list(changes), int(rng.integers(1, 3)))
        return Decision(
            "amend", name, tag=str(rng.choice(list("abc"))), **{str(each): changes[each] for each in chosen}
        )

    def leave(self, rng: np.random.Generator, name: str, price: float, coins: float) -> Decision:
        """Cancel what a tag names, or all; or close."""
        if rng.random() < 0.6:
            return Decision("cancel", name, tag=str(rng.choice(["a", "b", "c", ""])))
        return Decision("close", name, cancel_orders=bool(rng.random() < 0.5), size=0.1 * coins)


@dataclass
class Ran:
    """A finished run."""

    sim: Simulation
    result: BacktestResult
    trader: Trader

    def fills(self) -> list[tuple[Any, ...]]:
        """Return what was traded, without the numbers of orders."""
        return [
            (each.timestamp, each.symbol, each.side, each.size, each.price, each.fee, str(each.purpose))
            for each in self.sim.exchange.fills
        ]

    def rejected(self) -> frozenset[int]:
        """Return when a decision was made that was refused before it could do anything."""
        state = self.sim.exchange.lives.state
        made = ((each.trigger.timestamp, each.order) for _, each in self.sim.trigger_log.eventful())
        return frozenset(at for at, order in made if order and state(order.order_id) is OrderState.REJECTED)


def run(
    of: World,
    trader: Trader | None = None,
    book: str | VenueRules | None = None,
    models: ExecutionModels | None = None,
    prepare: Callable[[Simulation], object] = lambda _: None,
    record_journal: bool = False,
    **fields: Any,
) -> Ran:
    """Run a trader in a world, with a tick every 45 seconds and signals between them, by the rule `book` of a venue or
    by rules of one's own. `prepare` gets the simulation before it starts.
    """
    trader = trader or Trader(of)
    end = of.start_ms + MINUTES * MINUTE
    times = {"start_time": of.start_ms, "end_time": end, "scheduled_interval": 45}
    costs = {"slippage_percent": 0.05, "slippage_impact_percent": 1.0, "fee_rate": 0.035, "maker_fee_rate": 0.01}
    venue, rules = (book, None) if isinstance(book, str) else (None, book)
    settings = config(trader, MINUTES, tuple(of.records), **{**times, **costs, "venue": venue, **fields})
    signal = TriggerTimes("ETH", list(range(of.start_ms + 20_000, end, 7 * MINUTE)), "now and then")
    own = {"models": models, "rules": rules, "record_journal": record_journal}
    sim = wired(of.market(), settings, [signal], **own)
    prepare(sim)
    return Ran(sim, sim.run(), trader)
