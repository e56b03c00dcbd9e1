"""Studies as pandas frames."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas

from engine.result import FIGURES, Unit

from ..trials import KEPT_FIGURES
from .study_files import value_columns

if TYPE_CHECKING:
    from .study import Study

#: Figures that the columns of a trial's own say already.
_OWN = ("error",)


def trials_frame(study: Study) -> pandas.DataFrame:
    """Return one row a trial by number; see `Study.frame`. Moments are UTC times."""
    done = [each for _, each in sorted(study.trials.items())]
    values = [each.values for each in done]
    varied = value_columns(study)
    columns: dict[str, Any] = {column: [found.get(name) for found in values] for column, name in varied.items()}
    columns |= {name: _figure(study, name) for name in KEPT_FIGURES if name not in (*_OWN, *columns)}
    columns["state"] = [each.state for each in done]
    columns |= {name: [getattr(each.outcome, name) for each in done] for name in ("error", "digest", "duration_ms")}
    notes = dict.fromkeys(name for each in done for name in each.notes if name not in columns)
    columns |= {name: [each.notes.get(name) for each in done] for name in notes}
    index = pandas.Index([each.number for each in done], name="number", dtype="int64")
    return pandas.DataFrame({name: pandas.Series(column, index=index) for name, column in columns.items()}, index=index)


def _figure(study: Study, name: str) -> Any:
    found: Any = [each.figures.get(name) for _, each in sorted(study.trials.items())]
    if FIGURES[name].unit is Unit.MOMENT:
        return pandas.to_datetime(found, unit="ms", utc=True)
    return np.array(found, np.float64) if FIGURES[name].unit.is_number and None in found else found


def equity_frame(study: Study) -> pandas.DataFrame:
    """Return the daily equity of every trial that has one; see `Study.equity`."""
    done = [each for _, each in sorted(study.trials.items()) if len(each.outcome.daily_ms)]
    marks = [each.outcome.daily_ms for each in done]
    times = np.unique(np.concatenate(marks)) if marks else np.empty(0, np.int64)
    values = np.full((len(times), len(done)), np.nan)
    for place, each in enumerate(done):
        values[np.searchsorted(times, each.outcome.daily_ms), place] = each.outcome.daily_equity
    index = pandas.DatetimeIndex(times.astype("datetime64[ms]"), tz="UTC", name="time")
    return pandas.DataFrame(values, index, pandas.Index([each.number for each in done], name="number", dtype="int64"))
