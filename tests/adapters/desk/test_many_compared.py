"""Any number of results side by side."""

from __future__ import annotations

from typing import Any

from adapters.desk import compare_many
from adapters.results import StoredResult
from engine.result import FIGURES


def result(run_id: int, config: dict[str, Any], **figures: Any) -> StoredResult:
    known = {**{name: figure.absent for name, figure in FIGURES.items()}, **figures}
    trades = [{"pnl": figures.get("total_pnl")}]
    return StoredResult(run_id, "completed", None, config, known, trades, 0, {}, {}, [], None, None, None, {})


def test_the_best_of_each_figure_is_marked_where_there_is_a_best() -> None:
    runs = [
        result(1, {"a": 1, "b": 2}, total_pnl=5.0, max_drawdown=9.0, total_triggers=4, total_trades=0, win_rate=0.0),
        result(2, {"a": 1, "b": 3}, total_pnl=7.0, max_drawdown=3.0, total_triggers=8, total_trades=2, win_rate=50.0),
        result(3, {"a": 1}, total_pnl=7.0, max_drawdown=None, total_triggers=6, total_trades=1, win_rate=100.0),
    ]
    found = compare_many(runs)
    assert found["config"] == {"b": [2, 3, None]}
    assert found["figures"]["total_pnl"] == {"values": [5.0, 7.0, 7.0], "best": [1, 2], "differs": True}
    assert found["figures"]["max_drawdown"] == {"values": [9.0, 3.0, None], "best": [1], "differs": True}
    assert found["figures"]["total_triggers"]["best"] == []
    assert found["figures"]["win_rate"] == {"values": [None, 50.0, 100.0], "best": [2], "differs": True}
    assert (found["first_trade"], found["trade"]) == (None, {})
    pair = compare_many(runs[:2])
    assert (pair["first_trade"], pair["trade"]) == (0, {"pnl": (5.0, 7.0)})


def test_of_equal_ones_none_is_the_best() -> None:
    found = compare_many([result(1, {}, total_pnl=5.0), result(2, {}, total_pnl=5.0)])
    assert found["figures"]["total_pnl"] == {"values": [5.0, 5.0], "best": [], "differs": False}


def test_what_is_shown_alike_is_alike() -> None:
    runs = [result(1, {}, total_pnl=-1.312), result(2, {}, total_pnl=-1.314), result(3, {}, total_pnl=-5.0)]
    assert compare_many(runs)["figures"]["total_pnl"]["best"] == [0, 1]
    assert compare_many(runs[:2])["figures"]["total_pnl"]["best"] == []
