"""How a search goes: what it proposes, how many trials, in which batches, under which constraints."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from engine import ConfigurationError
from engine.near_names import near
from engine.plain_values import shown

from ..studies import MOST_VALUES, Metric, Parameter
from .constraint import Constraint, parse_constraint
from .proposer import GridProposer, Proposer
from .search_space import SearchSpace

GRIDS = ("grid", "shuffled-grid")
SAMPLERS = ("tpe", "random", "nsga2", *GRIDS)
#: Trials of a search that is not told how many; a grid has all of its own.
TRIALS = 100
BATCH = 8
_MOST_METRICS = 2
LAST_SEED = 2**32 - 1


@dataclass(frozen=True, slots=True)
class SearchPlan:
    """Everything that decides which trials a search makes, beside its parameters and metrics.

    `sampler` is one of `SAMPLERS`, `seed` decides its chance. `batch` trials are asked for together and told in the
    order of their numbers, so that the answers, and with them the next batch, do not depend on how many workers there
    are. With `prune` the first part of the range, a share between 0 and 1, is run first: a trial that is worse there
    than `prune_quantile` of those before it is not run whole. `trials` is how many there are, None for `TRIALS`, or for
    the whole grid.
    """

    sampler: str = "tpe"
    trials: int | None = None
    seed: int = 0
    batch: int = BATCH
    constraints: tuple[Constraint, ...] = ()
    prune: float | None = None
    prune_quantile: float = 0.5

    def require_fit(self, parameters: Sequence[Parameter], metrics: Sequence[Metric]) -> None:
        """Raise `ConfigurationError` with all that does not go together."""
        problems = [*self._problems(), *self._problems_with(metrics)]
        problems += [*self._problems_of_parts(parameters), *self._problems_of_grid(parameters)]
        if not parameters:
            problems.append("nothing varies: name a parameter and its values, as in threshold=int(10,45)")
        if problems:
            raise ConfigurationError(problems)

    def _problems(self) -> Iterator[str]:
        if self.sampler not in SAMPLERS:
            meant = near(self.sampler, SAMPLERS)
            yield f"sampler: {shown(self.sampler)} is none of {', '.join(SAMPLERS)}{f'; {meant}' if meant else ''}"
        for name, least, most in (("trials", 1, None), ("batch", 1, None), ("seed", 0, LAST_SEED)):
            value = getattr(self, name)
            if value is not None and not _is_whole(value, least, most):
                yield f"{name}: {shown(value)} is no whole number from {least} {f'to {most}' if most else 'on'}"
        for name in ("prune", "prune_quantile"):
            value = getattr(self, name)
            if value is not None and not _is_share(value):
                yield f"{name}: {shown(value)} is no share between 0 and 1, such as 0.3"

    def _problems_with(self, metrics: Sequence[Metric]) -> Iterator[str]:
        if not 1 <= len(metrics) <= _MOST_METRICS:
            yield f"metric: a search is by one figure or by two, not {len(metrics)}: constraints take the others"
        elif len({each.name for each in metrics}) < len(metrics):
            yield f"metric: {metrics[0].name} is there twice"
        elif len(metrics) > 1 and self.prune is not None:
            yield "prune: goes with one metric: of two, neither tells which trials are worse"

    def _problems_of_parts(self, parameters: Sequence[Parameter]) -> Iterator[str]:
        if self.prune is not None and any(each.is_field and each.name == "end_time" for each in parameters):
            yield "prune: cannot go with a varied end_time, which it sets itself in the first part of the range"

    def _problems_of_grid(self, parameters: Sequence[Parameter]) -> Iterator[str]:
        if self.sampler not in GRIDS:
            return
        endless = [each for each in parameters if SearchSpace([each]).size == float("inf")]
        for each in endless:
            yield f"{each.name}: an interval without a step is no part of a grid: give low:high:step or another sampler"
        if not endless and self.trials is None and SearchSpace(parameters).size > MOST_VALUES:
            yield f"trials: the grid has {SearchSpace(parameters).size:,} combinations: say how many of them"

    def planned(self, parameters: Sequence[Parameter]) -> int:
        """Return how many trials there are at most."""
        if self.sampler in GRIDS:
            size = SearchSpace(parameters).size
            return int(min(size, self.trials or size))
        return self.trials or TRIALS

    def proposer(self, space: SearchSpace, metrics: Sequence[Metric]) -> Proposer:
        """Return who proposes values; `DataError` that says what to install where a library is missing."""
        if self.sampler in GRIDS:
            return GridProposer(space, None if self.sampler == "grid" else self.seed)
        from .optuna_proposer import OptunaProposer  # with the library, for who wants it

        return OptunaProposer(space, self.sampler, metrics, self.seed)

    def plain(self) -> dict[str, Any]:
        """Return the plan as it is stored: all that decides what its trials are, and not how many."""
        found = asdict(self) | {"constraints": [str(each) for each in self.constraints]}
        return {name: value for name, value in found.items() if name != "trials"}


def stored_plan(plain: Mapping[str, Any], trials: int | None) -> SearchPlan:
    """Return the plan that `SearchPlan.plain` gave, which may stand among other things, of so many trials."""
    found = {name: plain[name] for name in SearchPlan.__dataclass_fields__ if name in plain}
    constraints = tuple(map(parse_constraint, plain["constraints"]))
    return SearchPlan(**{**found, "constraints": constraints, "trials": trials})


def _is_whole(value: object, least: int, most: int | None) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and least <= value <= (most or value)


def _is_share(value: object) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool) and 0.0 < value < 1.0
