"""Small random markets and plans of decisions, a kind for each theme of the venue reference; a seed is a case."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from tests.oracles.venue_account import Tier
from tests.oracles.venue_market import HOUR, MINUTE, ROW_MS, Bar, Record, Row
from tests.oracles.venue_orders import Rules

START = 1_704_067_200_000
WARM_UP = 15


@dataclass(frozen=True)
class Habits:
    """What the program of a case does, as chances and ranges."""

    activity: float = 0.25
    closing: float = 0.3
    reversing: float = 0.15
    leverages: tuple[int, ...] = (1, 2, 5, 10)
    portions: tuple[float, ...] = (0.1, 0.2, 0.35, 0.5)
    parts: tuple[float, ...] = (0.0, 1.0, 0.5, 1 / 3, 0.7)
    take_profit: float = 0.4
    stop_loss: float = 0.4
    trailing: float = 0.0
    time_stop: float = 0.0
    limits: float = 0.0
    bad: float = 0.0
    width: float = 0.006
    adding: float = 1.0
    in_force: tuple[str, ...] = ("Gtc",)


@dataclass
class Case:
    """A seed's configuration, market and program: `program(tick, price_of, side_of)` answers in words of `Decision`."""

    seed: int
    rules: Rules
    records: dict[str, Record]
    habits: Habits
    faults: tuple[dict[str, Any], ...] = ()

    def program(
        self, tick: int, price_of: Callable[[str], float], side_of: Callable[[str], int]
    ) -> dict[str, Any] | None:
        rng = np.random.default_rng([self.seed, 1, tick])
        symbol = self.rules.symbols[int(rng.integers(len(self.rules.symbols)))]
        price = price_of(symbol)
        return decide(rng, self.habits, symbol, price, side_of(symbol)) if price > 0 else None


def decide(rng: np.random.Generator, habits: Habits, symbol: str, price: float, side: int) -> dict[str, Any] | None:
    chances = [float(each) for each in rng.random(10)]
    numbers = [float(each) for each in rng.random(10)]
    if chances[0] > habits.activity:
        return None
    if side and chances[1] < habits.closing:
        return {"operation": "close", "symbol": symbol, "target_portion_of_balance": float(rng.choice(habits.parts))}
    sign = 1 if numbers[0] < 0.5 else -1
    if side:
        sign = -side if chances[2] < habits.reversing else side
        if sign == side and chances[9] > habits.adding:
            return None
    wrong = -1 if chances[3] < habits.bad else 1
    decision: dict[str, Any] = {
        "operation": "buy" if sign > 0 else "sell",
        "symbol": symbol,
        "target_portion_of_balance": float(rng.choice(habits.portions)),
        "leverage": int(rng.choice(habits.leverages)),
    }
    if chances[4] < habits.take_profit:
        decision["take_profit_price"] = price * (1 + wrong * sign * habits.width * (0.3 + numbers[1]))
    if chances[5] < habits.stop_loss:
        decision["stop_loss_price"] = price * (1 - wrong * sign * habits.width * (0.3 + numbers[2]))
    if chances[6] < habits.trailing:
        decision["trailing_stop_percent"] = 100 * habits.width * (0.2 + numbers[3])
    if chances[7] < habits.time_stop:
        decision["max_holding_seconds"] = 7.25 + 15 * int(numbers[4] * 60)
    if chances[8] < habits.limits and sign != -side:
        away = habits.width * (numbers[5] - 0.7) * 0.5
        decision["max_price" if sign > 0 else "min_price"] = price * (1 + sign * away)
        decision["time_in_force"] = habits.in_force[int(numbers[6] * len(habits.in_force))]
    return decision


