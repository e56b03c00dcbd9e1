"""The orders of a program against their slow judge: random programs that use all of them, on random markets."""

import math
import random
from collections import Counter
from typing import Any

import numpy as np
import pytest

from engine import BacktestConfig, Decision, KlineColumns, MarketHistory
from processes import ProgramBacktestEngine
from tests.oracles.order_oracle import Market, Outcome, View, run_orders

MINUTE = 60_000
START = 1_704_067_200_000


def random_market(rng: random.Random) -> Market:
    """Klines with gaps, some missing, on a grid of tenths, so that levels are hit exactly."""
    minutes, volatility = rng.choice([60, 180, 400]), rng.choice([0.0005, 0.002, 0.006, 0.02])
    klines, price = {}, 100.0
    for at in range(START - 5 * MINUTE, START + minutes * MINUTE, MINUTE):
        if at > START and rng.random() < 0.05:
            continue
        opened = round(price * math.exp(rng.gauss(0.0, volatility * rng.choice([0.0, 0.0, 0.5, 2.0]))), 1)
        closed = round(opened * math.exp(rng.gauss(0.0, volatility)), 1)
        high = round(max(opened, closed) * (1 + abs(rng.gauss(0.0, volatility))), 1)
        low = round(min(opened, closed) * (1 - abs(rng.gauss(0.0, volatility))), 1)
        klines[at] = (opened, high, low, closed)
        price = closed
    return Market(
        klines,
        START,
        START + minutes * MINUTE,
        every_ms=rng.choice([MINUTE, MINUTE, 45_000, 20_000, 5 * MINUTE]),
        slippage=rng.choice([0.0, 0.05]),
        taker=rng.choice([0.0, 0.035]),
        maker=rng.choice([0.0, 0.01]),
        fill_on=rng.choice(["through", "touch"]),
    )


