"""Which fields of a configuration may change while a run goes on, and why the others may not."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from engine import BacktestConfig, ConfigurationError, ExecutionModels
from engine.config import SETTINGS, no_such_field
from engine.plain_values import shown

_MODELS: Mapping[str, tuple[str, ...]] = {
    "slippage": ("slippage_percent", "slippage_model", "slippage_impact_percent"),
    "fees": ("fee_rate", "maker_fee_rate", "fee_model"),
    "latency": ("order_latency_ms", "latency_model", "latency_sigma", "latency_seed", "latency_by_hour_ms"),
    "volume_cap": ("volume_cap_percent",),
}
_LIMITS = ("max_position_usd", "max_daily_loss_usd", "max_open_orders", "stop_cooldown_seconds")
#: Which fields may change, and of which model each of them is ("" for none): in the order in which they are listed.
CHANGING: Mapping[str, str] = {
    **{name: model for model, names in _MODELS.items() for name in names},
    **dict.fromkeys((*_LIMITS, "warm_up", "bracket_execution", "on_strategy_error"), ""),
}

_PROGRAM = "the program is the same from the start to the end, with what it has kept in its memory"
_RANGE = "what the run has come through until then lies between its start and its end"
_FAULTS = "those of a run are laid out at its start; one that begins at the instant is --fault, in Python faults=..."
_SCHEDULE = "what happens in the whole run beside the program is laid out at its start"
_DATA = "the market of a run is read at its start, and what was known before the instant would be something else"
_ACCOUNT = "what the account holds was entered under the margin, the rules and the funding that it has"
_EXITS = "orders that are pending were given their rule, and what touches them was searched for, when they were placed"
_WORDS: Mapping[str, tuple[str, ...]] = {
    _PROGRAM: ("code", "strategy", "params", "language", "strategy_lifetime", "profile"),
    _RANGE: ("start_time", "end_time", "initial_balance"),
    _SCHEDULE: ("scheduled_interval", "schedule_mode", "signal_pool_ids", "wake_on"),
    _FAULTS: ("faults",),
    _DATA: ("symbols", "exchange", "base_period", "mark_stale_ms", "price_stale_ms", "strict_data"),
    _ACCOUNT: ("liquidation", "funding", "funding_interval", "margin_mode", "max_leverage", "venue"),
    _EXITS: ("execution_price", "intrabar", "watch_period", "trigger_price", "fill_on", "drill_down"),
}
#: Why a field may not change, by its name.
FIXED: Mapping[str, str] = {name: why for why, names in _WORDS.items() for name in names}


def changed_config(
    config: BacktestConfig, fields: Mapping[str, Any], models: ExecutionModels | None = None
) -> BacktestConfig:
    """Return a configuration as it is from some instant of its run on: `fields` have other values. `models` are those
    of one's own that the run has.

    Raises `ConfigurationError` with one sentence for each field that may not change, and for what cannot stand in it.
    """
    problems = [f"{name}: {problem}" for name in fields if (problem := _problem(name, models)) is not None]
    if problems:
        raise ConfigurationError(problems)
    return replace(config, **fields)


def _problem(name: str, models: ExecutionModels | None) -> str | None:
    if name not in SETTINGS:
        return no_such_field(name)
    if name not in CHANGING:
        why = FIXED.get(name, "a run takes it at its start")
        return f"it cannot change while a run goes on: {why}; run it again with the other value from the start"
    own = getattr(models, CHANGING[name], None) if CHANGING[name] else None
    if own is None:
        return None
    return f"the run has a {CHANGING[name]} model of its own, {shown(own)}, which does not look at it"


def changing_table() -> str:
    """Return the fields that may change and those that may not, as a table of Markdown."""
    lines = ["| Field | |", "|---|---|"]
    lines.append(f"| {_listed(CHANGING)} | may change at any instant |")
    lines += [f"| {_listed(names)} | no: {why} |" for why, names in _WORDS.items()]
    return "\n".join(lines)


def _listed(names: Mapping[str, str] | tuple[str, ...]) -> str:
    return ", ".join(f"`{name}`" for name in names)
