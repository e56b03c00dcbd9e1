"""What a call of many runs is given at a notebook: what varies, the job of all trials, where they run."""

from __future__ import annotations

import hashlib
import inspect
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from engine import BacktestConfig, ConfigurationError, DataError, ExecutionModels, Simulation, VenueRules
from engine.config import SETTINGS
from engine.plain_values import shown
from processes import TriggerSource

from ..database import Database, open_database
from ..studies import (
    Metric,
    Parameter,
    StudyStore,
    listed_parameter,
    parse_metric,
    parse_parameter,
    require_known,
    varied_grounds,
)
from ..trials import Ground, Job, ground_key, ground_name
from .given_data import GivenFrames
from .given_input import GivenGround, given_ground, refuse_unknown
from .given_program import program_fields
from .workspace import Workspace

#: What the calls of many runs take beside what `backtest` takes.
STUDY_KEYWORDS = tuple("over vary metric workers cluster label resume".split())


class GivenOwn(NamedTuple):
    """What a run is given beside its configuration and its data."""

    models: ExecutionModels | None = None
    rules: VenueRules | None = None
    prepare: Callable[[Simulation], None] | None = None


class GivenJob(NamedTuple):
    """The job of a study, what varies in it, and what tells whether another is the same beside its configuration."""

    job: Job
    parameters: tuple[Parameter, ...]
    about: dict[str, Any]


def given_metrics(metric: str | Sequence[str]) -> tuple[Metric, ...]:
    """Return the metrics that texts name; `ConfigurationError` for what is none."""
    texts = [metric] if isinstance(metric, str) else list(metric)
    try:
        return tuple(map(parse_metric, texts))
    except ValueError as error:
        raise ConfigurationError([f"metric: {error}"]) from None


def given_parameters(
    over: Mapping[str, Any] | None,
    vary: Mapping[str, Any] | None,
    fields: Collection[str] = (),
    keywords: Collection[str] = STUDY_KEYWORDS,
) -> tuple[Parameter, ...]:
    """Return what varies: `over` are parameters of the program, `vary` fields of the configuration, by name. Values are
    a sequence (a list, a range, an array), or a text as on the command line, "20:40:2". `fields` are the other names of
    a call with these `keywords`: one of them that is none may be a slip of what varies.

    Raises `ConfigurationError` with all that are wrong.
    """
    refuse_unknown(fields, keywords)
    found: list[Parameter] = []
    problems: list[str] = []
    for given, is_field in ((over, False), (vary, True)):
        if given is not None and not isinstance(given, Mapping):
            raise ConfigurationError([f"{'vary' if is_field else 'over'}: give a dict, {{name: values}}"])
        for name, values in (given or {}).items():
            try:
                found.append(_parameter(str(name), is_field, values))
            except ValueError as error:
                problems.append(str(error))
    if problems:
        raise ConfigurationError(problems)
    return tuple(found)


def _parameter(name: str, is_field: bool, values: Any) -> Parameter:
    if isinstance(values, Parameter):
        return values
    if isinstance(values, str):
        return parse_parameter(f"{name}={values}", is_field)
    if isinstance(values, (Mapping, set, frozenset, bytes)) or not isinstance(values, Iterable):
        raise ValueError(f"{name}: {shown(values)} is no sequence of values: give a list, a range or an array")
    return listed_parameter(name, [_plain(each) for each in values], is_field)


def _plain(value: Any) -> Any:
    """Return a value of numpy as that of Python, and a time as text."""
    if isinstance(value, np.datetime64):
        return f"{np.datetime_as_string(value.astype('datetime64[ms]'))}Z"
    if isinstance(value, np.generic):
        return value.item()
    return value.tolist() if isinstance(value, np.ndarray) else value


def given_job(
    data: Any,
    strategy: Any,
    parameters: tuple[Parameter, ...],
    frames: GivenFrames,
    features: Mapping[str, Any] | None,
    signals: Sequence[TriggerSource],
    own: GivenOwn,
    trust: bool,
    fields: Mapping[str, Any],
    keywords: Collection[str] = STUDY_KEYWORDS,
    *,
    curve_points: int = 0,
    keep_trades: bool = False,
) -> GivenJob:
    """Return the job of trials that are what `backtest` does with these data, program and fields, of which `parameters`
    vary: each distinct market is made once. `keywords` are those of the call beside those of `backtest`.

    Raises `ConfigurationError` and `DataError` for what cannot be run.
    """
    parameters, programs = _with_programs(parameters)
    base = next(iter(programs.values())) if strategy is None and programs else strategy
    sources = {name: _source_text(program) for name, program in (programs or {"": base}).items()}
    texts = [text for text in sources.values() if text is not None]
    params = fields.get("params")
    known = texts if len(texts) == len(sources) else None
    require_known(parameters, params if isinstance(params, Mapping) else {}, known)
    config, grounds, missing, stored_in = _grounds(data, base, parameters, frames, features, signals, fields, keywords)
    about_job = {"programs": programs, "missing": missing, **own._asdict()}
    job = Job(config, grounds, trust, curve_points, keep_trades, stored_in, **about_job)
    about: dict[str, Any] = {name: shown(value) for name, value in own._asdict().items() if value is not None}
    if config.strategy is not None and not programs:
        about["sources"] = None if sources[""] is None else hashlib.sha256(sources[""].encode()).hexdigest()
    return GivenJob(job, parameters, about)


