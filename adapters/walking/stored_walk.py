"""The windows of a walk-forward as far as its study has them: of a stored one, or one that still runs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from ..studies import Study, StudyTrial
from .walked_window import WalkedWindow, overall_efficiency
from .window_plan import Window


def stored_windows(study: Study, plan: Mapping[str, Any]) -> list[WalkedWindow]:
    """Return the windows of a stored plan in order, each with the best of the trainings that are there, and its test;
    how many klines are missing is not known of them.
    """
    names = tuple(each.name for each in study.parameters)
    found = []
    for entry in plan["of_kind"].get("windows", ()):
        window = Window(**entry)
        trainings, tests = (_of_window(study, window, run) for run in ("training", "test"))
        best = next(iter(replace(study, trials=trainings).ranked(1)), None)
        failed = sum(each.outcome.error is not None for each in trainings.values())
        tested = next((each for each in tests.values() if each.figures), None)
        why = next((f"the test failed: {each.outcome.error}" for each in tests.values() if not each.figures), None)
        found.append(WalkedWindow(window, study.metrics[0], names, len(trainings), failed, best, tested, why))
    return found


def _of_window(study: Study, window: Window, run: str) -> dict[int, StudyTrial]:
    return {
        number: each
        for number, each in study.trials.items()
        if each.notes.get("window") == window.number + 1 and each.notes.get("run") == run
    }


def joined_days(windows: Sequence[WalkedWindow], initial: float) -> tuple[list[int], list[float]]:
    """Return times (epoch ms) and equity in USD at the daily marks of all tests as one curve, which begins with
    `initial`: each test begins with what the one before was worth.
    """
    times: list[int] = []
    equity: list[float] = []
    worth = initial
    for each in windows:
        if each.tested is None or not len(each.tested.outcome.daily_equity) or worth <= 0.0:
            continue
        outcome = each.tested.outcome
        scaled = (outcome.daily_equity * (worth / outcome.daily_equity[0])).tolist()
        later = [place for place, at in enumerate(outcome.daily_ms.tolist()) if not times or at > times[-1]]
        times += [int(outcome.daily_ms[place]) for place in later]
        equity += [scaled[place] for place in later]
        worth = scaled[-1]
    return times, equity


def walk_figures(windows: Sequence[WalkedWindow]) -> dict[str, float | int | None]:
    """Return how many windows were tested, in which share of them the test made a profit, and the efficiency of all."""
    tested = [each for each in windows if each.tested is not None]
    gained = sum(each.out_growth > 1.0 for each in tested)
    return {
        "windows": len(windows),
        "tested": len(tested),
        "consistency": gained / len(tested) if tested else None,
        "efficiency": overall_efficiency(windows) if tested else None,
    }
