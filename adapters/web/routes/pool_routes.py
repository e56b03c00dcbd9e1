"""Requests about signal pools: the stored ones, when one would have fired, and how its figures are spread."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter
from fastapi.responses import JSONResponse, Response
from starlette.concurrency import run_in_threadpool

from engine import BacktestConfig, ConfigurationError, parse_condition
from engine.periods import DAY_MS

from ...signals import (
    KNOWN_KEYS,
    PoolChanged,
    PoolDraft,
    SignalDraft,
    condition_kinds,
    delete_pool,
    enable_pool,
    restore_pool,
    save_pool,
)
from ..safety import OneProblem, Refused, configuration_problems, wrong_field
from ..services import PREVIEW, Services, ServicesOf, pool_answer, stored_signals
from ..shapes import ConditionForms, Pools, Preview, SavedPool, Spread
from .requests import Body, DistributionBody, PoolBody, PoolId, PoolState, PreviewBody, RangeBody, checked, refusals

router = APIRouter(prefix="/api/pools", tags=["signal pools"])

_LONGEST_DAYS = 800
_LOGICS = {"OR": "fires when one of the signals is true", "AND": "fires when all of the signals are true"}
_BAD_BODY = (400, 413, 415)


@router.get("", response_model=Pools, responses=refusals())
def pools(services: ServicesOf) -> Response:
    """List the stored signal pools, and the signals that they may be made of."""
    return JSONResponse(pool_answer(stored_signals(services.database)))


@router.get("/conditions", response_model=ConditionForms, responses=refusals())
def conditions() -> Response:
    """Return what conditions can be made of, for a form."""
    limits = {"signals": 50, "symbols": 500, "days": _LONGEST_DAYS}
    return JSONResponse(
        {"kinds": condition_kinds(), "logics": _LOGICS, "limits": limits, "known_keys": sorted(KNOWN_KEYS)}
    )


@router.post(
    "", status_code=201, response_model=SavedPool, openapi_extra=PoolBody.described(), responses=refusals(*_BAD_BODY)
)
def create(services: ServicesOf, values: Body) -> Response:
    """Store a new pool, after the check that a run makes."""
    return _saved(services, checked(PoolBody, values), None)


@router.put(
    "/{pool_id}", response_model=SavedPool, openapi_extra=PoolBody.described(), responses=refusals(404, 409, *_BAD_BODY)
)
def change(services: ServicesOf, pool_id: PoolId, values: Body) -> Response:
    """Store a pool in the place of a stored one: what the platform keeps beside it stays."""
    given = checked(PoolBody, values)
    _require(services, pool_id)
    return _saved(services, given, pool_id)


@router.patch(
    "/{pool_id}", response_model=SavedPool, openapi_extra=PoolState.described(), responses=refusals(404, *_BAD_BODY)
)
def switch(services: ServicesOf, pool_id: PoolId, values: Body) -> Response:
    """Enable or disable a pool."""
    given = checked(PoolState, values)
    _require(services, pool_id)
    enable_pool(services.database, pool_id, given.enabled)
    return JSONResponse({"id": pool_id, "warnings": []})


@router.delete("/{pool_id}", response_model=SavedPool, responses=refusals(404))
def delete(services: ServicesOf, pool_id: PoolId) -> Response:
    """Mark a pool as deleted, as the platform does; it can be restored."""
    _require(services, pool_id)
    delete_pool(services.database, pool_id)
    return JSONResponse({"id": pool_id, "warnings": []})


@router.post("/{pool_id}/restore", response_model=SavedPool, responses=refusals(404))
def restore(services: ServicesOf, pool_id: PoolId) -> Response:
    """Undo the deletion of a pool."""
    if stored_signals(services.database) is None or not restore_pool(services.database, pool_id):
        raise Refused(404, f"no deleted pool {pool_id} is stored")
    return JSONResponse({"id": pool_id, "warnings": []})


@router.post("/preview", response_model=Preview, openapi_extra=PreviewBody.described(), responses=refusals(*_BAD_BODY))
async def preview(services: ServicesOf, values: Body) -> Response:
    """Return when a stored pool, or conditions that are tried out, would have fired."""
    given = checked(PreviewBody, values)
    config = _configuration(given)
    if (given.pool_id is None) == (given.conditions is None):
        raise wrong_field("pool_id", "give either pool_id or conditions, and only one")
    if given.pool_id is not None:
        await run_in_threadpool(_require, services, given.pool_id)
    for place, each in enumerate(given.conditions or ()):
        _check(each, f"conditions.{place}")
    asked = {"pool_id": given.pool_id, "conditions": given.conditions, "logic": given.logic}
    return JSONResponse(await services.limited.done(PREVIEW, {"config": config, **asked}))


@router.post(
    "/distribution", response_model=Spread, openapi_extra=DistributionBody.described(), responses=refusals(*_BAD_BODY)
)
async def spread(services: ServicesOf, values: Body) -> Response:
    """Return how the figure of a condition is spread over a range, and how often thresholds would make it fire."""
    given = checked(DistributionBody, values)
    config = _configuration(given)
    _check(given.condition, "condition")
    return JSONResponse(await services.limited.done(PREVIEW, {"config": config, "condition": given.condition}))


def _saved(services: Services, given: PoolBody, pool_id: int | None) -> Response:
    signals = [
        SignalDraft(each.id, each.name, each.description, each.enabled, each.condition) for each in given.signals
    ]
    draft = PoolDraft(given.name, given.logic, given.enabled, given.exchange, given.symbols, signals)
    try:
        saved, warnings = save_pool(services.database, draft, pool_id, given.revision)
    except PoolChanged as error:
        raise Refused(409, str(error)) from None
    except ConfigurationError as error:
        raise Refused(422, "the pool has problems", _placed(error)) from None
    return JSONResponse({"id": saved, "warnings": warnings}, 201 if pool_id is None else 200)


def _placed(error: ConfigurationError) -> list[OneProblem]:
    """Return problems with their fields; "signals.PLACE" is that of a signal."""
    found = []
    for text in error.problems:
        name, _, message = text.partition(": ")
        is_field = bool(message) and name.replace(".", "_").isidentifier()
        found.append(OneProblem(field=name if is_field else None, message=message if is_field else text))
    return found


def _require(services: Services, pool_id: int) -> None:
    store = stored_signals(services.database)
    if store is None or pool_id not in store.pools:
        raise Refused(404, f"no signal pool {pool_id} is stored")


def _configuration(given: RangeBody) -> dict[str, Any]:
    """Return a range and its symbol as a configuration, which knows how to check them."""
    span = {"exchange": given.exchange, "start_time": given.start_time, "end_time": given.end_time}
    wanted = {**span, "code": "", "symbols": [given.symbol]}
    try:
        config = BacktestConfig.from_dict(wanted)
    except ConfigurationError as error:
        raise Refused(422, "the preview has problems", configuration_problems(error)) from None
    if config.end_ms - config.start_ms > _LONGEST_DAYS * DAY_MS:
        raise wrong_field("end_time", f"is more than {_LONGEST_DAYS} days after start_time")
    return wanted


def _check(condition: Any, field: str) -> None:
    """Refuse what is no condition, with the field that holds it."""
    try:
        parse_condition(condition)
    except ConfigurationError as error:
        raise wrong_field(field, str(error)) from None