def random_bars(
    rng: np.random.Generator,
    minutes: int,
    spread: float = 0.002,
    gaps: float = 0.1,
    holes: float = 0.0,
    volume: float = 1e9,
) -> list[Bar]:
    """A walk of minutes; `gaps` is the chance of a jump at the open, `holes` that of missing minutes."""
    bars, price, minute = [], 100.0, -WARM_UP
    while minute < minutes:
        if rng.random() < holes:
            minute += int(rng.choice([1, 2, 3, 8, 14]))
        jump = rng.normal(0, 3 * spread) if rng.random() < gaps else rng.normal(0, spread / 5)
        opened = price * float(np.exp(jump))
        price = opened * float(np.exp(rng.normal(0, spread)))
        high = max(opened, price) * (1 + abs(float(rng.normal(0, spread / 2))))
        low = min(opened, price) * (1 - abs(float(rng.normal(0, spread / 2))))
        traded = volume if volume >= 1e9 else volume * float(rng.choice([0.0, 0.2, 1.0, 1.0, 3.0]))
        bars.append(Bar(START + minute * MINUTE, opened, high, low, price, traded))
        minute += 1
    return bars


def random_rows(rng: np.random.Generator, bars: list[Bar], kept: float = 0.9) -> list[Row]:
    """Rows of 15 seconds that walk inside each kline."""
    rows = []
    for bar in bars:
        points = [bar.open, *(float(rng.uniform(bar.low, bar.high)) for _ in range(3)), bar.close]
        for quarter in range(4):
            low, high = sorted(points[quarter : quarter + 2])
            high = bar.high if quarter == 1 else high
            low = bar.low if quarter == 2 else low
            if rng.random() < kept:
                close_ms = bar.open_ms + (quarter + 1) * ROW_MS
                rows.append(Row(close_ms, high, low, float(rng.uniform(low, high)), float(rng.uniform(1, 9))))
    return rows


def random_marks(rng: np.random.Generator, bars: list[Bar], noise: float) -> list[tuple[int, float]]:
    """A mark price every 15 seconds, near the last price but not at it."""
    marks = []
    for bar in bars:
        for quarter in range(4):
            share = (quarter + 1) / 4
            price = bar.open + (bar.close - bar.open) * share
            marks.append((bar.open_ms + (quarter + 1) * ROW_MS, price * float(np.exp(rng.normal(0, noise)))))
    return marks


def random_mark_bars(rng: np.random.Generator, bars: list[Bar], noise: float) -> list[Bar]:
    """Mark klines of the same minutes, calmer at times and wilder at others."""
    found = []
    for bar in bars:
        shift = float(np.exp(rng.normal(0, noise)))
        opened, closed = bar.open * shift, bar.close * shift
        high = max(opened, closed) * (1 + abs(float(rng.normal(0, noise))))
        low = min(opened, closed) * (1 - abs(float(rng.normal(0, noise))))
        found.append(Bar(bar.open_ms, opened, high, low, closed))
    return found


def basic(seed: int, minutes: int = 90, symbols: int = 2, every_ms: int = MINUTE, **market: float) -> Case:
    rng = np.random.default_rng([seed, 0])
    names = ["BTC", "ETH"][:symbols]
    rules = Rules(names, START, START + minutes * MINUTE, every_ms)
    rules.slippage = float(rng.choice([0.0, 0.05, 0.1]))
    rules.fee = rules.maker = float(rng.choice([0.0, 0.035, 0.06]))
    rules.intrabar = str(rng.choice(["pessimistic", "pessimistic", "optimistic", "nearest_open"]))
    rules.fill_on = str(rng.choice(["through", "touch"]))
    return Case(seed, rules, {name: Record(random_bars(rng, minutes, **market)) for name in names}, Habits())


def dice(case: Case, stream: int = 7) -> np.random.Generator:
    return np.random.default_rng([case.seed, stream])


DARING = Habits(leverages=(5, 20, 40), portions=(0.3, 0.6, 0.9), stop_loss=0.2, width=0.02)


