"""A stored study as a request for it: what it says once more, so that it can be gone on with."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from engine import BacktestConfig, ConfigurationError
from engine.durations import parse_duration
from engine.faults import Fault

from ...searches import SearchPlan, stored_plan
from ...studies import Study
from ...walking import WalkScheme
from .asked_study import AskedStudy
from .study_fields import KINDS

_LENGTHS = ("train", "test", "step", "purge", "embargo")


def stored_config(study: Study, plan: Mapping[str, Any]) -> BacktestConfig:
    """Return the configuration that a stored study has varied, with what was given to it: what it leaves out may follow
    from a profile. Raises `ConfigurationError` where the text of its program is not stored.
    """
    given = plan.get("given") or [*study.config]
    is_varied = any(each.is_field and each.name == "strategy" for each in study.parameters)
    if study.config.get("code") is None and not is_varied:
        raise ConfigurationError(["the source text of its program is not stored"])
    return BacktestConfig.from_dict(
        {name: study.config[name] for name in given if name in study.config and name != "strategy"}
    )


def asked_again(study: Study, plan: Mapping[str, Any]) -> AskedStudy:
    """Return what was asked for when a stored study began, here or on the command line. Raises `ConfigurationError` for
    one that cannot be run from what is stored.
    """
    if study.kind not in KINDS:
        raise ConfigurationError([f"a {study.kind} cannot be gone on with"])
    if not all(isinstance(program, str) for program in plan.get("programs", {}).values()):
        raise ConfigurationError(["the source text of its programs is not stored"])
    config, of_kind = stored_config(study, plan), plan["of_kind"]
    more = _OF_KIND[study.kind](study, of_kind) if study.kind in _OF_KIND else dict(of_kind)
    return AskedStudy(
        kind=study.kind, config=config, label=study.label, parameters=study.parameters, metrics=study.metrics, **more
    )


def _search(study: Study, of_kind: Mapping[str, Any]) -> dict[str, Any]:
    return {"search": stored_plan(of_kind, study.planned)}


def _walk(study: Study, of_kind: Mapping[str, Any]) -> dict[str, Any]:
    train, test, step, purge, embargo = (parse_duration(of_kind["scheme"][name]) for name in _LENGTHS)
    scheme = WalkScheme(train, test, step, purge, embargo, bool(of_kind["scheme"]["anchored"]))
    return {"scheme": scheme, "account": of_kind["account"], "search": _search_of_walk(study, of_kind)}


def _search_of_walk(study: Study, of_kind: Mapping[str, Any]) -> SearchPlan | None:
    if of_kind["search"] is None or study.planned is None:
        return None
    return stored_plan(of_kind["search"], study.planned // len(of_kind["windows"]) - 1)  # each window has one test


def _stress(study: Study, of_kind: Mapping[str, Any]) -> dict[str, Any]:
    if isinstance(of_kind["faults"], Mapping):  # they were stored without their order, which tells which trial is whose
        raise ConfigurationError(["an older version has stored it: run it again"])
    return {"faults": {name: Fault.of(entry) for name, entry in of_kind["faults"]}}


_OF_KIND: dict[str, Callable[[Study, Mapping[str, Any]], dict[str, Any]]] = {
    "sweep": lambda study, of_kind: {},
    "search": _search,
    "walk-forward": _walk,
    "stress": _stress,
}
