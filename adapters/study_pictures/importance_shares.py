"""How much of what the metric varies each parameter explains.

On a full grid, where every combination of values has a trial with the metric, shares are exact: with f the metric and
every combination of equal weight, a parameter's own share is Var(E[f | parameter]) / Var(f), its share with what it
does together with others E[Var(f | all others)] / Var(f): the functional analysis of variance (I. M. Sobol, Sensitivity
estimates for nonlinear mathematical models, 1993).

Where at most a fifth of the combinations has no metric, those are filled in with what the parameters do alone, until
that fits (R. Little, D. Rubin, Statistical analysis with missing data, 2002, chapter 2: least squares).

Elsewhere, as of a search, own shares are estimated from the trials as they are: by classes of a parameter's values (A.
Saltelli et al., 2008; E. Plischke, E. Borgonovo, C. L. Smith, Global sensitivity measures from given data, European
Journal of Operational Research 226, 2013), without what chance alone would bring (epsilon squared: T. L. Kelley, An
unbiased correlation ratio measure, PNAS 21, 1935). A sampler that has learnt looks more often where the metric is good:
the shares are those of the trials that it chose.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from engine.market.series import FloatColumn
from engine.plain_values import counted

from .trial_table import Places, TrialTable, VariedValues, value_text

#: With fewer trials nothing is said of what is no full grid.
FEWEST_TRIALS = 20
#: A share that is not above so many standard deviations of what chance brings is said to be none.
_SURE = 2.0

#: Of a grid so large a part may be missing.
_MOST_HOLES, _FILLINGS = 0.2, 60

ONE_VALUE = "it has a single value"
ONLY_ONE = "nothing else varies"
CHANCE = "no more than chance would bring"


@dataclass(frozen=True, slots=True)
class Share:
    """Which part of the metric's variance a parameter explains alone, from 0 to 1, and together with the others; None
    where that is not defined. `note` says why, or how sure it is.
    """

    name: str
    alone: float | None
    together: float | None = None
    note: str = ""


@dataclass(frozen=True, slots=True)
class Importance:
    """The shares of all parameters, the largest first, and the part that none of them explains alone: interactions on a
    grid, elsewhere chance, too. `trials` is from how many; `holes` how many combinations of the grid were filled in,
    None where it is no grid; `undefined` says why there are no shares.
    """

    shares: tuple[Share, ...]
    rest: float | None
    trials: int
    holes: int | None = None
    undefined: str = ""


def find_importance(table: TrialTable) -> Importance:
    """Return how much of the metric's variance each parameter explains. Trials without the metric do not count."""
    known = np.flatnonzero(np.isfinite(table.metric_values))
    values = table.metric_values[known]
    classes = [_classes(each, known) for each in table.parameters]
    problem = _problem(values, classes)
    grid = _grid(values, classes) if not problem else None
    if not problem and grid is None and len(values) < FEWEST_TRIALS:
        problem = f"{_having(len(values))} the metric; {FEWEST_TRIALS} are needed where they are no full grid"
    if problem:
        shares = tuple(Share(each.name, None, None, problem) for each in table.parameters)
        return Importance(shares, None, len(values), undefined=problem)
    if grid is not None:
        holes = int(np.isnan(grid).sum())
        filled = _filled(grid)
        found = [_exact(filled, axis, each.name) for axis, each in enumerate(table.parameters)]
    else:
        holes = None
        few = (_few(each, one) for each, one in zip(table.parameters, classes, strict=True))
        found = [_estimated(values, one, each.name) for each, one in zip(table.parameters, few, strict=True)]
    rest = max(1.0 - sum(share.alone or 0.0 for share in found), 0.0)
    found.sort(key=lambda share: -math.inf if share.alone is None else share.alone, reverse=True)
    return Importance(tuple(found), rest, len(values), holes)


def _having(trials: int) -> str:
    return f"{counted(trials, 'trial') if trials else 'no trials'} {'has' if trials == 1 else 'have'}"


