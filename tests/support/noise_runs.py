"""Small jobs for tests of many runs: a made-up market of ten days, and programs on it."""

from __future__ import annotations

from functools import cache
from typing import Any

from adapters import synthetic_klines
from adapters.trials import Ground, Job
from engine import BacktestConfig, Decision, MarketHistory

START = 1_704_067_200_000  # 2024-01-01T00:00:00Z
MINUTE, HOUR, DAY = 60_000, 3_600_000, 86_400_000
DAYS = 6


class Turns:
    """Is long and short by turns."""

    def should_trade(self, data: Any) -> Any:
        held = data.positions.get("BTC")
        side = "sell" if held and held.side == "long" else "buy"
        return Decision(side, "BTC", target_portion_of_balance=0.5, leverage=2)


class Idle:
    """Does nothing."""

    def should_trade(self, data: Any) -> None:
        return None


@cache
def noise_market() -> MarketHistory:
    klines = {name: synthetic_klines(name, START - 2 * DAY, (DAYS + 2) * 1440, seed=3) for name in ("BTC", "ETH")}
    return MarketHistory.from_klines(klines)


def noise_job(strategy: Any = Turns, **fields: Any) -> Job:
    given = {"symbols": ["BTC", "ETH"], "scheduled_interval": "4h", "end_time": START + DAYS * DAY, **fields}
    program = {} if "code" in given else {"strategy": strategy}
    config = BacktestConfig.from_dict({"start_time": START, **program, **given})
    return Job(config, {"": Ground(noise_market())})
