"""Requests about signal pools: the list, and when one would have fired."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter
from fastapi.responses import JSONResponse, Response

from engine import BacktestConfig, ConfigurationError, DataError, SignalDefinition, SignalPool, parse_condition
from engine.periods import DAY_MS
from engine.signals import judge_pool

from ...database import stored_json
from ...market import load_market
from ...signals import SignalStore, StoredPool
from ..safety import OneProblem, Refused, configuration_problems, wrong_field
from ..services import Services, ServicesOf
from ..shapes import Pools, Preview
from .requests import Body, body, refusals

router = APIRouter(prefix="/api/pools", tags=["signal pools"])

_LONGEST_DAYS = 800
_TIME = {"anyOf": [{"type": "integer"}, {"type": "string"}]}
_SCHEMA: dict[str, Any] = {
    "title": "PoolPreview",
    "type": "object",
    "description": "one of pool_id (a stored pool) and conditions (signal conditions, combined by logic)",
    "properties": {
        "pool_id": {"type": "integer"},
        "conditions": {"type": "array", "items": {"type": "object", "additionalProperties": True}, "minItems": 1},
        "logic": {"type": "string", "enum": ["OR", "AND"], "default": "OR"},
        "exchange": {"type": "string", "default": "hyperliquid"},
        "symbol": {"type": "string"},
        "start_time": _TIME,
        "end_time": _TIME,
    },
    "required": ["symbol", "start_time", "end_time"],
    "additionalProperties": False,
}


@router.get("", response_model=Pools, responses=refusals())
def pools(services: ServicesOf) -> Response:
    """List the stored signal pools with their signals."""
    try:
        store = SignalStore(services.database)
    except DataError as error:
        if "has no table" in str(error):
            return JSONResponse({"pools": []})
        raise
    return JSONResponse({"pools": [_described(store, each) for each in store.pools.values()]})


@router.post("/preview", response_model=Preview, openapi_extra=body(_SCHEMA), responses=refusals(400, 413, 415))
def preview(services: ServicesOf, values: Body) -> Response:
    """Return when a stored pool, or conditions that are tried out, would have fired."""
    config = _configuration(values)
    pool = _pool(services, values)
    with services.heavy:
        market = load_market(services.database, config)
        symbol = config.symbols[0]
        found = judge_pool(pool, market.symbols[symbol], config.start_ms, config.end_ms)
    times = [each.timestamp for each in found.triggers]
    return JSONResponse(
        {
            "symbol": symbol,
            "name": pool.name,
            "trigger_count": len(times),
            "per_day": len(times) * DAY_MS / (config.end_ms - config.start_ms),
            "check_points": found.check_points,
            "undefined": found.undefined,
            "times": times,
            "warnings": found.warnings,
        }
    )


def _configuration(values: dict[str, Any]) -> BacktestConfig:
    """Return the range and symbol of a preview as a configuration, which knows how to check them."""
    problems = [
        OneProblem(field=name, message="there is no such field") for name in values.keys() - _SCHEMA["properties"]
    ]
    wanted: dict[str, Any] = {name: values[name] for name in ("exchange", "start_time", "end_time") if name in values}
    config = None
    try:
        config = BacktestConfig.from_dict({**wanted, "code": "", "symbols": [values.get("symbol")]})
    except ConfigurationError as error:
        problems += configuration_problems(error)
    if config is not None and config.end_ms - config.start_ms > _LONGEST_DAYS * DAY_MS:
        problems.append(OneProblem(field="end_time", message=f"is more than {_LONGEST_DAYS} days after start_time"))
    if config is None or problems:
        raise Refused(422, "the preview has problems", sorted(problems, key=lambda each: each.field or ""))
    return config


def _pool(services: Services, values: dict[str, Any]) -> SignalPool:
    pool_id, conditions = values.get("pool_id"), values.get("conditions")
    if (pool_id is None) == (conditions is None):
        raise wrong_field("pool_id", "give either pool_id or conditions, and only one")
    if pool_id is not None:
        if isinstance(pool_id, bool) or not isinstance(pool_id, int):
            raise wrong_field("pool_id", "is no whole number")
        return SignalStore(services.database).pool(pool_id)
    if not isinstance(conditions, list) or not conditions or not all(isinstance(each, dict) for each in conditions):
        raise wrong_field("conditions", "is no list of conditions")
    parsed = [parse_condition(each) for each in conditions]
    members = tuple(SignalDefinition(None, each.describe(), each) for each in parsed)
    logic = values.get("logic", "OR")
    return SignalPool(None, f" {logic} ".join(each.name for each in members), members, (), logic)


def _described(store: SignalStore, row: StoredPool) -> dict[str, Any]:
    problems: list[str] = []
    signals: list[str] = []
    try:
        signals = [f"{each.name}: {each.condition.describe()}" for each in store.pool(row.pool_id).signals]
    except ConfigurationError as error:
        problems = list(error.problems)
    return {
        "id": row.pool_id,
        "name": row.name,
        "logic": str(row.logic).upper(),
        "enabled": row.enabled,
        "exchange": row.exchange,
        "source_type": row.source_type,
        "symbols": _names(row.symbols),
        "signals": signals,
        "problems": problems,
    }


def _names(stored: Any) -> list[str]:
    try:
        value = stored_json(stored)
    except ValueError:
        return []  # it stands among the problems
    return [str(each) for each in value] if isinstance(value, list) else []
