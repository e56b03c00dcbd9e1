"""One run of some years of some symbols in a process of its own, which prints what it took as JSON."""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from adapters import synthetic_klines
from engine import BacktestConfig, BacktestResult, MarketHistory
from processes import ProgramBacktestEngine

from .measuring import in_turns
from .programs import START, ReversionInTurn

DAY_MS = 86_400_000


def memory_mb(name: str) -> float:
    """Return what the system says of this process: "VmRSS" is what it holds in memory now, "VmHWM" the most it did."""
    (kilobytes,) = re.findall(rf"^{name}:\s+(\d+) kB", Path("/proc/self/status").read_text(), re.MULTILINE)
    return int(kilobytes) / 1_024


def main(days: int, symbols: int, interval: str, rounds: int) -> None:
    names = [f"S{number:02}" for number in range(symbols)]
    klines = {name: synthetic_klines(name, START, days * 1440, 7) for name in names}
    config = BacktestConfig(
        strategy=ReversionInTurn,
        params={"symbols": names},
        symbols=names,
        start_time=START,
        end_time=START + days * DAY_MS,
        scheduled_interval=interval,
    )
    results: list[BacktestResult] = []

    def prepare() -> Callable[[], object]:
        results.clear()
        engine = ProgramBacktestEngine(MarketHistory.from_klines(klines))
        return lambda: results.append(engine.run(config))

    made_mb = memory_mb("VmHWM")
    ProgramBacktestEngine(MarketHistory.from_klines(klines)).run(
        replace(config, end_time=START + DAY_MS)
    )  # loads all code
    Path("/proc/self/clear_refs").write_text("5")  # the most that was held is counted anew
    loaded_mb = memory_mb("VmRSS")
    cost = in_turns({"run": prepare}, rounds)["run"]
    peak_mb = memory_mb("VmHWM")
    (result,) = results
    assert result.success, result.error
    columns_mb = sum(each.open_ms.nbytes * 6 for each in klines.values()) / 2**20
    told = {"triggers": result.total_triggers, "trades": result.total_trades, "best_s": cost.best_s}
    told |= {"simpy_s": cost.simpy_s, "columns_mb": columns_mb, "run_mb": peak_mb - loaded_mb}
    print(json.dumps({**told, "peak_mb": max(made_mb, peak_mb)}))


if __name__ == "__main__":
    days, symbols, interval, rounds = sys.argv[1:]
    main(int(days), int(symbols), interval, int(rounds))