class Program:
    """Answers at random, and remembers the tags that it has given."""

    def __init__(self, seed: int, busy: float) -> None:
        self.seed, self.busy = seed, busy
        self.tags: list[str] = []
        self.rng = random.Random()

    def __call__(self, view: View) -> list[dict[str, Any]]:
        self.rng = random.Random(f"{self.seed}/{view.now}")
        if self.rng.random() > self.busy:
            return []
        count = self.rng.choice([1, 1, 1, 2, 3])
        return [{"symbol": "X", **self.one(view)} for _ in range(count)]

    def one(self, view: View) -> dict[str, Any]:
        kinds = [self.order] * 6 + [self.cancel, self.amend, self.amend] + [self.close] * (3 if view.held else 1)
        return self.rng.choice(kinds)(view)

    def near(self, price: float, sign: int = 0) -> float:
        """A price near this one, above it (+1), below it (-1) or on either side; never just this one."""
        sign = sign or self.rng.choice([1, -1])
        return float(f"{price * (1 + sign * self.rng.choice([0.0011, 0.003, 0.01, 0.03])):.5g}")

    def size(self, view: View, sign: int) -> dict[str, Any]:
        rng = self.rng
        kind = rng.choice(["portion", "size", "size", "notional", "risk", "two", "bad"])
        if kind == "portion":
            return {"target_portion_of_balance": rng.choice([0.15, 0.3, 1.0])}
        if kind == "size":
            held = [abs(view.held), abs(view.held) / 2] if view.held else []
            return {"size": rng.choice([1.0, 7.5, 40.0, 2000.0, *held])}
        if kind == "notional":
            return {"notional": rng.choice([50.0, 900.0, 12_000.0, 90_000.0])}
        if kind == "risk":
            stop = {"stop_loss_price": self.near(view.price * (1 - sign * 0.002), -sign)} if rng.random() < 0.9 else {}
            return {"risk_percent": rng.choice([0.1, 1.0, 5.0]), **stop}
        if kind == "two" and rng.random() < 0.2:
            return {"size": 1.0, rng.choice(["notional", "risk_percent", "target_portion_of_balance"]): 0.5}
        return {"size": rng.choice([-1.0, 0.0, math.nan, math.inf])} if rng.random() < 0.2 else {"size": 3.0}

    def terms(self, view: View, sign: int, name: str) -> dict[str, Any]:
        """Names, an expiry, a limit, a trigger."""
        rng, found = self.rng, {}
        if rng.random() < 0.7:
            found["tag"] = f"{name} {len(self.tags)}"
            self.tags.append(found["tag"])
        if rng.random() < 0.3:
            found["group"] = rng.choice("ab")
        if rng.random() < 0.2:
            found["expires_after_seconds"] = rng.choice([20, 60, 45.5, 90, 600])
        at = view.price
        if rng.random() < 0.3:
            at = found["trigger_price"] = self.near(view.price)
        if rng.random() < 0.5:
            found["max_price" if sign > 0 else "min_price"] = self.near(at, self.rng.choice([-sign, -sign, sign]))
            found["time_in_force"] = rng.choice(["Gtc", "Gtc", "Ioc", "Alo"])
        if rng.random() < 0.1:
            found["post_only"] = True
        return found

    def order(self, view: View) -> dict[str, Any]:
        rng = self.rng
        sign = rng.choice([1, -1])
        found = {"operation": "buy" if sign > 0 else "sell", "leverage": rng.choice([1, 3, 10])}
        reduces = {"reduce_only": True} if rng.random() < 0.15 else {}
        found |= self.terms(view, sign, "out" if reduces else str(found["operation"])) | reduces
        at = found.get("max_price", found.get("min_price", found.get("trigger_price", view.price)))
        if rng.random() < 0.4:
            found["take_profit_price"] = self.near(at * (1 + sign * 0.002), rng.choice([sign] * 6 + [-sign]))
        if rng.random() < 0.4:
            found["stop_loss_price"] = self.near(at * (1 - sign * 0.002), rng.choice([-sign] * 6 + [sign]))
        if rng.random() < 0.2:  # as the platform's programs order
            plain = {key: value for key, value in found.items() if key not in ("tag", "group", "trigger_price")}
            return {**plain, "target_portion_of_balance": rng.choice([0.15, 0.3])}
        return found | self.size(view, sign)

    def close(self, view: View) -> dict[str, Any]:
        rng = self.rng
        sign = -1 if view.held > 0 else 1
        found = {"operation": "close"}
        if rng.random() < 0.4:
            found |= self.terms(view, sign, "out")
        found["target_portion_of_balance"] = rng.choice([0.0, 0.0, 0.5, 1.0])
        if rng.random() < 0.3:
            found["cancel_orders"] = True
        return found

    def cancel(self, view: View) -> dict[str, Any]:
        rng = self.rng
        if rng.random() < 0.1:
            return {"operation": "cancel"}
        if view.legs and rng.random() < 0.3:
            return {"operation": "cancel", "order_id": rng.choice(view.legs[rng.choice(sorted(view.legs))])}
        tag = rng.choice(sorted(view.ids) or ["nobody's"])
        if tag in view.ids and rng.random() < 0.3:
            return {"operation": "cancel", "order_id": view.ids[tag]}
        return {"operation": "cancel", "tag": tag}

    def amend(self, view: View) -> dict[str, Any]:
        """Amend an order that works, or what may be the exits of the position."""
        rng = self.rng
        entered = sorted(view.legs) or [tag for tag in self.tags[-4:] if not tag.startswith("out")]
        if view.legs and rng.random() < 0.2:
            leg = rng.choice(view.legs[rng.choice(sorted(view.legs))])
            return {"operation": "amend", "order_id": leg, **self.amended(rng.choice(AMENDED), view.price, 1)}
        of_exits = bool(entered) and rng.random() < 0.5
        tag = rng.choice(entered if of_exits else sorted(view.ids) or ["nobody's"])
        is_named = tag in view.ids and rng.random() < 0.2
        found: dict[str, Any] = {"operation": "amend", **({"order_id": view.ids[tag]} if is_named else {"tag": tag})}
        sign = 1 if tag.startswith("buy") else -1
        for name in rng.sample(AMENDED[-2:] if of_exits else AMENDED, rng.choice([1, 1, 2])):
            found |= self.amended(name, view.price, sign)
        return found

    def amended(self, name: str, price: float, sign: int) -> dict[str, Any]:
        rng = self.rng
        if name == "limit":
            return {"max_price" if sign > 0 else "min_price": self.near(price)}
        if name == "size":
            return {"size": rng.choice([0.5, 2.0, 7.5, 60.0, 5000.0])}
        if name == "expires_after_seconds":
            return {name: rng.choice([30, 60, 300])}
        side = sign if name == "take_profit_price" else -sign
        return {name: self.near(price, 0 if name == "trigger_price" else rng.choice([side] * 5 + [-side]))}


