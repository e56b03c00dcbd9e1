"""The words of the page: what its scripts show of results and configurations, from where each is defined."""

from __future__ import annotations

from typing import Any

from engine.contract import ExitReason

from .config_form import form_groups


def vocabulary() -> dict[str, Any]:
    """Return the words as plain values: the page asks for them once, and a report carries them with it."""
    return {
        "exit_reasons": {reason.value: reason.label for reason in ExitReason},
        "fields": form_groups(),
    }
