"""A robustness card in one call, as at a notebook."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from engine import ConfigurationError
from engine.plain_values import shown
from processes import TriggerSource

from ..robustness import RobustnessCard, make_card
from ..runs import long_steps_shown, no_bars
from ..studies import Parameter, Study
from ..trials import Ground, Job
from ..workers import open_workers
from .given_data import GivenFrames
from .given_input import given_ground

#: What `card` takes beside what `backtest` does.
_KEYWORDS = ("over", "study", "workers", "cluster")


def card(
    data: Any,
    strategy: Any,
    *,
    over: Mapping[str, Iterable[float]] | None = None,
    study: Study | None = None,
    workers: int | None = None,
    cluster: str | None = None,
    progress: bool = True,
    trust: bool = False,
    period: str | None = None,
    funding: Any = None,
    flow: Any = None,
    mark: Any = None,
    features: Mapping[str, Any] | None = None,
    signals: Sequence[TriggerSource] = (),
    **fields: Any,
) -> RobustnessCard:
    """Say on one page how far a back-test is to be believed: what `perpsim.backtest` takes, run about 100 times.

    `over` says which of `params` have neighbours, and which values these are: ``{"threshold": range(20, 41, 2)}``
    (default: all that are numbers, by 10 and 20 %). `study` is what `sweep` or `search` gave, where the program is the
    best of one: its trials count against the Sharpe ratio. `workers` are so many processes (default: one for each
    processor), `cluster` the address of a Dask scheduler.

    What comes back shows itself in a notebook; `print` has it as a table, `.grade` and `.reason` are its verdict,
    `.lines` its lines, `.save(path)` and `.save_json(path)` write it. Raises `ConfigurationError`, `DataError` and
    `StrategyError` for what cannot be run.
    """
    frames = GivenFrames(period, funding, flow, mark)
    config, market, sources, warnings = given_ground(data, strategy, frames, features, signals, fields, _KEYWORDS)
    job = Job(config, {"": Ground(market, sources, warnings)}, trust)
    with long_steps_shown() if progress else no_bars(), open_workers(workers, cluster) as opened:
        return make_card(job, opened, ranges=_ranges(over or {}), study=study)


def _ranges(over: Mapping[str, Iterable[float]]) -> list[Parameter]:
    """Return the parameters of which neighbours are taken."""
    if not isinstance(over, Mapping):
        raise ConfigurationError([f"over: {shown(over)} is no dict of parameters: over={{'threshold': range(20, 41)}}"])
    return [Parameter(name, False, tuple(values)) for name, values in over.items()]
