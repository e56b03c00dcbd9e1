"""Running programs: what they may ask, and what becomes of what they answer."""

from .data_provider import NOT_ENOUGH, HistoricalDataProvider
from .executor import MAX_LOG_LENGTH, MAX_LOG_LINES, InProcessExecutor, ProgramExecutor, ProgramLog, Strategy
from .market_data import MarketData
from .parameters import ParameterReads, Parameters
from .program_text import (
    FILE_NAME,
    PRIVATE_MARK,
    definition_line,
    failing_line,
    is_special,
    marked,
    readable,
    shown_text,
)
from .recording_provider import Questions, RecordingProvider
from .unanswered import UnansweredQueries
from .warm_up import ShortIndicator, WarmUpCase, WarmUpOutcome, warm_up_case

# programs and what runs them
__all__ = ["MAX_LOG_LENGTH", "MAX_LOG_LINES", "InProcessExecutor", "ProgramLog", "ProgramExecutor", "Strategy"]
# their parameters
__all__ += ["ParameterReads", "Parameters"]
# what they are asked with, and what they ask
__all__ += ["NOT_ENOUGH", "HistoricalDataProvider", "MarketData", "Questions", "RecordingProvider"]
__all__ += ["UnansweredQueries"]
# what was decided before there were klines enough
__all__ += ["ShortIndicator", "WarmUpCase", "WarmUpOutcome", "warm_up_case"]
# their errors and names
__all__ += ["FILE_NAME", "PRIVATE_MARK", "definition_line", "failing_line", "shown_text"]
__all__ += ["is_special", "marked", "readable"]
