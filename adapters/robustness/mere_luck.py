"""The lines on luck: whether the program is more than the best of what was tried."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from engine import BacktestResult, DataError
from engine.market.series import FloatColumn
from engine.plain_values import counted
from engine.result import Unit, daily_returns
from engine.selection import deflated_sharpe_ratio, overfitting_probability, sharpe_moments

from ..results import unit_text
from ..studies import Study, counted_trials, returns_beside, sharpe_ratios
from ..trials import TrialOutcome
from .card_line import CardLine, Grade, allowed, graded
from .card_runs import CardRuns

DAYS_PER_YEAR = 365.0
GOOD_PROBABILITY, DOUBTFUL_PROBABILITY = 0.95, 0.5

#: Fewer days on which anything was earned or lost, or fewer trades, have any Sharpe ratio by luck.
FEWEST_DAYS, FEWEST_TRADES = 30, 30

#: What is chosen may fall behind the median in so many ways to choose, and lose in so many; where all choices are good,
#: as on a plateau, the best of one half is any of them in the other, and it is its losses that tell.
MOST_OVERFITTING, DOUBTFUL_OVERFITTING = 0.25, 0.5
LOSSES, LOSSES_OF_A_PLATEAU, DOUBTFUL_LOSSES = 0.3, 0.1, 0.5
MOST_BLOCKS, DAYS_OF_A_BLOCK = 16, 4


def luck_lines(runs: CardRuns, study: Study | None) -> Iterator[CardLine]:
    """Yield the lines on the Sharpe ratio and on overfitting, with the trials of the study that it came from."""
    yield _deflated(runs, study)
    yield _overfitting(runs, study)


def _deflated(runs: CardRuns, study: Study | None) -> CardLine:
    meaning = (
        "Probability that the Sharpe ratio is above what the best of all trials would show by luck: of the study that "
        "the program came from, and of this card's own runs"
    )
    name, title, result = "deflated_sharpe", "Deflated Sharpe ratio", runs.result
    tried = [] if study is None else counted_trials(study)
    trials = runs.count + len(tried)
    alike = [*(outcome for _, outcome in runs.neighbours), *runs.later]
    ratios = [each for each in (result.sharpe_ratio, *sharpe_ratios((*alike, *tried))) if each is not None]
    returns = daily_returns(result.equity.daily()[1])
    try:
        moments = sharpe_moments(returns)
        variance = float(np.var(ratios, ddof=1)) / DAYS_PER_YEAR if len(ratios) > 1 else 0.0
        deflated = deflated_sharpe_ratio(moments, trials, variance)
    except DataError as error:
        return CardLine(name, title, "-", Grade.NOT_TOLD, str(error), meaning, {"trials": trials})
    origin = "this card's own" if study is None else f"{len(tried):,} of the study, {runs.count:,} of this card"
    reason = f"{counted(trials, 'trial')} counted ({origin}); Sharpe ratio {unit_text(Unit.RATIO, result.sharpe_ratio)}"
    grade = graded(deflated, GOOD_PROBABILITY, DOUBTFUL_PROBABILITY)
    grade, reason = _of_sample(grade, reason, result, int(np.count_nonzero(returns)))
    facts = {"deflated_sharpe_ratio": deflated, "trials": trials, "variance": variance, "of_study": len(tried),
             "of_card": runs.count, "sharpe_ratio": result.sharpe_ratio}  # fmt: skip
    return CardLine(name, title, f"{deflated:.2f}", grade, reason, meaning, facts)


def _of_sample(grade: Grade, reason: str, result: BacktestResult, active: int) -> tuple[Grade, str]:
    if active < FEWEST_DAYS:
        return allowed(grade, reason, active, FEWEST_DAYS, "day with a gain or a loss", "days with a gain or a loss")
    return allowed(grade, reason, result.total_trades, FEWEST_TRADES, "closed trade")


def _overfitting(runs: CardRuns, study: Study | None) -> CardLine:
    meaning = (
        "Probability of back-test overfitting (CSCV): how often the parameters that are best in one half of the time "
        "are no better than the median in the other"
    )
    name, title = "overfitting", "Overfitting"
    outcomes = [outcome for _, outcome in runs.neighbours] if study is None else counted_trials(study)
    done = [each for each in outcomes if each.error is None]
    if not done:
        return CardLine(name, title, "-", Grade.NOT_TOLD, "there are no other parameters to choose from", meaning)
    matrix = _matrix(runs.result, done, study)
    blocks = min(MOST_BLOCKS, len(matrix) // DAYS_OF_A_BLOCK // 2 * 2)
    try:
        if not blocks:
            raise DataError(f"{counted(len(matrix), 'day')} in which to cross-validate: too few")
        found = overfitting_probability(matrix, blocks, matrix.shape[1])
    except DataError as error:
        return CardLine(name, title, "-", Grade.NOT_TOLD, str(error), meaning)
    grade = Grade.BAD
    if found.loss_probability <= (LOSSES if found.probability <= MOST_OVERFITTING else LOSSES_OF_A_PLATEAU):
        grade = Grade.GOOD
    elif found.probability <= DOUBTFUL_OVERFITTING and found.loss_probability <= DOUBTFUL_LOSSES:
        grade = Grade.DOUBTFUL
    origin, losses = "of this card" if study is None else "of the study", 100.0 * found.loss_probability
    reason = f"{counted(matrix.shape[1], 'curve')} {origin}; the choice loses in the other half in {losses:.0f} %"
    active = int(np.count_nonzero(np.any(matrix != 0.0, axis=1)))
    grade, reason = allowed(
        grade, reason, active, FEWEST_DAYS, "day with a gain or a loss", "days with a gain or a loss"
    )
    facts = {"probability": found.probability, "loss_probability": found.loss_probability, "curves": matrix.shape[1],
             "blocks": blocks, "days": len(matrix)}  # fmt: skip
    return CardLine(name, title, f"{100.0 * found.probability:.0f} %", grade, reason, meaning, facts)


def _matrix(result: BacktestResult, done: list[TrialOutcome], study: Study | None) -> FloatColumn:
    """Return the daily returns to choose among: those of the study, or of the program and its neighbours."""
    if study is not None:
        best = study.best
        return returns_beside(done[0] if best is None else best.outcome, done)[0]
    own = daily_returns(result.equity.daily()[1])
    matrix = returns_beside(done[0], done)[0]
    column = np.zeros(len(matrix))
    column[: len(own)] = own
    return np.column_stack((column, matrix))
