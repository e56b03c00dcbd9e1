"""Which klines of a window's test are missing in the data."""

from __future__ import annotations

from dataclasses import replace

from engine.market import symbol_coverage

from ..trials import Job, Trial
from .walked_window import WalkedWindow

_NOTHING = Trial(0)


def with_gaps(job: Job, walked: WalkedWindow) -> WalkedWindow:
    """Return a window with how many klines its test should have, over all symbols, and how many of them are missing."""
    run = walked.tested or walked.chosen
    trial = _NOTHING if run is None else run.trial
    ground = job.grounds.get(trial.ground)
    if ground is None:
        return walked
    start_ms, end_ms = walked.window.test_from_ms, walked.window.test_to_ms
    symbols = trial.fields.get("symbols", job.config.symbols)
    covered = [
        each
        for name, history in ground.market.symbols.items()
        if name in symbols
        for each in symbol_coverage(history, start_ms, end_ms)
        if each.series == "klines"
    ]
    return replace(walked, klines=sum(each.expected for each in covered), gaps=sum(each.missing for each in covered))
