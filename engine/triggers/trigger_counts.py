"""How many triggers there were of each kind, and what was decided at them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import NamedTuple

from ..contract import decision_operation
from .trigger_columns import TriggerRecords
from .trigger_record import TriggerRecord

#: What a trigger counts as in `decisions` at which the program decided nothing.
NO_DECISION = "none"


class TriggerCounts(NamedTuple):
    """How many triggers there were by type and by what was decided, in order of their names, and how many were quiet;
    place and record of those at which a decision to open was made on a too short indicator.
    """

    types: Counter[str]
    decisions: dict[str, int]
    quiet: int
    too_short: Sequence[tuple[int, TriggerRecord]]


def count_triggers(log: TriggerRecords) -> TriggerCounts:
    """Return the counts of all triggers. The records are gone through once, and once more where any is `too_short`."""
    types: Counter[str] = Counter()
    decisions: Counter[str] = Counter()
    quiet, any_short = 0, False
    for record, count in log.counted():
        types[record.trigger.trigger_type] += count
        decisions[NO_DECISION if record.decision is None else decision_operation(record.decision)] += count
        for each in record.further:
            decisions[decision_operation(each.decision)] += count
            any_short = any_short or each.warm_up is not None
        quiet += count * record.is_quiet
        any_short = any_short or record.warm_up is not None
    short = [each for each in log.eventful() if _is_too_short(each[1])] if any_short else ()
    return TriggerCounts(types, dict(sorted(decisions.items())), quiet, short)


def _is_too_short(record: TriggerRecord) -> bool:
    """Tell whether a decision at a trigger was made on a too short indicator, without making its `answers`."""
    further = record.further  # mostly none
    return record.warm_up is not None or (bool(further) and any(each.warm_up is not None for each in further))
