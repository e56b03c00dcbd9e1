"""What all trials of a study have in common."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from engine import BacktestConfig, DataError, ExecutionModels, MarketData, MarketHistory, Simulation, VenueRules
from engine.config import SETTINGS
from engine.program import Answer
from processes import TriggerSource, unused

from .trial import Trial


class Ground(NamedTuple):
    """What a run takes place on: its market, the sources of its signals beside the schedule, and what was found when
    these were made, which comes into the warnings of every result. `fields` of the configuration come with it.
    """

    market: MarketHistory
    signals: Sequence[TriggerSource] = ()
    warnings: Sequence[str] = ()
    fields: Mapping[str, Any] = {}


@dataclass(frozen=True)
class Job:
    """The configuration that trials vary, and the grounds that they run on, by name: "" is that of a trial which names
    none. Source text runs in a sandbox unless `trust` says otherwise. `curve_points` says how finely equity curves are
    kept, in equal steps from start to end, beside the daily one; `keep_trades` keeps what each trade brought.
    `record_journal` keeps the head of each journal, `keep_journal` its bytes too.
    `database` is the URL, without a password, of the one that `grounds_elsewhere` finds the same grounds in; None where
    they come from elsewhere.
    `programs` are source texts, classes or objects by the names that trials give in the field `strategy`; `missing`
    says why there is no ground of a name. `models`, `rules` and `prepare` are as `ProgramBacktestEngine` takes them.
    `answered` sees what the program answers at each trigger, as `WatchedExecutor` takes it.
    """

    config: BacktestConfig
    grounds: Mapping[str, Ground]
    trust: bool = False
    curve_points: int = 0
    keep_trades: bool = False
    database: str | None = None
    programs: Mapping[str, Any] = field(default_factory=dict)
    missing: Mapping[str, str] = field(default_factory=dict)
    models: ExecutionModels | None = None
    rules: VenueRules | None = None
    prepare: Callable[[Simulation], None] | None = None
    record_journal: bool = False
    keep_journal: bool = False
    answered: Callable[[MarketData, Answer], Answer] | None = None

    def config_of(self, trial: Trial) -> BacktestConfig:
        """Return the configuration of a trial: that of ``perpsim run`` with the same fields and parameters. Raises
        `ConfigurationError` where they do not go together.
        """
        fields = {name: getattr(self.config, name) for name in SETTINGS if self.config.gives(name)}
        ground = self.grounds.get(trial.ground)
        fields |= {**({} if ground is None else ground.fields), **trial.fields}
        if "strategy" in trial.fields:
            program = self.programs[trial.fields["strategy"]]
            is_text = isinstance(program, str)
            fields |= {"code": program if is_text else None, "strategy": None if is_text else program}
        fields["params"] = {**fields.get("params", {}), **trial.params}
        if fields.get("strategy") is not None:
            fields["strategy"] = unused(fields["strategy"])
        return BacktestConfig.from_dict(fields)

    def ground_of(self, trial: Trial) -> Ground:
        """Return what a trial runs on; `DataError` where that could not be loaded."""
        if trial.ground in self.missing:
            raise DataError(self.missing[trial.ground])
        return self.grounds[trial.ground]
