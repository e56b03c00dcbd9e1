"""The trigger log of a run: what woke the program, what it answered, what came of it; in columns, read as records."""

from .packed_facts import RepeatableFacts
from .trigger_columns import TriggerRecords
from .trigger_counts import NO_DECISION, TriggerCounts, count_triggers
from .trigger_log import TriggerLog
from .trigger_record import NOTHING_ANSWERED, Answered, TriggerRecord

# one trigger
__all__ = ["NOTHING_ANSWERED", "Answered", "TriggerRecord"]
# all of them
__all__ += ["RepeatableFacts", "TriggerLog", "TriggerRecords"]
# how many of which kind
__all__ += ["NO_DECISION", "TriggerCounts", "count_triggers"]
