"""Running programs: what they may ask, and what becomes of what they answer."""

from .account_events import account_event
from .data_provider import NOT_ENOUGH, HistoricalDataProvider, ShortAsked
from .executor import (
    MAX_DECISIONS,
    MAX_LOG_LENGTH,
    MAX_LOG_LINES,
    Answer,
    InProcessExecutor,
    ProgramExecutor,
    ProgramLog,
    Strategy,
    answer_problem,
)
from .market_data import (
    MOST_WAKES,
    RECENT_TRADES,
    Asked,
    ClosedTrade,
    MarketData,
    ViewedRun,
    keep_view,
    told_otherwise,
    view_at,
    what_is_asked,
)
from .parameters import MOST_NAMES, ParameterReads, Parameters
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
from .recorded_series import MOST_SERIES, MOST_SERIES_NAME, RecordedSeries
from .recording_provider import MAX_QUERIES, QueriesAsked, QueryAsked, RecordingProvider, is_askable
from .right_names import (
    INDICATOR_IS_A_DICT,
    LIBRARIES,
    WITHOUT_IMPORTS,
    argument_hint,
    attribute_hint,
    is_importable,
    keyword_hint,
    name_hint,
)
from .simulated_world import SimulatedWorld
from .unanswered import MOST_QUERIES, UnansweredQueries
from .warm_up import ShortIndicator, WarmUpCase, WarmUpOutcome, warm_up_case
from .watched_executor import WatchedExecutor

# programs and what runs them
__all__ = ["MAX_LOG_LENGTH", "MAX_LOG_LINES", "InProcessExecutor", "ProgramLog", "ProgramExecutor", "Strategy"]
__all__ += ["MAX_DECISIONS", "MOST_WAKES", "Answer", "SimulatedWorld", "WatchedExecutor", "answer_problem"]
# their parameters
__all__ += ["MOST_NAMES", "ParameterReads", "Parameters"]
# what they are asked with, and what they ask
__all__ += ["NOT_ENOUGH", "HistoricalDataProvider", "MarketData", "QueriesAsked", "QueryAsked", "RecordingProvider"]
__all__ += ["MAX_QUERIES", "is_askable"]
__all__ += ["MOST_QUERIES", "RECENT_TRADES", "Asked", "ClosedTrade", "ShortAsked", "UnansweredQueries"]
__all__ += ["ViewedRun", "account_event", "keep_view", "told_otherwise", "view_at", "what_is_asked"]
# what they keep
__all__ += ["MOST_SERIES", "MOST_SERIES_NAME", "RecordedSeries"]
# what was decided before there were klines enough
__all__ += ["ShortIndicator", "WarmUpCase", "WarmUpOutcome", "warm_up_case"]
# the right word for a wrong one
__all__ += ["INDICATOR_IS_A_DICT", "WITHOUT_IMPORTS", "argument_hint", "attribute_hint", "keyword_hint", "name_hint"]
__all__ += ["LIBRARIES", "is_importable"]
# their errors and names
__all__ += ["FILE_NAME", "PRIVATE_MARK", "definition_line", "failing_line", "shown_text"]
__all__ += ["is_special", "marked", "readable"]