def _with_programs(parameters: tuple[Parameter, ...]) -> tuple[tuple[Parameter, ...], dict[str, Any]]:
    """Return what varies with programs by their names, and the programs: source texts, classes and objects."""
    programs: dict[str, Any] = {}
    found = []
    for each in parameters:
        if each.is_field and each.name == "strategy" and each.values is not None:
            named = dict(zip(_program_names(each.values), each.values, strict=True))
            if len(named) < len(each.values):
                raise ConfigurationError(["strategy: two programs have one name: give them names of their own"])
            for name, value in named.items():
                given = program_fields(value)
                programs[name] = given.get("code", given.get("strategy"))
            each = listed_parameter(each.name, list(named), True)
        found.append(each)
    return tuple(found), programs


def _program_names(programs: Sequence[Any]) -> list[str]:
    """Return what programs are called, objects that look alike with their place among the programs."""
    names = [_program_name(each) for each in programs]
    are_objects = [not isinstance(each, (str, Path, type)) for each in programs]
    return [
        f"{name} {place}" if is_object and names.count(name) > 1 else name
        for place, (name, is_object) in enumerate(zip(names, are_objects, strict=True))
    ]


def _program_name(program: Any) -> str:
    if isinstance(program, (str, Path)):
        return str(program)
    return program.__qualname__ if isinstance(program, type) else f"{type(program).__qualname__} {shown(program, 40)}"


def _source_text(program: Any) -> str | None:
    """Return the source text of a program, None where Python does not know it."""
    given = program_fields(program)
    if "code" in given:
        return str(given["code"])
    kind = given["strategy"] if isinstance(given["strategy"], type) else type(given["strategy"])
    try:
        return "\n".join(inspect.getsource(each) for each in kind.__mro__ if each is not object)
    except (OSError, TypeError):
        return None


def _grounds(
    data: Any,
    strategy: Any,
    parameters: tuple[Parameter, ...],
    frames: GivenFrames,
    features: Mapping[str, Any] | None,
    signals: Sequence[TriggerSource],
    fields: Mapping[str, Any],
    keywords: Collection[str],
) -> tuple[BacktestConfig, dict[str, Ground], dict[str, str], str | None]:
    """Return the configuration of the trials, and their grounds by name, with what of the configuration comes with
    each; why there is none; and the URL of the database that they are stored in, None where they are not.
    """
    source = data.database if isinstance(data, Workspace) else data
    if isinstance(frames.funding, bool):  # the field of that name
        fields, frames = {**fields, "funding": frames.funding}, frames._replace(funding=None)
    config: BacktestConfig | None = None
    stored_in: str | None = None
    grounds: dict[str, Ground] = {}
    failed: dict[str, Exception] = {}
    made: dict[tuple[Any, ...], Ground] = {}
    for varied in varied_grounds(parameters):
        try:
            given = given_ground(source, strategy, frames, features, signals, {**fields, **varied}, keywords)
        except (ConfigurationError, DataError) as error:
            failed[ground_name(varied)] = error
            continue
        if not isinstance(source, (str, Path, Database)):
            source, frames, features = given.market, GivenFrames(), None  # made of frames once
        config, stored_in = config or given.config, given.stored_in
        ground = made.setdefault(ground_key(given.config), Ground(given.market, given.signals, given.warnings))
        grounds[ground_name(varied)] = ground._replace(fields=_coming_with(given, config))
    if config is None:
        raise next(iter(failed.values()))
    return config, grounds, {name: str(error) for name, error in failed.items()}, stored_in


def _coming_with(given: GivenGround, config: BacktestConfig) -> dict[str, Any]:
    """Return the fields in which the configuration of a ground is another."""
    found = given.config
    names = [name for name in SETTINGS if name != "params" and (found.gives(name) or config.gives(name))]
    return {name: getattr(found, name) for name in names if getattr(found, name) != getattr(config, name)}


def store_for_study(save: str | Path | Database | Workspace | None) -> Database | None:
    """Return the database that a study is to be kept in, None where it is not to be. Raises `DataError` where it cannot
    store one, before anything else is done.
    """
    database = given_store(save)
    if database is not None:
        StudyStore(database).require_usable()
    return database


def given_store(save: str | Path | Database | Workspace | None) -> Database | None:
    """Return the database that a study is kept in, None where it is not to be."""
    if save is None or isinstance(save, Database):
        return save
    return save.database if isinstance(save, Workspace) else open_database(save)
