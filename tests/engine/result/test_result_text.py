"""The five lines that a result shows of itself."""

from dataclasses import replace

import pytest

from engine.result import program_name
from tests.support.eventful_run import eventful_result
from tests.support.runs import Hold, buy, close, klines, market, run, run_script


def test_a_result_shows_itself_in_five_lines():
    _, _, result = run_script(market(X=klines(*[100.0] * 2, *[110.0] * 4)), {1: buy(), 3: close()}, 5, fee_rate=0.1)
    assert repr(result) == (
        "BacktestResult: Script on X, every 60 s\n"
        "  over      2024-01-01 00:00 to 2024-01-01 00:05 UTC (5m)\n"
        f"  net PnL   {result.total_pnl:+,.2f} USD ({result.total_pnl_percent:+,.2f} %), fees 10.50, funding +0.00\n"
        f"  drawdown  {result.max_drawdown_percent:,.2f} % ({result.max_drawdown:,.2f} USD), longest 3m\n"
        f"  trades    1 closed, 100.0 % won; {len(result.warnings)} warning"
        f"{'s' if len(result.warnings) != 1 else ''}"
    )
    assert str(result) == repr(result)


def test_what_went_wrong_stands_in_the_first_line():
    result = eventful_result()
    assert "2 open at the end" in repr(result)
    failed = replace(result, success=False, error="ValueError: no\nreally", warnings=[])
    first, *others = repr(failed).splitlines()
    assert first == "BacktestResult: Eventful on BTC, ETH, every 30m (failed: ValueError: no\\nreally)"
    assert (len(others), others[-1].endswith("; no warnings")) == (4, True)
    assert repr(replace(result, success=False, interrupted=True)).splitlines()[0].endswith("(interrupted)")


def test_a_run_of_many_symbols_names_the_first():
    many = {f"S{place}": klines(*[100.0] * 3) for place in range(8)}
    assert "on S0, S1, S2, S3, S4 and 3 more," in repr(run(market(**many), Hold, 2))


@pytest.mark.parametrize(
    ("code", "name"),
    [
        (
            "class Memory:\n    n = 0\nclass Trader:\n    def should_trade(self, data): pass\nclass After:\n    pass\n",
            "Trader",
        ),
        ("class A:\n    def should_trade(self, data): pass\nclass B:\n    def should_trade(self, data): pass\n", "A"),
        ("class A:\n    pass\nclass B(A):\n    should_trade = print\n", "B"),
        ("x = 1\n", None),
    ],
)
def test_a_program_is_named_by_the_class_that_is_run(code: str, name: str | None) -> None:
    assert program_name({"code": code}) == name


def test_a_class_of_ones_own_is_named_by_its_name() -> None:
    assert program_name({"code": None, "strategy": "Mine"}) == "Mine"
    assert program_name({}) is None
