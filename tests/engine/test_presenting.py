"""Results get their looks from outside the engine."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import ROOT

RUN = """
from engine import BacktestConfig, KlineColumns, MarketHistory
from processes import ProgramBacktestEngine
class Hold:
    def should_trade(self, data):
        return None
times = [1_704_067_200_000 + 60_000 * each for each in range(60)]
market = MarketHistory.from_klines({"X": KlineColumns(60_000, times, *[[100.0] * 60] * 5)})
config = BacktestConfig(strategy=Hold, symbols=["X"], start_time=times[0], end_time=times[-1], scheduled_interval="5m")
result = ProgramBacktestEngine(market).run(config)
"""


def python(text: str) -> str:
    done = subprocess.run([sys.executable, "-c", RUN + text], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.mark.parametrize("call", ["plot()", "report('never.html')"])
def test_without_one_who_shows_results_the_error_says_what_to_import(call: str) -> None:
    told = python(f"""
from engine.errors import PerpsimError
import sys
assert not any(name.startswith("adapters") for name in sys.modules)
assert result._repr_html_() is None
try:
    result.{call}
except PerpsimError as error:
    print(error)
""")
    assert told == "nothing is loaded that can show a result: write import perpsim, or import adapters, first\n"
    assert not (ROOT / "never.html").exists()


def test_a_name_of_the_adapters_is_enough() -> None:
    told = python("""
from adapters import draw_equity
import sys
assert "adapters.report.html_page" not in sys.modules
print("<svg" in result._repr_html_(), "srcdoc" in result.plot()._repr_html_())
""")
    assert told == "True True\n"


def test_the_package_alone_is_enough(tmp_path: Path) -> None:
    program = tmp_path / "four_lines.py"
    program.write_text(f"""
import perpsim
{RUN.partition("config =")[0]}
result = perpsim.backtest(market, Hold, progress=False)
print("<svg" in result._repr_html_(), "srcdoc" in result.plot()._repr_html_())
""")
    places = os.pathsep.join((str(ROOT), str(ROOT / "adapters" / "face")))
    done = subprocess.run(
        [sys.executable, program], env={**os.environ, "PYTHONPATH": places}, capture_output=True, text=True, check=False
    )
    assert (done.stdout, done.returncode) == ("True True\n", 0), done.stderr


def test_the_last_offer_counts_and_the_same_one_once() -> None:
    told = python("""
from engine import presenting
class Plain:
    def summary_html(self, result):
        return "plain"
    def result_page(self, result, market):
        return market
plain = Plain()
offer = lambda: plain
presenting.present_with(offer)
presenting.present_with(offer)
print(result._repr_html_(), result.plot(3), len(presenting._offers))
""")
    assert told == "plain 3 1\n"
