"""Values that were given as they are, held against prices that were not known at their times."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from engine import MarketHistory, SymbolHistory, TimedValues
from engine.instants import duration_text, utc_text
from engine.market import KlineSeries
from engine.market.series import FloatColumn, TimeColumn
from engine.periods import DAY_MS, HOUR_MS, MINUTE_MS, period_name

#: How far ahead prices are looked at, beside some steps of the klines and of the values themselves.
_PERIODS = (5 * MINUTE_MS, 15 * MINUTE_MS, HOUR_MS, 4 * HOUR_MS, DAY_MS)
_STEPS = (1, 2, 3, 5)
#: More values are not looked at: evenly spaced ones stand for them.
_MOST_VALUES = 20_000
#: So many values must be a later price, and such a share of them, and so many times as many as are an earlier one: all
#: of them where there are fewer than are compared otherwise.
_FEWEST_EQUAL, _LEAST_SHARE, _TIMES_CHANCE = 5, 0.02, 3.0
#: What no signal has that knows nothing of the future, and how many standard errors of chance it must be.
_LEAST_CORRELATION, _STANDARD_ERRORS = 0.3, 6.0
#: What no prediction has, however good.
_NO_PREDICTION = 0.9
_FEWEST_VALUES = 30
#: Of fewer values only whether they are later prices is looked at.
_FEWEST_COMPARED = 10
_SAME = 1e-9
#: So many values are looked for among all closes, each among no more than so many that equal it.
_VOTERS, _MOST_ALIKE = 200, 200


class _Later(NamedTuple):
    """Prices that are known later than values, NaN where there is none: what they are, and those as long before."""

    what: str
    prices: FloatColumn
    before: FloatColumn
    length_ms: int


class Early(NamedTuple):
    """What is known early, a feature of which name, in words; whether that is proved, and not only likely: what goes
    with the change that follows may be a good prediction.
    """

    name: str
    words: str
    is_proved: bool


def early_features(market: MarketHistory) -> Iterator[Early]:
    """Yield what is wrong with each feature, given as values, that knows what was not known at its times."""
    for history in market.given.values():
        for name in history.feature_names:
            feature = history.feature(name)
            assert feature is not None
            found = early_values(name, feature.rows, history)
            if found is not None:
                yield found


def early_values(name: str, rows: TimedValues, history: SymbolHistory) -> Early | None:
    """Return what is wrong with values of which each is said to be known at its time, None where nothing is found.

    Values are held against the closes of later klines, and of longer periods that are not over: whether they equal them
    where these are other than the last known one, or the change to them; and whether they, their changes, or their
    distances from the last known price go with that change by far more than chance allows, beside what the last change
    tells: that proves nothing, for who predicts well does the same, unless it is as good as all of it.
    """
    every = max(len(rows) // _MOST_VALUES, 1)
    times, values = rows.timestamp_ms[::every], rows.value[::every]
    if len(values) < _FEWEST_EQUAL or not len(history.base.columns):
        return None
    known = _closes(history.base, times)
    whole = _of_whole_sample(rows.value) or _is_centred(values, known)
    if whole is not None:
        words = f"feature {name} {whole} over all of its {len(rows):,} values: it is worked out with later ones"
        return Early(name, words, True)
    laters = list(_laters(history.base, times, values))
    for look in (_equal, _same_change, _correlated):
        found = [each for later in laters if (each := look(times, values, known, later)) is not None]
        if found:
            how_far, words = max(found)
            is_proved = look is not _correlated or how_far >= _NO_PREDICTION
            return Early(name, f"feature {name} of {history.symbol} {words}", is_proved)
    return None


def _of_whole_sample(values: FloatColumn) -> str | None:
    """Return what values have over the whole sample that only who knows all of them can give them, None for nothing."""
    finite = values[np.isfinite(values)]
    if len(finite) < _FEWEST_VALUES or len(np.unique(finite[: 10 * _FEWEST_VALUES])) <= 10:
        return None
    deviations = (float(finite.std(ddof=each)) for each in (0, 1))
    if abs(float(finite.mean())) <= _SAME and any(abs(each - 1.0) <= _SAME for each in deviations):
        return "has the mean 0 and the deviation 1"
    ranks = _mean_ranks(finite)
    for first in (0.0, 1.0):  # parts of all, from 0 or from 1 on, of so many or one fewer
        for whole in (1, len(finite) - 1, len(finite)):
            if np.allclose(finite * whole, ranks + first, rtol=0.0, atol=1e-6):
                return "is the rank of each among all"
    is_bounded = finite.min() == 0.0 and finite.max() == 1.0
    once = int((finite == 0.0).sum()) == 1 and int((finite == 1.0).sum()) == 1
    return "has the lowest 0 and the highest 1, each once," if is_bounded and once else None


def _mean_ranks(values: FloatColumn) -> FloatColumn:
    """Return the rank of each among all, from 0 on; values that are the same have the mean of theirs."""
    _, places, counts = np.unique(values, return_inverse=True, return_counts=True)
    ranks: FloatColumn = (np.cumsum(counts) - (counts + 1) / 2)[places]
    return ranks


def _is_centred(values: FloatColumn, known: FloatColumn) -> str | None:
    """Return that values are prices from which the mean of all is taken, None where they are not."""
    there = np.isfinite(values) & np.isfinite(known)
    if there.sum() < _FEWEST_VALUES:
        return None
    taken = known[there] - values[there]
    level = float(np.median(taken))
    is_mean = math.isclose(level, float(known[there].mean()), rel_tol=1e-6)
    is_constant = np.allclose(taken, level, rtol=_SAME, atol=0.0)
    return "is the price without the mean price" if is_mean and is_constant else None


def _closes(base: KlineSeries, times: TimeColumn) -> FloatColumn:
    """Return the last close that is known at each time, NaN before the first and after the last one."""
    count = base.finished_at(times)
    last_ms = int(base.columns.open_ms[-1]) + base.period_ms
    known: FloatColumn = np.where(count > 0, base.columns.close[np.maximum(count - 1, 0)], np.nan)
    return np.where(times <= last_ms, known, np.nan)


def _laters(base: KlineSeries, times: TimeColumn, values: FloatColumn) -> Iterator[_Later]:
    step = int(np.median(np.diff(times)))
    lengths = {*(n * base.period_ms for n in _STEPS), *(n * step for n in _STEPS), *_PERIODS}
    lengths.update(_usual_lead(base, times, values))
    for length in sorted(each for each in lengths if each >= base.period_ms):
        what = f"the close of {duration_text(length)} later"
        yield _Later(what, _closes(base, times + length), _closes(base, times - length), length)
    for period in _PERIODS:
        if period > base.period_ms:
            begins = times // period * period
            what = f"the close of the {period_name(period)} kline that is not over"
            yield _Later(what, _closes(base, begins + period), _closes(base, begins), period)


def _usual_lead(base: KlineSeries, times: TimeColumn, values: FloatColumn) -> Iterator[int]:
    """Yield how long before a close values that equal it mostly come, if any length is usual."""
    order = np.argsort(base.columns.close, kind="stable")
    closes, ends = base.columns.close[order], base.columns.open_ms[order] + base.period_ms
    some = np.linspace(0, len(times) - 1, _VOTERS).astype(np.int64)
    first, stop = (closes.searchsorted(values[some], side) for side in ("left", "right"))
    leads: Counter[int] = Counter()
    for place, begin, end in zip(some.tolist(), first.tolist(), stop.tolist(), strict=True):
        found = ends[begin : min(end, begin + _MOST_ALIKE)] - times[place]
        leads.update(found[found > 0].tolist())
    if leads and leads.most_common(1)[0][1] >= _VOTERS // 5:
        yield leads.most_common(1)[0][0]


def _equal(times: TimeColumn, values: FloatColumn, known: FloatColumn, later: _Later) -> tuple[float, str] | None:
    """Say where values are later prices, more often than they are earlier ones: at which share of their times."""
    ahead, behind = (_are(values, each, known) for each in (later.prices, later.before))
    count, compared = int(ahead.sum()), int((np.isfinite(later.prices) & (later.prices != known)).sum())
    least = compared if compared < _FEWEST_COMPARED else _LEAST_SHARE * compared
    if count < max(_FEWEST_EQUAL, least, _TIMES_CHANCE * int(behind.sum())):
        return None
    share, first = count / compared, utc_text(int(times[int(np.argmax(ahead))]))
    return share, f"is {later.what} at {share:.0%} of its times, the first at {first}"


def _are(values: FloatColumn, prices: FloatColumn, known: FloatColumn) -> npt.NDArray[np.bool_]:
    with np.errstate(invalid="ignore"):
        same = np.abs(values - prices) <= _SAME * np.abs(prices)
    return np.asarray(same & (prices != known))


def _same_change(times: TimeColumn, values: FloatColumn, known: FloatColumn, later: _Later) -> tuple[float, str] | None:
    """Say where values are the change of the price that follows, in whatever unit."""
    with np.errstate(invalid="ignore", divide="ignore"):
        changes = later.prices - known, later.prices / known, np.log(later.prices / known)
    for change in changes:
        there = np.isfinite(change) & np.isfinite(values)
        one, other = values[there], change[there]
        if len(one) < _FEWEST_COMPARED or np.ptp(one) <= _SAME * abs(one).max() or not np.ptp(other):
            continue
        if abs(float(np.corrcoef(one, other)[0, 1])) >= 1.0 - _SAME:
            return 1.0, f"is the change to {later.what} at all of its times, the first at {utc_text(int(times[0]))}"
    return None


def _correlated(times: TimeColumn, values: FloatColumn, known: FloatColumn, later: _Later) -> tuple[float, str] | None:
    """Say where values, or their changes, go with the change of the price that follows: how closely."""
    with np.errstate(invalid="ignore", divide="ignore"):
        change, past = np.log(later.prices / known), np.log(known / later.before)
    apart = float(np.median(np.diff(times))) / later.length_ms
    found = []
    for what, form in _forms(values, known):
        there = np.isfinite(change) & np.isfinite(past) & np.isfinite(form)
        count = int(there.sum())
        if count < _FEWEST_VALUES or not form[there].std() or not change[there].std():
            continue
        rank = _rank_correlation(form[there], _beside(change[there], past[there]))
        if abs(rank) >= _LEAST_CORRELATION and abs(rank) * math.sqrt(count * min(apart, 1.0)) >= _STANDARD_ERRORS:
            told = f"rank correlation {rank:.2f} over {count:,} values"
            found.append((abs(rank), f"{what}goes with the change to {later.what}: {told}"))
    return max(found, default=None)


def _forms(values: FloatColumn, known: FloatColumn) -> Iterator[tuple[str, FloatColumn]]:
    yield "", values
    yield "by its changes ", np.diff(values, prepend=np.nan)
    with np.errstate(invalid="ignore", divide="ignore"):
        yield "by its distance from the price ", values / known


def _beside(change: FloatColumn, past: FloatColumn) -> FloatColumn:
    """Return changes without what a straight line makes of the last ones: what bounces tells nothing of the future."""
    centred = past - past.mean()
    spread = float(centred @ centred)
    return change - centred * (float(centred @ change) / spread) if spread else change


def _rank_correlation(one: FloatColumn, other: FloatColumn) -> float:
    ranks = [np.argsort(np.argsort(each, kind="stable"), kind="stable").astype(np.float64) for each in (one, other)]
    return float(np.corrcoef(ranks[0], ranks[1])[0, 1])
