"""What others import from the room of shapes; `__init__.py` imports it when it is first used."""

# a back-test as a whole
from .backtest_shapes import Cancelled as Cancelled
from .backtest_shapes import Compared as Compared
from .backtest_shapes import History as History
from .backtest_shapes import HistoryItem as HistoryItem
from .backtest_shapes import Started as Started
from .backtest_shapes import Step as Step
from .backtest_shapes import Summary as Summary

# charts
from .chart_shapes import Brackets as Brackets
from .chart_shapes import Equity as Equity
from .chart_shapes import Klines as Klines
from .chart_shapes import MarkColumns as MarkColumns
from .chart_shapes import Markers as Markers
from .chart_shapes import RecordedSeries as RecordedSeries

# what led to a trade
from .explained_shapes import ExplainedPart as ExplainedPart
from .explained_shapes import ExplainedStep as ExplainedStep
from .explained_shapes import ExplainedTrade as ExplainedTrade

# the market
from .market_shapes import Symbols as Symbols

# signal pools
from .pool_shapes import Pool as Pool
from .pool_shapes import Pools as Pools
from .pool_shapes import Preview as Preview

# what is checked
from .program_shapes import ConfigurationCheck as ConfigurationCheck
from .program_shapes import Validation as Validation

# rows of a result
from .row_shapes import Page as Page
from .row_shapes import Trigger as Trigger

# the server
from .session_shapes import Health as Health
from .session_shapes import Session as Session

# studies
from .study_shapes import Grid as Grid
from .study_shapes import GridAxis as GridAxis
from .study_shapes import JudgedFigure as JudgedFigure
from .study_shapes import Judgement as Judgement
from .study_shapes import StudyCancelled as StudyCancelled
from .study_shapes import StudyCheck as StudyCheck
from .study_shapes import StudyForm as StudyForm
from .study_shapes import StudyItem as StudyItem
from .study_shapes import StudyList as StudyList
from .study_shapes import StudyMetric as StudyMetric
from .study_shapes import StudyStarted as StudyStarted
from .study_shapes import StudySummary as StudySummary
from .study_shapes import TrialItem as TrialItem
from .study_shapes import TrialOf as TrialOf
from .study_shapes import TrialResult as TrialResult
from .study_shapes import Trials as Trials
from .study_shapes import VariedParameter as VariedParameter
from .study_shapes import Walked as Walked