AMENDED = ["limit", "size", "trigger_price", "expires_after_seconds", "take_profit_price", "stop_loss_price"]


class Asked:
    """The engine's program: asks the same one."""

    def __init__(self, program: Program) -> None:
        self.program = program

    def should_trade(self, data: Any) -> list[Decision]:
        position = data.positions.get("X")
        held = 0.0 if position is None else position.size if position.side == "long" else -position.size
        orders = [each for each in data.open_orders if each.tag and not each.tag.startswith("out")]
        ids = {each.tag: each.order_id for each in orders if not each.reduce_only}
        legs: dict[str, list[int]] = {}
        for each in orders:
            if each.reduce_only:
                legs.setdefault(each.tag, []).append(each.order_id)
        answers = self.program(View(data.timestamp, data.get_price("X"), held, ids, legs))
        return [Decision(**each) for each in answers]


def by_engine(of: Market, program: Program) -> Outcome:
    times = np.array(sorted(of.klines))
    columns = np.array([of.klines[at] for at in times]).T
    history = MarketHistory.from_klines({"X": KlineColumns(MINUTE, times, *columns, np.ones(len(times)))})
    config = BacktestConfig(
        strategy=Asked(program),
        symbols=["X"],
        start_time=of.start,
        end_time=of.end,
        scheduled_interval=of.every_ms // 1000,
        initial_balance=of.balance,
        slippage_percent=of.slippage,
        fee_rate=of.taker,
        maker_fee_rate=of.maker,
        fill_on=of.fill_on,
        liquidation=False,
    )
    sims = []
    result = ProgramBacktestEngine(history).run(config, prepare=sims.append)
    assert result.error is None, result.error
    (sim,) = sims
    fills = [(each.timestamp, each.side, each.size, each.price, each.fee) for each in sim.exchange.fills]
    return Outcome(fills, Counter(result.rejections), cash=sim.account.ledger.cash)


def compare(seed: int) -> Outcome:
    """Run both, assert that they agree, and return what the judge saw."""
    rng = random.Random(seed)
    market, busy = random_market(rng), rng.choice([0.1, 0.3, 0.8])
    expected, found = run_orders(market, Program(seed, busy)), by_engine(market, Program(seed, busy))
    for place, (theirs, ours) in enumerate(zip(expected.fills, found.fills, strict=False)):
        same = ours[:2] == theirs[:2] and np.allclose(ours[2:], theirs[2:], rtol=1e-9, atol=1e-9)
        assert same, f"fill {place}: {ours}, the judge says {theirs}"
    assert len(found.fills) == len(expected.fills)
    assert found.rejections == expected.rejections
    assert math.isclose(found.cash, expected.cash, rel_tol=1e-9, abs_tol=1e-6)
    return expected


@pytest.mark.parametrize("seeds", [range(20), pytest.param(range(20, 1500), marks=pytest.mark.soak)])
def test_random_programs_order_as_their_judge_says(seeds: range):
    done: Counter[str] = Counter()
    for seed in seeds:
        seen = compare(seed)
        done += seen.done + seen.rejections
    assert not [name for name in EVERY if done[name] < 3], done


#: What every twenty cases have in them.
EVERY = (
    "triggered",
    "rested",
    "resting fills",
    "reduced",
    "opened",
    "exits",
    "amended",
    "exits amended",
    "legs cancelled",
    "expired",
    "another of its group filled",
    "cancelled by a decision",
    "nothing to cancel",
    "nothing to amend",
    "size above the available balance",
    "more than one size",
    "opposite decision",
    "position gone",
)
