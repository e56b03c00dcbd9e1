"""Trials as rows of a database."""

from __future__ import annotations

import json
import zlib
from collections.abc import Mapping
from typing import Any

import numpy as np

from engine.market.series import FloatColumn, TimeColumn, read_only
from engine.plain_values import plain

from ..database import stored_json
from ..output import without_secrets
from ..trials import KEPT_FIGURES, Trial, TrialOutcome, ground_name
from .metric import Metric
from .study import StudyTrial

#: Figures that have columns: what lists of trials tell.
LISTED_FIGURES = ("total_pnl_percent", "max_drawdown_percent", "sharpe_ratio", "total_trades")
_NO_VALUES = np.empty(0, np.float64)
_NO_TIMES = np.empty(0, np.int64)


def json_text(value: Any) -> str:
    """Return plain values as the JSON that columns hold: equal values give equal texts."""
    return json.dumps(plain(value), separators=(",", ":"), sort_keys=True)


def row_of(study_id: int, done: StudyTrial, metric: Metric | None) -> dict[str, Any]:
    """Return the row of a trial that is done; `metric` is the first of its study."""
    trial, outcome = done.trial, done.outcome
    figures = {name: value for name, value in outcome.figures.items() if value is not None}
    entry = {"fields": trial.fields, "params": trial.params, **({} if trial.change is None else {"changed": True})}
    return {
        "study_id": study_id,
        "number": trial.number,
        "state": done.state,
        "trial": json.dumps(plain(entry), separators=(",", ":")),  # in the order of its parameters
        "metric": None if metric is None or not figures else metric.value(outcome.figures),
        **{name: figures.get(name) for name in LISTED_FIGURES},
        "duration_ms": outcome.duration_ms,
        "digest": outcome.digest,
        "error": None if outcome.error is None else without_secrets(outcome.error),
        "notes": json_text(done.notes) if done.notes else None,
        "figures": json.dumps(figures, separators=(",", ":"), default=plain),  # with what strict JSON does not know
        "daily_equity": packed(outcome.daily_ms, outcome.daily_equity),
    }


def trial_of_row(row: Mapping[Any, Any]) -> StudyTrial:
    """Return the trial that a row holds, without what is not stored of it: curves, closed trades."""
    entry = stored_json(row["trial"])
    stored = stored_json(row["figures"])
    figures = {name: stored.get(name) for name in KEPT_FIGURES} if stored else {}
    times, values = unpacked(row["daily_equity"])
    notes = stored_json(row["notes"]) or {}
    # one that was pruned has an earlier end, on the same ground
    ground = {name: value for name, value in entry["fields"].items() if name != "end_time" or not notes.get("pruned")}
    trial = Trial(row["number"], entry["fields"], entry["params"], ground_name(ground))
    outcome = TrialOutcome(
        row["number"], figures, row["digest"], row["error"], row["duration_ms"],
        times, values, _NO_VALUES, _NO_TIMES, _NO_VALUES,
    )  # fmt: skip
    return StudyTrial(trial, outcome, notes)


def packed(times: TimeColumn, values: FloatColumn) -> bytes:
    """Return a series in few bytes: compressed, the steps of its times and its values."""
    steps = np.diff(times, prepend=0).astype("<i8")
    return zlib.compress(steps.tobytes() + values.astype("<f8").tobytes(), 1)


def unpacked(stored: bytes) -> tuple[TimeColumn, FloatColumn]:
    """Return the series that `packed` has packed, bit for bit."""
    raw = zlib.decompress(stored)
    half = len(raw) // 2
    times = np.cumsum(np.frombuffer(raw[:half], "<i8"), dtype=np.int64)
    return read_only(times, np.int64), read_only(np.frombuffer(raw[half:], "<f8"), np.float64)
