"""What is other in a branch of a run, and where."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from engine import ExecutionModels, MarketData, PerpsimError, Simulation, utc_text
from engine.disturbance import FaultRun
from engine.faults import Fault
from engine.kernel import Phase
from engine.program import Answer
from processes.faults import start_faults

from .added_faults import fault_text
from .changing_fields import changed_config
from .decision_words import decisions_text
from .forks import Forks


@dataclass(frozen=True)
class Change:
    """What is other from `at_ms` (epoch ms) on: `fields` of the configuration have other values, before anything else
    that the simulation does at that instant. `faults` begin then, or at a start of their own that is later. With
    `replaces` the answer of the program at the first trigger then or later is `decision`; None is to hold.
    """

    at_ms: int
    fields: Mapping[str, Any] = field(default_factory=dict)
    replaces: bool = False
    decision: Answer = None
    faults: tuple[Fault, ...] = ()

    @property
    def is_timed(self) -> bool:
        """Whether it comes at its instant, and not with a decision."""
        return bool(self.fields or self.faults) or not self.replaces

    def text(self) -> str:
        """Return it in words."""
        parts = [f"{name} = {value!r}" for name, value in self.fields.items()]
        parts += [fault_text(each, self.at_ms) for each in self.faults]
        if self.replaces:
            parts.append(f"at the trigger then or next the program decides {decisions_text(self.decision, whole=True)}")
        return f"from {utc_text(self.at_ms)} on {', '.join(parts) or 'nothing is other'}"


class Turn:
    """Stands in a run where it is to turn into a branch, which is a copy of this process, one of `forks`; without them
    the run itself is the branch. `models` are those of one's own that the run has.
    """

    def __init__(self, change: Change, models: ExecutionModels | None, forks: Forks | None) -> None:
        self._change, self._models, self._forks = change, models, forks
        self._simulation: Simulation
        self._further: tuple[FaultRun, ...] = ()
        self._is_branch = forks is None
        #: The trigger at which a decision was replaced (epoch ms), and whether the instant of the change has come.
        self.decided_at: int | None = None
        self.has_come = False
        #: Why no copy could be made.
        self.problem: Exception | None = None

    def prepare(self, own: Callable[[Simulation], None] | None) -> Callable[[Simulation], None]:
        """Return what gets the simulation before it starts, after what a user adds to it."""

        def stand(simulation: Simulation) -> None:
            if own is not None:
                own(simulation)
            self._simulation = simulation
            moment = simulation.clock.at(self._change.at_ms, Phase.MARKET_DATA)
            moment.callbacks.append(lambda _: self._come())
            self._stand_by(simulation)

        return stand

    def _stand_by(self, simulation: Simulation) -> None:
        """Make the faults ready that a copy begins; a run that is made again has them in its configuration."""
        faults, config = self._change.faults, simulation.config
        if self._forks is None:
            own = config.faults[: len(config.faults) - len(faults)]
            simulation.begin_as(replace(config, faults=own))
        elif faults:
            self._further = simulation.further_faults(faults)
            start_faults(simulation, self._further)

    def _come(self) -> None:
        change, simulation = self._change, self._simulation
        if simulation.is_over:
            return
        self.has_come = True
        if change.is_timed:
            self._branch()
        if not self._is_branch or not (change.fields or self._further):
            return
        before = simulation.config
        after = changed_config(before, change.fields, self._models)
        faults = (*before.faults, *(each.plan.fault for each in self._further))
        simulation.configure(replace(after, faults=faults), self._further)
        simulation.warnings += [
            f"what-if: from {utc_text(change.at_ms)} on {name} was {value!r}, before {getattr(before, name)!r}"
            for name in change.fields
            if (value := getattr(simulation.config, name)) != getattr(before, name)
        ]

    def answered(self, data: MarketData, answer: Answer) -> Answer:
        """Return what the program is taken to have answered."""
        now = self._simulation.now
        if not self._change.replaces or self.decided_at is not None or now < self._change.at_ms:
            return answer
        self.decided_at = now
        if not self._change.is_timed:
            self._branch()
        return self._change.decision if self._is_branch else answer

    def _branch(self) -> None:
        if self._forks is None:
            return
        try:
            self._is_branch = self._forks.fork(0)
        except PerpsimError as error:  # inside of a run it would be taken for an error of the program
            self.problem = error
