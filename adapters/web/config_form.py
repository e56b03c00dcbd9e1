"""The form of a configuration as plain values: its fields by group, its presets, and what a new one starts with."""

from __future__ import annotations

import math
from dataclasses import asdict
from typing import Any

from engine.config import grouped_settings
from engine.settings import Group, Setting

#: What a new configuration has in place of the defaults.
START: dict[str, Any] = {"scheduled_interval": "1h"}

_PLAIN: dict[str, Any] = {
    "slippage_model": "percent",
    "fee_model": None,
    "maker_fee_rate": None,
    "execution_price": "close",
    "intrabar": "pessimistic",
}
PRESETS: dict[str, dict[str, Any]] = {
    "Ordinary costs": {**_PLAIN, "fee_rate": 0.035, "slippage_percent": 0.05},
    "No costs": {**_PLAIN, "fee_rate": 0.0, "slippage_percent": 0.0, "fee_model": "flat"},
    "Harsh": {**_PLAIN, "fee_rate": 0.07, "slippage_percent": 0.2, "execution_price": "open"},
}


def form_groups() -> list[dict[str, Any]]:
    """Return the groups of the form in their order, each with its fields and its presets."""
    return [
        {
            "title": group.title,
            "is_rare": group.is_rare,
            "presets": PRESETS if group is Group.COSTS else {},
            "fields": [_field(each) for each in settings],
        }
        for group, settings in grouped_settings().items()
    ]


def _field(setting: Setting) -> dict[str, Any]:
    """Return what a form shows of a field. Numbers that JSON cannot say are bounds that there are not."""
    entry = {name: None if value in (math.inf, -math.inf) else value for name, value in asdict(setting).items()}
    entry.pop("group")
    return {**entry, "start": START.get(setting.name, setting.default), "bounds": setting.bounds}