def trailing_and_time_stops(seed: int) -> Case:
    case = basic(seed, holes=0.05)
    case.rules.intrabar = "pessimistic"
    case.rules.price_stale_ms = int(dice(case).choice([2, 5, 10])) * MINUTE
    case.habits = replace(case.habits, trailing=0.7, time_stop=0.5)
    return case


def volume_caps(seed: int) -> Case:
    every = int(np.random.default_rng([seed, 9]).choice([15_000, 20_000, MINUTE]))
    case = basic(seed, minutes=60, symbols=1, every_ms=every, volume=200.0)
    case.rules.cap = float(dice(case).choice([5.0, 10.0, 40.0]))
    case.habits = replace(
        case.habits,
        activity=0.12,
        leverages=(1, 2),
        portions=(0.1, 0.3),
        reversing=0.0,
        limits=0.3,
        time_stop=0.2,
        width=0.012,
    )
    return case


def tiers(seed: int) -> Case:
    case = basic(seed, symbols=1, spread=0.004)
    case.rules.tiers = [Tier(0.0, 0.01, 0.0), Tier(50_000.0, 0.02, 500.0), Tier(150_000.0, 0.05, 5_000.0)]
    case.rules.liquidation_fee = float(dice(case).choice([0.0, 0.2, 1.25]))
    case.habits = replace(case.habits, leverages=(5, 20, 30), portions=(0.3, 0.6, 0.9), stop_loss=0.2, width=0.02)
    return case


def isolated_margin(seed: int) -> Case:
    case = basic(seed, spread=0.004, gaps=0.2)
    case.rules.margin = "isolated"
    case.rules.liquidation_fee = float(dice(case).choice([0.0, 0.3]))
    case.habits = replace(case.habits, leverages=(10, 30, 50), portions=(0.1, 0.3, 0.5), stop_loss=0.3, width=0.02)
    return case


def partial_liquidation(seed: int) -> Case:
    case = tiers(seed)
    case.rules.margin = str(dice(case, 8).choice(["cross", "isolated"]))
    case.rules.partial_above = float(dice(case).choice([20_000.0, 60_000.0]))
    case.rules.partial_share = 0.2
    case.rules.liquidation_fee = 0.0
    case.rules.cooldown_ms = int(dice(case).choice([30_000, 90_000, 10 * MINUTE + 1_000]))
    return case


def mark_rows(seed: int) -> Case:
    case = basic(seed, minutes=60, spread=0.003)
    rng = dice(case)
    for record in case.records.values():
        record.marks = random_marks(rng, record.bars, 0.003)
    case.rules.margin = str(rng.choice(["cross", "isolated"]))
    case.habits = replace(
        case.habits, leverages=(5, 20, 40), portions=(0.3, 0.6, 0.9), stop_loss=0.2, limits=0.2, width=0.02
    )
    return case


def mark_klines(seed: int) -> Case:
    case = basic(seed, minutes=60, symbols=1, spread=0.003)
    rng = dice(case)
    for record in case.records.values():
        record.mark_bars = random_mark_bars(rng, record.bars, 0.003)
    case.rules.margin = str(rng.choice(["cross", "isolated"]))
    case.habits = replace(
        case.habits, leverages=(5, 20, 40), portions=(0.3, 0.6, 0.9), stop_loss=0.2, limits=0.2, width=0.02
    )
    return case


def mark_triggers(seed: int) -> Case:
    case = mark_klines(seed)
    case.rules.trigger = "mark"
    case.habits = Habits(leverages=(1, 2, 3), portions=(0.2, 0.5), trailing=0.3)
    return case


def watch_15s(seed: int) -> Case:
    case = basic(seed, minutes=60, every_ms=int(np.random.default_rng([seed, 9]).choice([15_000, 20_000, MINUTE])))
    case.rules.watch = "15s"
    case.rules.intrabar = "pessimistic"
    rng = dice(case)
    for record in case.records.values():
        record.rows = random_rows(rng, record.bars)
    case.habits = replace(case.habits, activity=0.12, trailing=0.3, time_stop=0.2)
    return case


