"""Which triggers of a run are looked for, and in which order."""

from __future__ import annotations

import json
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, get_args

from sqlalchemy import ColumnElement, String, and_, cast, or_

from engine.kernel import TriggerType

from ..database import backtest_trigger_logs
from ..results import TriggerFilter, is_eventful
from .trades import NO_SYMBOL

#: What woke the program.
TRIGGER_TYPES: tuple[str, ...] = get_args(TriggerType)


class TriggerSort(StrEnum):
    """By what triggers are sorted: among equals by their time."""

    INDEX = "index"
    TYPE = "trigger_type"
    DECISION = "decided"
    ERROR = "error"

    def columns(self, descending: bool) -> list[Any]:
        """Return what rows of backtest_trigger_logs are ordered by; those without an error come after the others."""
        c = backtest_trigger_logs.c
        found: dict[TriggerSort, ColumnElement[Any]] = {
            TriggerSort.INDEX: c.trigger_index,
            TriggerSort.TYPE: c.trigger_type,
            TriggerSort.DECISION: c.decision_action,
            TriggerSort.ERROR: c.execution_error,
        }
        lacking = [c.execution_error.is_(None)] if self is TriggerSort.ERROR else []
        column = found[self]
        return [*lacking, column.desc() if descending else column.asc(), c.trigger_index.asc()]


@dataclass(frozen=True)
class WantedTriggers:
    """Triggers of one kind (`only`), type, and symbol (beside those without one), with a `text` in the reason of the
    decision, the log lines or the error. Quiet ones are among them with `all_triggers`, or where a kind is named.
    """

    only: TriggerFilter | None = None
    symbol: str | None = None
    trigger_type: str | None = None
    text: str | None = None
    all_triggers: bool = False

    def condition(self, run_id: int) -> ColumnElement[bool]:
        """Return what rows of backtest_trigger_logs of a run must meet."""
        c = backtest_trigger_logs.c
        parts: list[ColumnElement[bool]] = [c.backtest_id == run_id]
        if self.only is not None:
            parts.append(self.only.condition())
        elif not self.all_triggers:
            parts.append(is_eventful())
        if self.symbol is not None:
            parts.append(c.symbol.in_((self.symbol, NO_SYMBOL)))
        if self.trigger_type is not None:
            parts.append(c.trigger_type == self.trigger_type)
        if self.text is not None:
            parts.append(_says(self.text))
        return and_(*parts)


def _says(text: str) -> ColumnElement[bool]:
    """Return the condition that a text stands in the reason, the log or the error; capitals do not count."""
    c = backtest_trigger_logs.c
    logs = cast(c.execution_logs, String)
    written = {json.dumps(text, ensure_ascii=each)[1:-1] for each in (True, False)}  # jsonb escapes none
    return or_(
        c.decision_reason.icontains(text, autoescape=True),
        c.execution_error.icontains(text, autoescape=True),
        *(logs.icontains(each, autoescape=True) for each in sorted(written)),
    )
