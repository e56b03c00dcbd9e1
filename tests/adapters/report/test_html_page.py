"""The file of a report: its size, what stands in it, and what it needs."""

from __future__ import annotations

import base64
import json
import re
import subprocess
import sys
import zlib
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from adapters import synthetic_klines
from adapters.report import result_page
from engine import BacktestConfig, BacktestResult, Decision, MarketData, MarketHistory
from processes import ProgramBacktestEngine, trusted_executor
from tests.adapters.packing.test_packed_series import opened
from tests.adapters.report.prices.test_packed_klines import read_klines
from tests.conftest import ROOT
from tests.support.runs import DAY, MINUTE, START

MOST_BYTES, WITHOUT_TRADES = 4_500_000, 2_900_000


class Turns:
    """Always in the market: long or short by turns, with a bracket."""

    def __init__(self) -> None:
        self.called = 0

    def should_trade(self, data: MarketData) -> Decision:
        self.called += 1
        price, sign = data.get_price("BTC"), 1 if self.called % 2 else -1
        side = "buy" if sign > 0 else "sell"
        exits = {"take_profit_price": price * (1 + 0.2 * sign), "stop_loss_price": price * (1 - 0.2 * sign)}
        return Decision(side, "BTC", target_portion_of_balance=0.2, reason="</script><b>", **exits)


def run_for(days: int, interval: str) -> tuple[BacktestResult, MarketHistory]:
    market = MarketHistory.from_klines({"BTC": synthetic_klines("BTC", START, days * 1_440, seed=7)})
    config = BacktestConfig(
        strategy=Turns, symbols=["BTC"], start_time=START, end_time=START + days * DAY, scheduled_interval=interval
    )
    return ProgramBacktestEngine(market, executor_for=trusted_executor).run(config), market


def blocks(page: str) -> dict[str, bytes]:
    found = re.findall(r'<script type="text/plain" id="([\w-]+)">([\w+/=]*)</script>', page)
    return {name: base64.b64decode(text) for name, text in found}


def values(packed: bytes) -> Any:
    return json.loads(zlib.decompress(packed))


def test_a_year_of_minutes_with_eight_thousand_trades_is_less_than_five_megabytes() -> None:
    result, market = run_for(366, "1h")
    page = result_page(result, market).html
    assert len(result.trades) > 8_500
    assert len(page.encode()) <= MOST_BYTES
    found = blocks(page)
    of_trades = sum(len(found[name]) * 4 / 3 for name in ("trades", "triggers", "summary"))
    assert len(page.encode()) - of_trades <= WITHOUT_TRADES
    assert len(opened(found["equity-0"])[1]) == 366 * 1_440 + 1
    period, times, rows = read_klines(found["prices-0-0"])
    assert (period, len(times)) == (MINUTE, 366 * 1_440)
    closes = market.symbols["BTC"].base.columns.close
    assert np.abs(np.array([row[3] for row in rows]) / closes - 1).max() < 1e-5
    assert read_klines(found["prices-0-1"])[0] == 480 * MINUTE
    assert len(result._repr_html_() or "") < 40_000


def test_it_holds_all_and_nothing_that_could_end_a_script_or_ask_the_network() -> None:
    result, market = run_for(10, "4h")
    page = result_page(result, market).html
    assert "</script><b>" not in page
    assert page.count("<script") == page.count("</script>") == 1 + len(blocks(page))
    assert re.findall(r'(?:src|href)="', page) == []
    assert "default-src 'none'; script-src 'unsafe-inline'" in page
    trades = values(blocks(page)["trades"])["items"]
    assert trades["pnl"] == pytest.approx([trade.pnl for trade in result.trades], rel=1e-9)
    assert set(trades["reason"]) == {"</script><b>"}
    summary = values(blocks(page)["result"])["summary"]
    assert summary["figures"]["total_pnl"] == result.total_pnl


def test_figures_that_json_cannot_say_are_said_as_text() -> None:
    from dataclasses import replace

    result, market = run_for(2, "12h")
    page = result_page(replace(result, profit_factor=float("inf")), market).html
    assert values(blocks(page)["result"])["summary"]["figures"]["profit_factor"] == "inf"


BLOCKED = """
import sys
class Blocked:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in {"fastapi", "uvicorn", "starlette", "pydantic", "matplotlib", "httpx", "pandas"}:
            raise ModuleNotFoundError(f"{name} is not installed", name=name)
sys.meta_path.insert(0, Blocked())
from adapters import main
main(sys.argv[1:])
"""


def test_a_report_needs_nothing_but_the_core(tmp_path: Path) -> None:
    from tests.support.stored_runs import eventful_twice

    twice = eventful_twice(tmp_path)
    words = ["report", str(twice.run_id), "--database", f"sqlite:///{twice.path}", "--html", "made.html"]
    command = [sys.executable, "-c", BLOCKED, *words]
    done = subprocess.run(
        command, cwd=tmp_path, env={"PYTHONPATH": str(ROOT)}, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    assert re.fullmatch(r"made.html: \d\.\d MB\n", done.stdout)
    assert set(blocks((tmp_path / "made.html").read_text("utf-8"))) >= {"result", "trades", "triggers", "equity-0"}
