"""How often what perpsim says of ambiguous klines holds the truth: random programs on klines made of trade prints.

    python -m tests.benchmarks.tick_truth PRINTS.parquet [PRINTS.csv ...] [--programs 500] [--seed 1]

Each file has trade prints in order of time: `timestamp_ms`, `price`, `qty`. Without files those that the environment
variable PERPSIM_PRINTS names count, with `:` between them.
"""

from __future__ import annotations

import argparse
import os
import random
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from engine import (
    PERIOD_MS,
    BacktestConfig,
    BacktestResult,
    Decision,
    FlowHistory,
    KlineColumns,
    MarketHistory,
    SymbolHistory,
    TradeRows,
)
from processes import ProgramBacktestEngine
from tests.oracles.tick_oracle import Costs, Decide, TickRun, Wish, candles

VARIABLE = "PERPSIM_PRINTS"
RULES = ("pessimistic", "optimistic", "nearest_open")
PERIODS = ("1m", "3m", "5m", "15m", "1h")
BALANCE, COSTS, ROW_MS = 10_000.0, Costs(fee=0.035, slippage=0.02), 15_000
#: Fewer klines of a period than this are no market.
FEWEST = 5
#: The rounding of a sum of a few hundred trades, USD.
ROUNDING = 1e-6


@dataclass(frozen=True)
class Prints:
    """Trade prints of one market in order of time."""

    name: str
    times: Sequence[int]
    prices: Sequence[float]
    sizes: Sequence[float]

    @classmethod
    def read(cls, path: Path) -> Prints:
        """Read a file of prints."""
        frame = pd.read_parquet(path) if path.suffix == ".parquet" else pd.read_csv(path)
        columns = (frame[name].tolist() for name in ("timestamp_ms", "price", "qty"))
        return cls(path.stem, *columns)

    def market(self, period: str) -> MarketHistory:
        """Return klines of a period and 15-second rows, as an import makes them."""
        times, prices, sizes = np.array(self.times), np.array(self.prices), np.array(self.sizes)
        length = PERIOD_MS[period]
        begun = times // length * length
        first, _, high, low, volume = _grouped(begun, prices, sizes)
        last = np.append(first[1:], len(times)) - 1
        klines = KlineColumns(length, begun[first], prices[first], high, low, prices[last], volume)
        ends = -(-times // ROW_MS) * ROW_MS
        first, notional, high, low, volume = _grouped(ends, prices, sizes)
        half = volume / 2.0
        rows = TradeRows(ends[first], half, half, notional / 2.0, notional / 2.0, notional / volume, high, low)
        return MarketHistory([SymbolHistory("X", klines, flow=FlowHistory(trades=rows))])


def _grouped(keys: Any, prices: Any, sizes: Any) -> tuple[Any, ...]:
    first = np.flatnonzero(np.diff(keys, prepend=keys[:1] - 1))
    highs, lows = np.maximum.reduceat(prices, first), np.minimum.reduceat(prices, first)
    return first, np.add.reduceat(prices * sizes, first), highs, lows, np.add.reduceat(sizes, first)


@dataclass(frozen=True)
class Plan:
    """A random program: what it buys and sells, with which exits, and what a loss makes of it."""

    period: str
    interval: int
    side: str
    after_loss: str
    portion: float
    target_percent: float | None
    loss_percent: float
    trail_percent: float | None
    seed: int

    @property
    def trails(self) -> bool:
        """Whether it has a trailing stop."""
        return self.trail_percent is not None


def plans(chance: random.Random, periods: Sequence[str], typical: dict[str, float]) -> Iterator[Plan]:
    """Yield random programs without end; `typical` is how far a kline of each period reaches, in percent."""
    while True:
        period = chance.choice(periods)
        reach = [max(0.05, typical[period] * chance.uniform(0.3, 1.5)) for _ in range(3)]
        trail = reach[2] if chance.random() < 1 / 3 else None
        target = reach[0] if trail is None or chance.random() < 0.8 else None
        interval = PERIOD_MS[period] // 1_000 * chance.choice([1, 1, 2, 3])
        side = chance.choice(["long", "short", "either", "with", "against"])
        after_loss = chance.choice(["nothing", "nothing", "turn", "double", "wait"])
        portion = chance.choice([0.1, 0.25, 0.45])
        yield Plan(period, interval, side, after_loss, portion, target, reach[1], trail, chance.randrange(2**32))


def decider(plan: Plan) -> Decide:
    """Return a program by its plan, as it is before its first tick."""
    state = {"balance": BALANCE, "price": 0.0, "sign": 1, "wait": 0}

    def decide(now: int, price: float, balance: float) -> Wish | None:
        has_lost, rising = balance < state["balance"], price > state["price"]
        state["balance"], state["price"] = balance, price
        if has_lost and plan.after_loss == "wait":
            state["wait"] = 3
        if state["wait"]:
            state["wait"] -= 1
            return None
        drawn = random.Random(plan.seed ^ now).random() < 0.5
        sides = {"long": True, "short": False, "either": drawn, "with": rising, "against": not rising}
        sign = 1 if sides[plan.side] else -1
        if has_lost and plan.after_loss == "turn":
            sign = -int(state["sign"])
        state["sign"] = sign
        portion = plan.portion * (2.0 if has_lost and plan.after_loss == "double" else 1.0)
        return Wish(sign, portion, plan.target_percent, plan.loss_percent, plan.trail_percent)

    return decide


class Planned:
    """The same program for the engine."""

    def __init__(self, plan: Plan) -> None:
        self._decide = decider(plan)

    def should_trade(self, data: Any) -> Decision | None:
        price = data.get_price("X")
        if "X" in data.positions or price is None:
            return None
        wish = self._decide(data.timestamp, price, data.available_balance)
        if wish is None:
            return None
        away = {"take_profit_price": wish.target_percent, "stop_loss_price": wish.loss_percent and -wish.loss_percent}
        exits = {
            name: price * (1.0 + wish.sign * percent / 100.0) for name, percent in away.items() if percent is not None
        }
        return Decision(
            "buy" if wish.sign > 0 else "sell",
            "X",
            target_portion_of_balance=wish.portion,
            leverage=1,
            trailing_stop_percent=wish.trail_percent,
            **exits,
        )


@dataclass(frozen=True)
class Outcome:
    """What the rules say of one program, without and with drill-down, beside the truth (USD)."""

    plan: Plan
    truth: float
    plain: tuple[BacktestResult, ...]
    drilled: tuple[BacktestResult, ...]

    def holds(self, results: Sequence[BacktestResult]) -> bool:
        """Tell whether the truth lies between what the rules give."""
        return self.away(results) <= ROUNDING

    def away(self, results: Sequence[BacktestResult]) -> float:
        """Return how far the truth lies outside of that, USD; below 0 inside."""
        amounts = [each.total_pnl for each in results]
        return max(min(amounts) - self.truth, self.truth - max(amounts))


def outcome(plan: Plan, prints: Prints, market: MarketHistory) -> Outcome:
    """Run a program by each rule, without and with drill-down, and on the prints."""
    length = PERIOD_MS[plan.period]
    start = prints.times[0] // length * length + length
    end = prints.times[-1] // length * length
    step = plan.interval * 1_000
    klines = candles(prints.times, prints.prices, length)
    truth = TickRun(decider(plan), COSTS, BALANCE).run(klines, range(start + step, end + 1, step), end)
    results = []
    for drill_down in (False, True):
        for rule in RULES:
            config = BacktestConfig(
                strategy=Planned(plan),
                symbols=["X"],
                start_time=start,
                end_time=end,
                base_period=plan.period,
                scheduled_interval=plan.interval,
                initial_balance=BALANCE,
                fee_rate=COSTS.fee,
                slippage_percent=COSTS.slippage,
                liquidation=False,
                intrabar=rule,
                drill_down=drill_down,
            )
            result = ProgramBacktestEngine(market).run(config)
            assert result.success, result.error
            results.append(result)
    return Outcome(plan, truth, tuple(results[:3]), tuple(results[3:]))


def outcomes(files: Sequence[Prints], count: int, seed: int) -> Iterator[Outcome]:
    """Yield the outcomes of as many random programs, in turns on the markets."""
    chance = random.Random(seed)
    grounds = []
    for prints in files:
        markets = {period: prints.market(period) for period in PERIODS}
        fit = [period for period in PERIODS if len(markets[period].symbols["X"].base.columns) >= FEWEST]
        typical = {period: _typical(markets[period]) for period in fit}
        grounds.append((prints, markets, plans(chance, fit, typical)))
    for number in range(count):
        prints, markets, drawn = grounds[number % len(grounds)]
        plan = next(drawn)
        yield outcome(plan, prints, markets[plan.period])


def _typical(market: MarketHistory) -> float:
    klines = market.symbols["X"].base.columns
    return float(np.mean((klines.high - klines.low) / klines.close)) * 100.0


def table(found: Sequence[Outcome]) -> Iterator[str]:
    """Yield the lines that the README shows."""
    groups = {
        "all": list(found),
        "take-profit and stop-loss": [each for each in found if not each.plan.trails],
        "  what a loss changes nothing of": [
            each for each in found if not each.plan.trails and each.plan.after_loss == "nothing"
        ],
        "with a trailing stop": [each for each in found if each.plan.trails],
        "with an ambiguous kline": [each for each in found if each.plain[0].ambiguous_klines],
    }
    yield "| Programs | how many | within the range | with drill-down | mean width, USD | with drill-down |"
    yield "|---|--:|--:|--:|--:|--:|"
    for name, group in groups.items():
        if group:
            yield "| " + " | ".join([name, f"{len(group):,}", *_cells(group)]) + " |"
    klines = Counter[str]()
    for each in found:
        klines["ambiguous"] += each.plain[0].ambiguous_klines
        klines["decided"] += each.drilled[0].drilled_klines
        klines["remaining"] += each.drilled[0].ambiguous_klines
    yield f"klines: {dict(klines)}"
    yield from _outside([each for each in found if not each.holds(each.plain)])


def _outside(found: Sequence[Outcome]) -> Iterator[str]:
    if found:
        away = sorted(each.away(each.plain) for each in found)
        yield f"outside: {len(found)}; with a trailing stop: {sum(each.plan.trails for each in found)}"
        yield f"without an ambiguous kline: {sum(not each.plain[0].ambiguous_klines for each in found)}"
        yield f"above the pessimistic run: {sum(each.truth > each.plain[0].total_pnl for each in found)}"
        yield f"USD away: median {away[len(away) // 2]:.2f}, at most {away[-1]:.2f}"


def _cells(group: Sequence[Outcome]) -> Iterator[str]:
    for results in (lambda each: each.plain, lambda each: each.drilled):
        yield f"{100.0 * sum(each.holds(results(each)) for each in group) / len(group):.1f} %"
    for results in (lambda each: each.plain, lambda each: each.drilled):
        widths = [max(r.total_pnl for r in results(each)) - min(r.total_pnl for r in results(each)) for each in group]
        yield f"{sum(widths) / len(widths):.2f}"


def main() -> None:
    """Print the table for the files that are named."""
    parser = argparse.ArgumentParser(description="How often the range of the rules holds what prints tell")
    parser.add_argument("files", nargs="*", type=Path)
    parser.add_argument("--programs", type=int, default=500)
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args()
    files = given.files or [Path(each) for each in os.environ.get(VARIABLE, "").split(":") if each]
    if not files:
        parser.error(f"name files of trade prints, or set {VARIABLE}")
    print("\n".join(table(list(outcomes([Prints.read(path) for path in files], given.programs, given.seed)))))


if __name__ == "__main__":
    main()
