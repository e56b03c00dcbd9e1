"""Which triggers of a log are wanted: without a word those of which something came."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from sqlalchemy import ColumnElement, String, cast, func, or_

from engine.contract import ActionType, Labelled
from engine.exchange import OrderState
from engine.program import WarmUpOutcome

from ..database import backtest_trigger_logs, stored_json


class TriggerFilter(Labelled):
    """A kind of trigger that is looked for."""

    DECISIONS = "decisions", "with a decision to act"
    FILLS = "fills", "with a fill"
    REJECTED = "rejected", "rejected"
    HELD = "held", "held back"
    ERRORS = "errors", "with an error"
    LOGS = "logs", "with log lines"

    def condition(self) -> ColumnElement[bool]:
        """Return what rows of backtest_trigger_logs must meet."""
        c = backtest_trigger_logs.c
        conditions: dict[TriggerFilter, ColumnElement[bool]] = {
            TriggerFilter.DECISIONS: func.lower(func.trim(c.decision_action)) != ActionType.HOLD,
            TriggerFilter.FILLS: c.decision_size.is_not(None),
            TriggerFilter.REJECTED: _says("status", OrderState.REJECTED),
            TriggerFilter.HELD: _says("outcome", WarmUpOutcome.HELD) | _says("outcome", WarmUpOutcome.CLOSED),
            TriggerFilter.ERRORS: c.execution_error.is_not(None),
            TriggerFilter.LOGS: cast(c.execution_logs, String) != "[]",
        }
        return conditions[self]

    def holds(self, row: Mapping[str, Any]) -> bool:
        """Return whether a row of backtest_trigger_logs that has been read meets that condition."""
        output = json.dumps(stored_json(row["decision_output"]))
        holding: dict[TriggerFilter, bool] = {
            TriggerFilter.DECISIONS: row["decision_action"].strip().lower() != ActionType.HOLD,
            TriggerFilter.FILLS: row["decision_size"] is not None,
            TriggerFilter.REJECTED: _said("status", OrderState.REJECTED) in output,
            TriggerFilter.HELD: any(
                _said("outcome", each) in output for each in (WarmUpOutcome.HELD, WarmUpOutcome.CLOSED)
            ),
            TriggerFilter.ERRORS: row["execution_error"] is not None,
            TriggerFilter.LOGS: bool(stored_json(row["execution_logs"])),
        }
        return holding[self]


def is_eventful() -> ColumnElement[bool]:
    """Return the condition on rows of backtest_trigger_logs that something came of them, as `TriggerRecord.is_quiet`
    has it: a decision to do something, several decisions, an error, or a log line.
    """
    kinds = (TriggerFilter.DECISIONS, TriggerFilter.ERRORS, TriggerFilter.LOGS)
    several = cast(backtest_trigger_logs.c.decision_output, String).contains('"decisions": [', autoescape=True)
    return or_(*(kind.condition() for kind in kinds), several)


def _says(name: str, value: str) -> ColumnElement[bool]:
    """Return the condition that this is said of what became of the decision."""
    output = cast(backtest_trigger_logs.c.decision_output, String)
    return output.contains(_said(name, value), autoescape=True)


def _said(name: str, value: str) -> str:
    return f'"{name}": "{value}"'