def open_and_vwap(seed: int) -> Case:
    case = basic(seed, holes=0.05, every_ms=int(np.random.default_rng([seed, 9]).choice([25_000, MINUTE])))
    rng = dice(case)
    case.rules.execution = str(rng.choice(["open", "vwap"]))
    case.rules.price_stale_ms = int(rng.choice([2, 5, 10])) * MINUTE
    if rng.random() < 0.5:
        for record in case.records.values():
            record.rows = random_rows(rng, record.bars, kept=0.6)
    case.habits = replace(case.habits, trailing=0.2, time_stop=0.2, bad=0.1)
    return case


def steps_and_least_notional(seed: int) -> Case:
    case = basic(seed, symbols=1)
    rng = dice(case)
    case.rules.price_step = str(rng.choice(["0.01", "0.05", "0.1"]))
    case.rules.size_step = str(rng.choice(["0.001", "0.1", "1", "5"]))
    case.rules.min_notional = float(rng.choice([0.0, 100.0, 1_500.0]))
    case.habits = replace(case.habits, portions=(0.1, 0.3, 0.5), leverages=(1, 2), limits=0.4, trailing=0.2)
    if case.rules.min_notional:
        case.habits = replace(case.habits, parts=(0.0, 1.0))
    return case


def funding_with_jitter(seed: int) -> Case:
    case = basic(seed, minutes=60 * 5, every_ms=int(np.random.default_rng([seed, 9]).choice([10, 20])) * MINUTE)
    rng = dice(case)
    for record in case.records.values():
        for hour in range(-1, 7):
            if rng.random() < 0.1:
                continue
            late = int(rng.choice([0, 79, 900, 24 * MINUTE, -3 * MINUTE, 27 * MINUTE + 31]))
            rate = float(rng.normal(0, 1e-3))
            record.rates.append((START + hour * HOUR + late, rate))
            if rng.random() < 0.2 and abs(late) < 1000:
                record.rates.append(
                    (START + hour * HOUR + late + int(rng.choice([1, 250])), rate * float(rng.choice([1, 2])))
                )
        record.rates.sort()
    case.habits = replace(case.habits, activity=0.5, take_profit=0.2, stop_loss=0.2, width=0.02)
    return case


def pauses(seed: int) -> Case:
    case = basic(seed, every_ms=int(np.random.default_rng([seed, 9]).choice([20_000, MINUTE])))
    rng = dice(case)
    begin = int(rng.integers(10, 40)) * MINUTE + int(rng.choice([0, 0, 17_000]))
    case.rules.pauses = [
        (START + begin, START + begin + int(rng.integers(1, 9)) * MINUTE + int(rng.choice([0, 0, 23_000])))
    ]
    case.rules.execution = str(rng.choice(["close", "close", "open", "vwap"]))
    case.rules.margin = str(rng.choice(["cross", "isolated"]))
    limits = 0.3 if case.rules.execution == "close" else 0.0
    case.habits = replace(case.habits, limits=limits, trailing=0.3, time_stop=0.3, activity=0.15, leverages=(1, 5, 20))
    return case


def rejections(seed: int) -> Case:
    case = basic(seed)
    case.habits = replace(
        case.habits,
        activity=0.5,
        limits=0.6,
        bad=0.3,
        leverages=(1, 2, 60),
        reversing=0.3,
        in_force=("Gtc", "Ioc", "Alo"),
    )
    return case


MAKERS: dict[str, Callable[[int], Case]] = {
    maker.__name__: maker
    for maker in (
        trailing_and_time_stops,
        volume_caps,
        tiers,
        isolated_margin,
        partial_liquidation,
        mark_rows,
        mark_klines,
        mark_triggers,
        watch_15s,
        open_and_vwap,
        steps_and_least_notional,
        funding_with_jitter,
        pauses,
        rejections,
    )
}
