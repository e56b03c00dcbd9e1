"""Running programs: what they may ask, and what becomes of what they answer."""

from .data_provider import NOT_ENOUGH, HistoricalDataProvider
from .executor import MAX_LOG_LENGTH, MAX_LOG_LINES, InProcessExecutor, ProgramLog, SandboxExecutor
from .market_data import MarketData
from .private_names import FILE_NAME, PRIVATE_MARK, is_special, marked, readable
from .program_errors import definition_line, error_text, failing_line
from .recording_provider import RecordingProvider
from .strategy import Strategy
from .unanswered import UnansweredQueries

__all__ = [
    # data provider
    "NOT_ENOUGH",
    "HistoricalDataProvider",
    # executor
    "MAX_LOG_LENGTH",
    "MAX_LOG_LINES",
    "InProcessExecutor",
    "ProgramLog",
    "SandboxExecutor",
    # market data
    "MarketData",
    # private names
    "FILE_NAME",
    "PRIVATE_MARK",
    "is_special",
    "marked",
    "readable",
    # program errors
    "definition_line",
    "error_text",
    "failing_line",
    # recording provider
    "RecordingProvider",
    # strategy
    "Strategy",
    # unanswered
    "UnansweredQueries",
]
