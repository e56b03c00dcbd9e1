"""The words of the page: what its scripts show of results and configurations, from where each is defined."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import asdict, replace
from types import MappingProxyType
from typing import Any

from engine.config import SETTINGS, grouped_settings
from engine.contract import ActionType, ExitReason
from engine.exchange import OrderState
from engine.profiles import PROFILES
from engine.result import FIGURES, Column, Figure, Group, Place, Unit
from engine.settings import Group as FieldGroup
from engine.settings import Setting
from engine.triggers import NO_DECISION

from ..results import LISTED, RunStatus, TriggerFilter
from .trades import AMBIGUOUS, DECIDED

_HISTORY = (
    Column("program", "Program"),
    Column("symbols", "Symbols", wraps=True),
    Column("start_time", "From", Unit.MOMENT),
    Column("end_time", "To", Unit.MOMENT),
    *(Column(name, FIGURES[name].title, FIGURES[name].unit, FIGURES[name].sign > 0) for name in LISTED),
    Column("created_at", "Started", Unit.MOMENT),
)
_TRIGGERS = (
    Column("index", "#", Unit.COUNT),
    Column("timestamp", "Time", Unit.MOMENT),
    Column("trigger_type", "Type"),
    Column("symbol", "Symbol"),
    Column("decided", "Decision"),
    Column("order_text", "Order"),
    Column("price", "Price", Unit.PRICE),
    Column("pnl", "PnL", Unit.USD, signed=True),
    Column("equity_after", "Equity after", Unit.USD),
    Column("log_lines", "Log", Unit.COUNT),
    Column("reason", "Reason or error", wraps=True),
)
#: What explains, beside the funnel, why there are no trades.
_WHY_NOT = ["strategy_errors", "held_decisions", "unanswered_queries"]

#: Values of fields by the names of their fields.
Values = Mapping[str, Any]


#: What the form does with a field beside showing it: its scripts name no fields.
_ROLES = {"base_period": "base", "language": "written in"}


def vocabulary(
    start: Values = MappingProxyType({}),
    presets: Mapping[str, Values] = MappingProxyType({}),
    defaults: Values = MappingProxyType({}),
) -> dict[str, Any]:
    """Return the words as plain values: the page asks for them once, and a report carries them with it.

    `start` is what a new configuration has in place of the defaults, `presets` are sets of costs, `defaults` what a
    configuration has that does not say it, where that is another one than on the command line: all of the form.
    """
    return {
        "fields": _form_groups(start, presets, defaults),
        "exit_reasons": {reason.value: reason.label for reason in ExitReason},
        "decisions": {**_words(ActionType), NO_DECISION: "no decision"},
        "order_statuses": _words(OrderState),
        "statuses": _words(RunStatus),
        "sides": _words(("long", "short")),
        "trigger_filters": {each.value: each.label for each in TriggerFilter},
        "marks": _marks(),
        "figures": {name: _figure(figure) for name, figure in FIGURES.items()},
        "tabs": _tabs(),
        "columns": {
            "history": _columns(_HISTORY),
            "triggers": _columns(_TRIGGERS),
            "trades": _columns(FIGURES["trades"].columns),
        },
    }


def _form_groups(start: Values, presets: Mapping[str, Values], defaults: Values) -> list[dict[str, Any]]:
    """Return the groups of the form in their order, each with its fields and its presets."""
    return [
        {
            "title": group.title,
            "is_rare": group.is_rare,
            "presets": dict(presets) if group is FieldGroup.COSTS else {},
            "fields": [_field(each, start, defaults) for each in settings],
        }
        for group, settings in grouped_settings().items()
    ]


def _field(original: Setting, start: Values, defaults: Values) -> dict[str, Any]:
    """Return what a form shows of a field. Numbers that JSON cannot say are bounds that there are not."""
    setting = replace(original, default=defaults.get(original.name, original.default))
    entry = {name: None if value in (math.inf, -math.inf) else value for name, value in asdict(setting).items()}
    entry.pop("group")
    if setting.name == "profile":
        entry["sets"] = _profiles()
    return {
        **entry,
        "start": start.get(setting.name, setting.default),
        "bounds": setting.bounds,
        "default_text": setting.default_text,
        "is_required": setting.is_required or setting.kind in ("program", "object"),
        "role": _ROLES.get(setting.name),
    }


def _profiles() -> dict[str, dict[str, Any]]:
    """Return by profile ("": none) what a form then shows of the fields that profiles set."""
    plain = {name: SETTINGS[name].default for values in PROFILES.values() for name in values}
    return {"": plain, **{profile: {**plain, **values} for profile, values in PROFILES.items()}}


def _words(values: Iterable[str]) -> dict[str, str]:
    return {str(value): str(value) for value in values}


def _columns(columns: Iterable[Column]) -> list[dict[str, Any]]:
    return [asdict(column) for column in columns]


def _figure(figure: Figure) -> dict[str, Any]:
    return {
        "label": figure.title,
        "unit": figure.unit,
        "meaning": figure.meaning,
        "signed": figure.sign > 0,
        "of": figure.of,
        "is_main": Place.HEAD in figure.places,
        "columns": _columns(figure.columns),
    }


def _marks() -> dict[str, dict[str, str]]:
    """Return what marks a price chart has: entries, exits by their reason, triggers."""
    exits = {
        reason.value: {
            "label": reason.label.capitalize(),
            "tone": _tone(reason),
            "shape": "square" if reason is ExitReason.LIQUIDATION else "circle",
        }
        for reason in ExitReason
    }
    entry = {"label": "Entry", "tone": "accent", "shape": "arrow"}
    both = {
        DECIDED: {"label": "Two exits, decided inside", "tone": "accent", "shape": "square"},
        AMBIGUOUS: {"label": "Two exits, ambiguous", "tone": "warn", "shape": "square"},
    }
    return {"entry": entry, **exits, **both, "trigger": {"label": "Trigger", "tone": "soft", "shape": "square"}}


def _tone(reason: ExitReason) -> str:
    if reason is ExitReason.LIQUIDATION:
        return "warn"
    return "bad" if reason.is_stop else "good" if reason is ExitReason.TAKE_PROFIT else "soft"


def _tabs() -> list[dict[str, Any]]:
    """Return which figures stand under which tab of a result's page, in sections."""
    more = (Group.MONEY, Group.RISK, Group.TRADES, Group.ACTIVITY, Group.RUN)
    sections = [{"title": group.value, "figures": _names(group, with_main=False)} for group in more]
    return [
        {"title": "Why no trades", "with_funnel": True, "sections": [{"figures": _WHY_NOT}]},
        {"title": "More figures", "sections": sections},
        {"title": Group.VENUE.value, "sections": [{"figures": ["funding_received", *_names(Group.VENUE)]}]},
        {"title": "Data coverage", "sections": [{"figures": _names(Group.DATA)}]},
    ]


def _names(group: Group, with_main: bool = True) -> list[str]:
    names = (name for name, figure in FIGURES.items() if figure.group is group and name not in _WHY_NOT)
    return [name for name in names if with_main or Place.HEAD not in FIGURES[name].places]