def _problem(values: FloatColumn, classes: list[Places]) -> str:
    if len(values) < 2:
        return f"{_having(len(values))} the metric"
    if np.ptp(values) <= 1e-12 * max(float(np.abs(values).max()), 1e-300):
        return "the metric is the same for all trials"
    return "" if any(each.max() for each in classes) else "no parameter has a second value"


def _classes(parameter: VariedValues, known: Places) -> Places:
    """Return the number of each trial's value among the different ones, numbers in order."""
    values = [parameter.values[place] for place in known.tolist()]
    if parameter.is_number:
        numbers: Places = np.unique(np.array(values, np.float64), return_inverse=True)[1].astype(np.int64)
        return numbers
    texts = {text: place for place, text in enumerate(dict.fromkeys(map(value_text, values)))}
    return np.array([texts[value_text(each)] for each in values], np.int64)


def _few(parameter: VariedValues, classes: Places) -> Places:
    """Return the classes of a number put together, where they are many, into as many as the square root of the trials,
    of about the same size; equal numbers stay in one.
    """
    most = math.isqrt(len(classes))
    if not len(classes) or classes.max() < most or not parameter.is_number:
        return classes
    below = np.searchsorted(np.sort(classes), classes)  # how many trials have a lower value
    merged: Places = np.unique(below * most // len(classes), return_inverse=True)[1].astype(np.int64)
    return merged


def _grid(values: FloatColumn, classes: list[Places]) -> npt.NDArray[np.float64] | None:
    """Return the metric with an axis for each parameter, where each combination has one trial and few have none, which
    are NaN; None elsewhere.
    """
    shape = tuple(int(each.max()) + 1 for each in classes)
    if not len(values) <= math.prod(shape) <= len(values) / (1.0 - _MOST_HOLES):
        return None
    grid = np.full(shape, np.nan)
    grid[tuple(classes)] = values
    return grid if np.isfinite(grid).sum() == len(values) else None


def _filled(grid: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """Return a grid whose holes have what the parameters do alone."""
    holes = np.isnan(grid)
    filled = np.where(holes, grid[~holes].mean(), grid)
    for _ in range(_FILLINGS if holes.any() else 0):
        mean = filled.mean()
        axes = range(grid.ndim)
        effects = [filled.mean(axis=tuple(other for other in axes if other != axis), keepdims=True) for axis in axes]
        filled = np.where(holes, mean + sum(effect - mean for effect in effects), grid)
    return filled


def _exact(grid: npt.NDArray[np.float64], axis: int, name: str) -> Share:
    if grid.shape[axis] == 1:
        return Share(name, None, None, ONE_VALUE)
    others = tuple(each for each in range(grid.ndim) if each != axis)
    whole = float(grid.var())
    alone, together = float(grid.mean(axis=others).var()), float(grid.var(axis=axis).mean())
    return Share(name, alone / whole, together / whole, ONLY_ONE if grid.shape[axis] == grid.size else "")


def _estimated(values: FloatColumn, classes: Places, name: str) -> Share:
    """Return the share without the part that chance brings: epsilon squared."""
    sizes = np.bincount(classes)
    count, groups = len(values), len(sizes)
    if groups == 1:
        return Share(name, None, None, ONE_VALUE)
    if groups > count / 2:
        return Share(name, None, None, "nearly every trial has a value of its own")
    means = np.bincount(classes, values) / sizes
    whole = float(((values - values.mean()) ** 2).sum())
    within = float(((values - means[classes]) ** 2).sum())
    share = 1.0 - within / (count - groups) * (count - 1) / whole
    by_chance = math.sqrt(2.0 * (groups - 1) / ((count - groups) * (count + 1)))  # 1 - within / whole is then Beta
    return Share(name, max(share, 0.0), None, CHANCE if share < _SURE * by_chance else "")
