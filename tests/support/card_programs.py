"""Programs without any skill, one with an edge, and the markets that they trade on."""

from __future__ import annotations

from dataclasses import replace
from random import Random

import numpy as np

from adapters import synthetic_klines
from adapters.trials import Ground, Job
from engine import BacktestConfig, Decision, MarketHistory

START, DAY_MS, HOUR_MS = 1_704_067_200_000, 86_400_000, 3_600_000
DAYS = 100


class Chance:
    """Buys or sells short at random every four hours, for `hold` of them on average: there is nothing in it."""

    def init(self, params):
        self.seed, self.hold, self.portion = params["seed"], params["hold"], params["portion"]

    def should_trade(self, data):
        draw = Random(f"{self.seed}-{data.timestamp // (4 * HOUR_MS)}")
        if "BTC" in data.positions:
            is_over = draw.random() < 1.0 / self.hold
            return Decision("close", "BTC", target_portion_of_balance=1.0) if is_over else None
        if draw.random() < 0.5:
            return None
        side = draw.choice(("buy", "sell"))
        return Decision(side, "BTC", target_portion_of_balance=self.portion, leverage=2)


class Knowing:
    """Buys where the price of `edged_market` rises, from 00:00 UTC on, sells short where it falls, from 12:00 on, and
    closes after `hold` hours.
    """

    def init(self, params):
        self.hold, self.portion = params["hold"], params["portion"]

    def should_trade(self, data):
        hour = data.timestamp // HOUR_MS % 24
        if "BTC" in data.positions:
            is_over = hour % 12 >= self.hold
            return Decision("close", "BTC", target_portion_of_balance=1.0) if is_over else None
        if hour % 12:
            return None
        side = "sell" if hour else "buy"
        return Decision(side, "BTC", target_portion_of_balance=self.portion, leverage=2)


def noise_market(seed: int) -> MarketHistory:
    """A market without any pattern."""
    return MarketHistory.from_klines({"BTC": synthetic_klines("BTC", START, DAYS * 1440, seed=seed)})


def edged_market(seed: int, percent: float) -> MarketHistory:
    """The same market, which rises by `percent` in the eight hours after 00:00 UTC and falls as much in those after
    12:00.
    """
    klines = synthetic_klines("BTC", START, DAYS * 1440, seed=seed)
    minutes = np.arange(DAYS * 1440 + 1) % 1440
    rise = np.clip(minutes, 0, 480) - np.clip(minutes - 720, 0, 480)
    factor = np.exp(percent / 100.0 * rise / 480.0)
    opened, closed = klines.open * factor[:-1], klines.close * factor[1:]
    high = np.maximum.reduce((klines.high * factor[:-1], klines.high * factor[1:]))
    low = np.minimum.reduce((klines.low * factor[:-1], klines.low * factor[1:]))
    return MarketHistory.from_klines({"BTC": replace(klines, open=opened, high=high, low=low, close=closed)})


def job_of(program, market: MarketHistory, interval: str = "4h", params=None, **fields) -> Job:
    """The job of a program on a market."""
    config = BacktestConfig(
        strategy=program,
        symbols=["BTC"],
        start_time=START,
        end_time=START + DAYS * DAY_MS,
        scheduled_interval=interval,
        params=params or {},
        **fields,
    )
    return Job(config, {"": Ground(market)})
