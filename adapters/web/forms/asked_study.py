"""A study that a request asks for, checked by what checks those of the command line."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from engine import BacktestConfig, ConfigurationError
from engine.durations import parse_duration
from engine.faults import Fault

from ...results import checked_label
from ...searches import SearchPlan, parse_constraint
from ...stress import chosen_faults
from ...studies import Metric, Parameter, parse_metric, parse_parameter, planned_trials, require_known, varied_grounds
from ...trials import Job, Trial
from ...walking import Account, Walk, WalkScheme, planned_walk
from .study_fields import KINDS, field_problems, fields_of

T = TypeVar("T")

#: More runs a study from a page may not have, and on no more markets.
MOST_RUNS, MOST_GROUNDS = 10_000, 20
_OF_RUNS = "total_pnl_percent"
#: Runs of a certificate beside its cuts and ties, and runs of a card: about so many.
_PROOF_RUNS, _CARD_RUNS = 20, 100


@dataclass(frozen=True, kw_only=True)
class AskedStudy:
    """What a request for a study says, each part as the commands have it; `scheme` is that of a walk-forward, `search`
    says how values are proposed (None: all of them are run), `faults` are those of a stress test.
    """

    kind: str
    config: BacktestConfig
    label: str | None = None
    parameters: tuple[Parameter, ...] = ()
    metrics: tuple[Metric, ...] = ()
    search: SearchPlan | None = None
    scheme: WalkScheme | None = None
    account: Account = "carried"
    faults: Mapping[str, Fault] | None = None
    cuts: int = 0
    ties: int = 0
    seed: int = 0
    study: int | None = None
    stress: bool = False

    @property
    def of_kind(self) -> dict[str, Any]:
        """What its kind adds to the plan that is stored; a walk-forward knows its own when it has its market."""
        if self.kind == "search" and self.search is not None:
            return self.search.plain()
        if self.faults is not None:
            return {"faults": [[name, fault.to_dict()] for name, fault in self.faults.items()]}
        if self.kind == "certificate":
            return {"cuts": self.cuts, "ties": self.ties, "seed": self.seed}
        return {"study": self.study, "stress": self.stress} if self.kind == "card" else {}

    @property
    def announced_of_kind(self) -> dict[str, Any]:
        """The same before its market is there: of a walk-forward the windows are those of the whole range."""
        return self.walk(Job(self.config, {})).of_kind() if self.kind == "walk-forward" else self.of_kind

    def walk(self, job: Job) -> Walk:
        """Return the walk-forward on a job; `ConfigurationError` where it holds no window."""
        assert self.scheme is not None
        return planned_walk(job, self.parameters, self.metrics[0], self.scheme, self.account, self.search)

    def planned(self) -> tuple[int, float]:
        """Return how many runs it means, about, and how many runs of the whole range these are worth. Raises
        `ConfigurationError` for what cannot be, and for more than a page may ask for.
        """
        runs, worth = _PLANNED[self.kind](self)
        if runs > MOST_RUNS:
            raise ConfigurationError(
                [
                    f"{runs:,} runs are more than the {MOST_RUNS:,} of a study from the page: vary less, or run it as "
                    f"a command (perpsim {self.kind} CONFIG.toml)"
                ]
            )
        return runs, worth


def checked_study(values: Mapping[str, Any], config: BacktestConfig) -> AskedStudy:
    """Return the study that a request asks for, with its configuration. Raises `ConfigurationError` with every problem,
    each with the name of its field.
    """
    kind = require_kind_of(values)
    problems = [*field_problems(kind, values)]
    if problems:
        raise ConfigurationError(problems)
    reading = _Reading({name: each.default for name, each in fields_of(kind).items()}, values)
    asked = reading.study(kind, config)
    if reading.problems:
        raise ConfigurationError(reading.problems)
    _require_runnable(asked)
    return asked


def require_kind_of(values: Mapping[str, Any]) -> str:
    """Return the kind of study that a request names; `ConfigurationError` where it is none."""
    kind = values.get("kind")
    if not isinstance(kind, str) or kind not in KINDS:
        raise ConfigurationError([f"kind: give one of {', '.join(KINDS)}"])
    return kind


class _Reading:
    """Reads the fields of a request, and gathers what is wrong with them."""

    def __init__(self, defaults: Mapping[str, Any], values: Mapping[str, Any]) -> None:
        given = {name: value for name, value in values.items() if value is not None}
        self._values = {**defaults, **given}
        self.problems: list[str] = []

    def study(self, kind: str, config: BacktestConfig) -> AskedStudy:
        """Return what they say."""
        value = self._values
        return AskedStudy(
            kind=kind,
            config=config,
            label=self._read("label", checked_label),
            parameters=(*self._parameters("over", False), *self._parameters("vary", True)),
            metrics=self._each("metrics", parse_metric) or (parse_metric(_OF_RUNS),),
            search=self._search(kind),
            scheme=self._scheme() if kind == "walk-forward" else None,
            account="restarted" if value.get("restart") else "carried",
            faults=self._faults(config) if kind == "stress" else None,
            **{name: value[name] for name in ("cuts", "ties", "study", "stress") if name in value},
            seed=value.get("seed") or 0,
        )

    def _read(self, name: str, read: Callable[[Any], T]) -> T | None:
        value = self._values.get(name)
        try:
            return None if value is None else read(value)
        except ConfigurationError as error:
            self.problems += error.problems
        except ValueError as error:
            self.problems.append(f"{name}: {error}")
        return None

    def _each(self, name: str, read: Callable[[Any], T]) -> tuple[T, ...]:
        return tuple(self._read(name, lambda texts: [*map(read, texts)]) or ())

    def _parameters(self, name: str, is_field: bool) -> tuple[Parameter, ...]:
        found = (f"{each}={text}" for each, text in (self._values.get(name) or {}).items())
        parsed = self._read(name, lambda _: [parse_parameter(text, is_field) for text in found])
        if is_field and any(each.name == "strategy" for each in parsed or ()):
            self.problems.append("vary: programs vary as files, on the command line: perpsim sweep --vary strategy=...")
        return tuple(parsed or ())

    def _search(self, kind: str) -> SearchPlan | None:
        value = self._values
        given = {name: value[name] for name in ("sampler", "trials", "seed") if value.get(name) is not None}
        if kind == "walk-forward":
            return SearchPlan(**given) if given else None
        if kind != "search":
            return None
        more = {name: value[name] for name in ("batch", "prune", "prune_quantile")}
        return SearchPlan(**given, **more, constraints=self._each("constraints", parse_constraint))

    def _scheme(self) -> WalkScheme:
        lengths = {name: self._read(name, parse_duration) for name in ("train", "test", "step", "purge", "embargo")}
        train, test, step, purge, embargo = lengths.values()
        return WalkScheme(train or 0, test or 0, step, purge or 0, embargo or 0, bool(self._values["anchored"]))

    def _faults(self, config: BacktestConfig) -> Mapping[str, Fault]:
        return self._read("faults", lambda texts: chosen_faults(texts, config)) or chosen_faults(None, config)


def _require_runnable(asked: AskedStudy) -> None:
    """Raise `ConfigurationError` for what the commands refuse before anything is run."""
    config = asked.config
    require_known(asked.parameters, config.params, [config.code or ""])
    problems = [*_ground_problems(asked.parameters)]
    if asked.kind == "walk-forward" and len(asked.metrics) > 1:
        problems.append("metrics: one figure says what is tested: give one")
    if problems:
        raise ConfigurationError(problems)
    if asked.search is not None:
        asked.search.require_fit(asked.parameters, asked.metrics)
    asked.planned()
    values = {each.name: each.values[0] if each.values else each.low for each in asked.parameters}
    fields = {each.name: values[each.name] for each in asked.parameters if each.is_field}
    params = {each.name: values[each.name] for each in asked.parameters if not each.is_field}
    Job(config, {}).config_of(Trial(0, fields, params))


def _ground_problems(parameters: Sequence[Parameter]) -> Iterator[str]:
    varied = [each for each in parameters if each.is_field and each.values is not None]
    grounds = math.prod(len(each.grid()) for each in varied if [*varied_grounds([each])] != [{}])
    if grounds > MOST_GROUNDS:
        yield f"vary: {grounds:,} markets are more than the {MOST_GROUNDS} that a study from the page loads: vary less"


def _planned_walk(asked: AskedStudy) -> tuple[int, float]:
    walk = asked.walk(Job(asked.config, {}))
    trainings = sum(each.train_to_ms - each.train_from_ms for each in walk.plan.windows)
    tests = sum(each.test_to_ms - each.test_from_ms for each in walk.plan.windows)
    length = asked.config.end_ms - asked.config.start_ms
    return walk.planned, (trainings * walk.per_window + tests) / length


def _planned_search(asked: AskedStudy) -> tuple[int, float]:
    assert asked.search is not None
    runs = asked.search.planned(asked.parameters)
    return runs, runs


def _whole(runs: int) -> tuple[int, float]:
    return runs, runs


_PLANNED: dict[str, Callable[[AskedStudy], tuple[int, float]]] = {
    "sweep": lambda asked: _whole(planned_trials(asked.parameters)),
    "search": _planned_search,
    "walk-forward": _planned_walk,
    "stress": lambda asked: _whole(1 + len(asked.faults or ())),
    "certificate": lambda asked: _whole(asked.cuts + asked.ties + _PROOF_RUNS),
    "card": lambda asked: _whole(_CARD_RUNS),
}
