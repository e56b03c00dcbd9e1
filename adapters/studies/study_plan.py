"""What a study is about, as JSON: that two are the same can be told, and a stored one gone on with."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

from engine import BacktestConfig, ConfigurationError, DataError
from engine.plain_values import plain, shown

from .metric import Metric
from .study import Study
from .study_parameters import Parameter

#: Texts of programs are long: that they differ is enough.
_TEXTS = ("code", "programs", "sources")


def plan_of(study: Study, of_kind: Mapping[str, Any], programs: Mapping[str, Any]) -> dict[str, Any]:
    """Return what is to be known of a study beside its configuration: what varies, what it is judged by, the programs
    by the names that trials give them (a class by its name), and what its kind adds.
    """
    return {
        "parameters": [_parameter_entry(each) for each in study.parameters],
        "metrics": [asdict(each) for each in study.metrics],
        "programs": {name: plain(program) for name, program in programs.items()},
        "of_kind": plain(of_kind),
        "given": list(study.given),
        "klines": dict(study.klines),
    }


def _parameter_entry(parameter: Parameter) -> dict[str, Any]:
    entry: dict[str, Any] = plain(asdict(parameter))
    return entry


def stored_parameters(plan: Mapping[str, Any]) -> tuple[Parameter, ...]:
    """Return what varies in a stored plan."""
    return tuple(
        Parameter(**{**entry, "values": None if entry["values"] is None else tuple(entry["values"])})
        for entry in plan["parameters"]
    )


def stored_metrics(plan: Mapping[str, Any]) -> tuple[Metric, ...]:
    """Return what a stored plan is judged by."""
    return tuple(Metric(**entry) for entry in plan["metrics"])


def stored_study(kind: str, config: Mapping[str, Any], plan: Mapping[str, Any], planned: int | None) -> Study:
    """Return the study of a stored plan, without its trials."""
    given, klines = tuple(plan["given"]), plan.get("klines", {})
    return Study(kind, config, stored_parameters(plan), stored_metrics(plan), planned, given=given, klines=klines)


def require_kind(stored: Study, kind: str) -> None:
    """Raise `DataError` where a stored study is of another kind than what is to go on with it."""
    if stored.kind != kind:
        raise DataError(f"study {stored.study_id} is a {stored.kind}, so a {kind} cannot go on with it")


def require_same(
    name: str, stored: tuple[Mapping[str, Any], Mapping[str, Any]], now: tuple[Mapping[str, Any], Mapping[str, Any]]
) -> None:
    """Raise `ConfigurationError` with all in which a configuration and a plan are not those of a stored study, which
    `name` names: it can be gone on with only as it was begun.
    """
    problems = [*_differences(stored[0], now[0]), *_plan_differences(stored[1], now[1])]
    if problems:
        raise ConfigurationError(
            [f"{name} was begun with other settings, so it cannot be gone on with: {'; '.join(problems)}"]
        )


def _plan_differences(stored: Mapping[str, Any], now: Mapping[str, Any]) -> list[str]:
    found = []
    before = {entry["name"]: entry for entry in stored["parameters"]}
    present = {entry["name"]: entry for entry in now["parameters"]}
    for name in {**before, **present}:
        if before.get(name) != present.get(name):
            found.append(f"what {name} takes ({_entry_text(before.get(name))}, now {_entry_text(present.get(name))})")
    if not found and [*before] != [*present]:
        found.append(f"the order of what varies ({', '.join(before)}, now {', '.join(present)})")
    if stored["metrics"] != now["metrics"]:
        found.append(f"the metric ({_metric_text(stored['metrics'])}, now {_metric_text(now['metrics'])})")
    before, present = stored.get("klines", {}), now["klines"]
    found += [f"the klines of {name}" for name in before if before[name] != present.get(name)]
    for name in sorted({**stored["programs"], **now["programs"]}):
        if stored["programs"].get(name) != now["programs"].get(name):
            found.append(f"the text of the program {name}")
    return found + _differences(stored["of_kind"], now["of_kind"])


def parameter_texts(parameters: Sequence[Parameter]) -> dict[str, str]:
    """Return what each parameter takes, in short."""
    return {each.name: _entry_text(_parameter_entry(each)) for each in parameters}


def _entry_text(entry: Mapping[str, Any] | None) -> str:
    if entry is None:
        return "nothing"
    if entry["values"] is not None:
        return shown(entry["values"], 60)
    return f"{entry['low']} to {entry['high']}" + ("" if entry["step"] is None else f" by {entry['step']}")


def _metric_text(entries: Sequence[Mapping[str, Any]]) -> str:
    return ", ".join(f"{'min:' if each['is_least'] else ''}{each['name']}" for each in entries)


def _differences(stored: Mapping[str, Any], now: Mapping[str, Any]) -> list[str]:
    names = [name for name in {**stored, **now} if stored.get(name) != now.get(name)]
    return [
        "the text of the program"
        if name in _TEXTS
        else f"{name} ({shown(stored.get(name), 60)}, now {shown(now.get(name), 60)})"
        for name in names
    ]


def compared_config(config: BacktestConfig) -> dict[str, Any]:
    """Return a configuration as it is stored and compared."""
    entry: dict[str, Any] = plain(config.to_dict())
    return entry
