"""Studies as pandas frames."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pandas

from engine.result import FIGURES, Unit

from ..trials import KEPT_FIGURES

if TYPE_CHECKING:
    from .study import Study, StudyTrial

#: Figures that the columns of a trial's own say already.
_OWN = ("error",)


def trials_frame(study: Study) -> pandas.DataFrame:
    """Return one row a trial by number; see `Study.frame`. Moments are UTC times."""
    names = [each.name for each in study.parameters]
    figures = [name for name in KEPT_FIGURES if name not in _OWN and name not in names]
    rows = [_row(each, names, figures) for each in study]
    notes = [*dict.fromkeys(name for each in study for name in each.notes if name not in (*names, *figures))]
    columns = [*names, *figures, "state", "error", "digest", "duration_ms", *notes]
    index = pandas.Index([each.number for each in study], name="number", dtype="int64")
    frame = pandas.DataFrame(rows, columns=columns, index=index)
    for name in figures:
        if FIGURES[name].unit is Unit.MOMENT:
            frame[name] = pandas.to_datetime(frame[name], unit="ms", utc=True)
        elif FIGURES[name].unit.is_number:
            frame[name] = pandas.to_numeric(frame[name])
    return frame


def _row(done: StudyTrial, names: list[str], figures: list[str]) -> dict[str, Any]:
    outcome = done.outcome
    own = {"state": done.state, "error": outcome.error, "digest": outcome.digest, "duration_ms": outcome.duration_ms}
    return {**{name: outcome.figures.get(name) for name in figures}, **own, **done.notes, **_values(done, names)}


def _values(done: StudyTrial, names: list[str]) -> dict[str, Any]:
    values = done.values
    return {name: values.get(name) for name in names}


def equity_frame(study: Study) -> pandas.DataFrame:
    """Return the daily equity of every trial that has one; see `Study.equity`."""
    columns = {
        each.number: pandas.Series(
            each.outcome.daily_equity,
            pandas.DatetimeIndex(each.outcome.daily_ms.astype("datetime64[ms]"), tz="UTC", name="time"),
        )
        for each in study
        if len(each.outcome.daily_ms)
    }
    frame = pandas.DataFrame(columns)
    frame.columns = pandas.Index(list(columns), name="number", dtype="int64")
    return frame
