"""Parts of lines that several kinds of them have."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from ..contract import FIELDS, Decision, decision_dict, decision_values
from ..kernel import TriggerEvent
from ..plain_values import plain
from ..program import WarmUpCase, WarmUpOutcome
from .chained_lines import canonical, number, quoted
from .grounds import Row

_WARM_UP: Mapping[str, str] = {
    WarmUpOutcome.HELD: "warm-up-held",
    WarmUpOutcome.CLOSED: "warm-up-closed",
    WarmUpOutcome.SUBMITTED: "warm-up-submitted",
}
#: What a decision says that says nothing.
_UNSAID = dict(zip(FIELDS, decision_values(Decision("", "")), strict=True))


def row_text(row: Row | None) -> str:
    """Return a row as it stands in a line."""
    return "null" if row is None else f"[{quoted(row.table)},{quoted(row.symbol)},{row.time_ms}]"


def id_text(cause: int | None) -> str:
    """Return the id of a cause."""
    return "null" if cause is None else str(cause)


def number_or_null(value: float | None) -> str:
    """Return a number that need not be there."""
    return "null" if value is None else number(value)


class Asked(NamedTuple):
    """How a decision was asked for that is none of the program's: by which process, as if of which trigger, and for
    which order that there is.
    """

    process: str
    trigger: TriggerEvent | None
    order_id: int | None

    def text(self) -> str:
        """Return it as it stands in a line."""
        trigger, woken = self.trigger, None
        if trigger is not None:
            woken = {"pool": trigger.pool_name, "signals": trigger.signal_names(), "trigger": trigger.trigger_type}
        return canonical(plain({"order": self.order_id, "process": self.process, "trigger": woken}))


def decision_text(
    at: int, cause: int | None, line: int, values: tuple[Any, ...], case: WarmUpCase | None, asked: Asked | None = None
) -> str:
    """Return the line of a decision: what it says beyond the defaults, what was too short for it, and how it was
    `asked` for where it is none of the program's.
    """
    said = plain(decision_dict(values))
    said = {name: value for name, value in said.items() if name == "operation" or value != _UNSAID.get(name)}
    rule = "null" if case is None else quoted(_WARM_UP[case.outcome])
    short = "null" if case is None else canonical(plain(case.to_dict()))
    return (
        f'{{"at":{at},"cause":{id_text(cause)},"decision":{canonical(said)},"id":{line},"message":"decision",'
        f'"own":{"null" if asked is None else asked.text()},"row":null,"rule":{rule},"warm_up":{short}}}'
    )
