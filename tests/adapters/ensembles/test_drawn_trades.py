"""Monte Carlo of closed trades: quantiles, the place of the real one, the same bytes for the same seed."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from adapters.ensembles import trade_ensemble
from engine import ConfigurationError, DataError

PNL = np.random.default_rng(4).normal(3.0, 40.0, 120).tolist()
BALANCE = 1000.0


def test_quantiles_and_place_are_those_of_the_paths() -> None:
    made = trade_ensemble(PNL, BALANCE, 3000, seed=5)
    spread = made.spreads["order_max_drawdown_percent"]
    assert spread.quantiles == {
        name: pytest.approx(np.percentile(made.orders.max_drawdown_percent, float(name)))
        for name in ("5", "25", "50", "75", "95")
    }
    assert spread.place == pytest.approx(100 * np.mean(made.orders.max_drawdown_percent < spread.real), abs=0.1)
    equity = BALANCE + np.cumsum(PNL)
    peak = np.maximum(np.maximum.accumulate(equity), BALANCE)
    assert spread.real == pytest.approx(100 * ((peak - equity) / peak).max())
    assert made.spreads["order_max_drawdown"].real == pytest.approx((peak - equity).max())
    assert made.spreads["final_equity"].real == pytest.approx(equity[-1])


def test_wins_and_losses_in_a_row_are_the_worst_of_orders() -> None:
    made = trade_ensemble([10.0] * 20 + [-10.0] * 20, BALANCE, 2000)
    assert made.spreads["order_max_drawdown"].real == 200.0
    assert made.spreads["order_max_drawdown"].place > 99.0
    assert "99" in repr(made) or "100 %" in repr(made)


def test_a_row_for_each_path_and_a_table_for_people() -> None:
    made = trade_ensemble(PNL, BALANCE, 50)
    assert list(made.frame.path) == [*range(1, 51)]
    assert made.frame.max_drawdown.tolist() == made.resampled.max_drawdown.tolist()
    first, heads, *rows = repr(made).splitlines()
    assert first == "Monte Carlo of 120 closed trades, 50 paths, seed 0"
    assert heads.split() == ["real", "place", *"5 % 25 % 50 % 75 % 95 %".split()]
    assert [row.partition(":")[0] for row in rows[:5]] == ["other order"] * 2 + ["drawn"] * 3
    assert "<table>" in made._repr_html_()


def test_the_same_seed_writes_the_same_bytes(tmp_path: Path) -> None:
    for name, seed in (("a", 7), ("b", 7), ("c", 8)):
        made = trade_ensemble(PNL, BALANCE, 100, seed)
        made.to_json(tmp_path / f"{name}.json")
        made.to_csv(tmp_path / f"{name}.csv")
        made.plot(tmp_path / f"{name}.png")
    for ending in ("json", "csv", "png"):
        one, same, other = ((tmp_path / f"{name}.{ending}").read_bytes() for name in "abc")
        assert one == same
        assert one != other
    stored = json.loads((tmp_path / "a.json").read_text())
    assert (stored["kind"], stored["seed"], stored["trades"], len(stored["rows"])) == ("trades", 7, 120, 100)
    assert (tmp_path / "a.csv").read_text().count("\n") == 101


def test_orders_and_draws_take_nothing_from_each_other() -> None:
    few, many = (trade_ensemble(PNL, BALANCE, count, seed=1) for count in (100, 200))
    assert few.resampled.final_equity.tolist() == many.resampled.final_equity[:100].tolist()
    assert few.orders.max_drawdown.tolist() == many.orders.max_drawdown[:100].tolist()


def test_ruin_is_told() -> None:
    made = trade_ensemble([-600.0, 100.0, 100.0], BALANCE, 5000)
    assert made.summary()["order_ruined_percent"] == 0.0
    assert made.summary()["ruined_percent"] == pytest.approx(100 * 7 / 27, abs=3)
    assert "of the draws; a loss at the end" in repr(made)


def test_without_trades_there_is_nothing_to_draw() -> None:
    with pytest.raises(DataError, match="no closed trades"):
        trade_ensemble([], BALANCE, 10)
    with pytest.raises(ConfigurationError, match="0 paths are none"):
        trade_ensemble(PNL, BALANCE, 0)
