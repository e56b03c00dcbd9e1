"""The words of the page: what its scripts show of results and configurations, from where each is defined."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, replace
from types import MappingProxyType
from typing import Any

from engine.config import SETTINGS, grouped_settings
from engine.contract import ActionType, ExitReason
from engine.exchange import AMENDED, CANCELLED, EXPIRED, PLACED, REJECTED, OrderState
from engine.profiles import PROFILES
from engine.result import FIGURES, Column, Figure, Group, Place, Unit
from engine.settings import Group as FieldGroup
from engine.settings import Setting
from engine.triggers import NO_DECISION

from ..desk import Download, RunState
from ..results import TriggerFilter
from .summary import EXCURSIONS
from .trades import ADD, AMBIGUOUS, DECIDED, ENTRY, OPEN, SAID, TRIGGER
from .wanted_triggers import TRIGGER_TYPES, TriggerSort

_TRIGGERS = (
    Column("index", "#", Unit.COUNT),
    Column("timestamp", "Time", Unit.MOMENT),
    Column("trigger_type", "Type"),
    Column("symbol", "Symbol"),
    Column("decided", "Decision"),
    Column("order_text", "Order"),
    Column("price", "Price", Unit.PRICE),
    Column(
        "won",
        "Net PnL of trades",
        Unit.USD,
        signed=True,
        meaning="Net PnL of the trades that its decisions have closed, as Trades has it, also where their orders were "
        "filled later; a trade that a target, a stop or the venue has closed is no trigger's",
    ),
    Column("fee", "Fees", Unit.USD, meaning="Fees of what its decisions traded at once, entries among it"),
    Column("equity_after", "Equity after", Unit.USD),
    Column("log_lines", "Log", Unit.COUNT),
    Column("reason", "Reason or error", wraps=True),
)
#: What a mark tells, and what many that are added up do.
_MARKS = (
    Column("price", "Price", Unit.PRICE),
    Column("size", "Size", Unit.SIZE),
    Column("fee", "Fee", Unit.USD),
    Column("pnl", "Net PnL", Unit.USD, signed=True),
    Column("trade_fee", "Fees of the trade", Unit.USD),
    Column("funding", "Funding", Unit.USD, signed=True),
    Column("text", "Why"),
)
_MARK_BARS = (
    Column("entries", "Entries", Unit.COUNT),
    Column("exits", "Exits", Unit.COUNT),
    Column("wins", "Won", Unit.COUNT),
    Column("losses", "Lost", Unit.COUNT),
    Column("others", "Other marks", Unit.COUNT),
    Column("pnl", "Net PnL", Unit.USD, signed=True),
)
#: What explains, beside the funnel, why there are no trades.
_WHY_NOT = ["strategy_errors", "held_decisions", "unanswered_queries"]

#: What a chart can show beside price, equity and drawdown: its label, and what it is.
_OVERLAYS = {
    "hold": ("Buy and hold", "What the equity of the start comes to in all symbols of the run, in equal parts, in USD"),
    "exposure": ("Exposure", "The worth of all positions, long and short, as a multiple of equity"),
    "volume": ("Volume", "Of each kline, in coins"),
    "settlements": ("Funding", "Each settlement: its rate, and what the run paid or received"),
    "signals": ("Signals", "The triggers of signal pools; a click on one shows its trigger"),
    "indicators": ("Indicators", "At the close of each kline, as the program asked for it"),
}
_SCALES = ("price", "equity")
#: What a summary has figures of.
_SUMMED = (Group.MONEY, Group.RISK, Group.TRADES, Group.ACTIVITY)

_SO_FAR = "What it had come to until then is stored and shown here, if there was anything."
#: What became of a run that did not come to its end, and what can be done then.
_OUTCOMES = {
    "failed": {
        "title": "It ended with an error.",
        "advice": f"{_SO_FAR} Change what the error names, and run it again.",
    },
    "cancelled": {
        "title": "It was cancelled.",
        "advice": f"{_SO_FAR} It can be run again as it was, or changed first.",
    },
    "interrupted": {
        "title": "It was interrupted: its process or its server ended before it was done.",
        "advice": f"{_SO_FAR} Nothing was wrong with it: run it again as it was.",
    },
}

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
        "states": {each.value: each.label for each in RunState},
        "downloads": {each.value: each.label for each in Download},
        "outcomes": _OUTCOMES,
        "sides": _words(("long", "short")),
        "trigger_filters": {each.value: each.label for each in TriggerFilter},
        "trigger_types": _words(TRIGGER_TYPES),
        "trigger_sorts": [each.value for each in TriggerSort],
        "marks": _marks(),
        "trigger_links": SAID,
        "overlays": {name: {"label": label, "about": about} for name, (label, about) in _OVERLAYS.items()},
        "scales": {name: {"label": f"Log {name}", "about": f"{name} on a logarithmic scale"} for name in _SCALES},
        "figures": {name: _figure(figure) for name, figure in FIGURES.items()},
        "tabs": _tabs(),
        "beside_trades": ["open_positions"],
        "summary": [{"title": group.value, "figures": [*_summed(group)]} for group in _SUMMED],
        "excursions": _columns(each for key in EXCURSIONS for each in FIGURES["trades"].columns if each.key == key),
        "columns": {
            "triggers": _columns(_TRIGGERS),
            "trades": _columns(FIGURES["trades"].columns),
            "marks": _columns(_MARKS),
            "mark_bars": _columns(_MARK_BARS),
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


def _marks() -> dict[str, dict[str, Any]]:
    """Return what marks a price chart has, and which are hidden at first: entries, exits by their reason, what becomes
    of orders, triggers.
    """
    exits = {
        reason.value: {
            "label": reason.label.capitalize(),
            "tone": _tone(reason),
            "shape": "square" if reason is ExitReason.LIQUIDATION else "circle",
        }
        for reason in ExitReason
    }
    entries = {
        ENTRY: {"label": "Entry", "tone": "accent", "shape": "arrow"},
        ADD: {"label": "Addition", "tone": "accent", "shape": "arrow"},
    }
    open_still = {OPEN: {"label": "Open at the end", "tone": "accent", "shape": "square"}}
    orders = {
        REJECTED: {"label": "Order refused", "tone": "warn", "shape": "square"},
        PLACED: {"label": "Order placed", "tone": "soft", "shape": "square"},
        AMENDED: {"label": "Order amended", "tone": "soft", "shape": "square"},
        CANCELLED: {"label": "Order cancelled", "tone": "soft", "shape": "circle"},
        EXPIRED: {"label": "Order expired", "tone": "soft", "shape": "circle"},
    }
    both = {
        DECIDED: {"label": "Two exits, decided inside", "tone": "accent", "shape": "square"},
        AMBIGUOUS: {"label": "Two exits, ambiguous", "tone": "warn", "shape": "square"},
    }
    triggers = {TRIGGER: {"label": "Trigger", "tone": "soft", "shape": "square", "is_hidden": True}}
    return {**entries, **exits, **open_still, **orders, **both, **triggers}


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


def _summed(group: Group) -> Iterator[str]:
    """Yield the figures of a group that a summary has: those that a terminal's table has a line of, or beside one."""
    for name, figure in FIGURES.items():
        if figure.group is group and figure.unit.is_number and figure.places & (Place.LINE | Place.BESIDE | Place.HEAD):
            yield name


def _names(group: Group, with_main: bool = True) -> list[str]:
    names = (name for name, figure in FIGURES.items() if figure.group is group and name not in _WHY_NOT)
    return [name for name in names if with_main or Place.HEAD not in FIGURES[name].places]
