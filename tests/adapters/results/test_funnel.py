"""The funnel: why there are trades, or none."""

from __future__ import annotations

from adapters.results import trigger_funnel
from engine.result import FIGURES
from tests.support.eventful_run import eventful_result


def test_the_funnel_goes_from_triggers_to_trades() -> None:
    result = eventful_result()
    steps = trigger_funnel(result.figures())
    counts = {step["label"]: step["count"] for step in steps}
    assert (steps[0]["label"], steps[0]["count"]) == ("Triggers", result.total_triggers)
    assert (steps[-1]["label"], steps[-1]["count"]) == ("Closed trades", result.total_trades)
    acting = sum(result.decisions[name] for name in ("buy", "sell", "close"))
    assert counts["Decisions to act"] == acting == result.total_triggers - result.decisions["none"]
    lost = {step["label"].removeprefix("refused: "): step["count"] for step in steps if step["kind"] == "lost"}
    assert lost == result.rejections


def test_a_result_without_these_figures_has_an_empty_funnel() -> None:
    steps = trigger_funnel({name: figure.absent for name, figure in FIGURES.items()})
    assert {step["count"] for step in steps} == {0}
