"""What a run did, line by line, each with its cause, its rule and its row, chained by hash; read, checked, replayed."""

from .checking import checked_records
from .journal import Journal, Recording, journal_file_lines
from .line_making import Recorded, start_of
from .recorder import RecordedBus, RecordedExchange, Recorder
from .replaying import Replayed, replay
from .rules import RULES

# the journal, and the rules that it names
__all__ = ["RULES", "Journal", "Recording", "journal_file_lines"]
# whether it is whole, and what it comes to
__all__ += ["Replayed", "checked_records", "replay"]
# what records one
__all__ += ["Recorded", "RecordedBus", "RecordedExchange", "Recorder", "start_of"]
