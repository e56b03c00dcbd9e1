"""What others import from the room of shapes; `__init__.py` imports it when it is first used."""

# a back-test as a whole
from .backtest_shapes import Cancelled as Cancelled
from .backtest_shapes import History as History
from .backtest_shapes import HistoryItem as HistoryItem
from .backtest_shapes import Started as Started
from .backtest_shapes import Step as Step
from .backtest_shapes import Summary as Summary

# charts
from .chart_shapes import Klines as Klines

# their curves
from .curve_shapes import AskedIndicators as AskedIndicators
from .curve_shapes import Equity as Equity
from .curve_shapes import Exposure as Exposure
from .curve_shapes import Funding as Funding
from .curve_shapes import Hold as Hold
from .curve_shapes import IndicatorLines as IndicatorLines
from .curve_shapes import RecordedSeries as RecordedSeries
from .curve_shapes import Signals as Signals

# the list of results
from .desk_shapes import Choices as Choices
from .desk_shapes import Compared as Compared
from .desk_shapes import ComparedEquity as ComparedEquity
from .desk_shapes import Deleted as Deleted
from .desk_shapes import Noted as Noted

# what led to a trade
from .explained_shapes import ExplainedPart as ExplainedPart
from .explained_shapes import ExplainedStep as ExplainedStep
from .explained_shapes import ExplainedTrade as ExplainedTrade

# imports and downloads
from .job_shapes import DataForms as DataForms
from .job_shapes import Jobs as Jobs
from .job_shapes import LookedFile as LookedFile
from .job_shapes import StartedJob as StartedJob
from .job_shapes import Uploaded as Uploaded
from .job_shapes import UploadedFiles as UploadedFiles

# kept programs
from .kept_program_shapes import Kept as Kept
from .kept_program_shapes import KeptPrograms as KeptPrograms
from .kept_program_shapes import KeptSource as KeptSource
from .kept_program_shapes import KeptVersions as KeptVersions

# marks and lines on the price
from .mark_shapes import Brackets as Brackets
from .mark_shapes import LineColumns as LineColumns
from .mark_shapes import MarkBars as MarkBars
from .mark_shapes import MarkColumns as MarkColumns
from .mark_shapes import Markers as Markers

# the market
from .market_shapes import Holes as Holes
from .market_shapes import StoredData as StoredData
from .market_shapes import Symbols as Symbols

# signal pools
from .pool_shapes import ConditionForms as ConditionForms
from .pool_shapes import Pool as Pool
from .pool_shapes import Pools as Pools
from .pool_shapes import Preview as Preview
from .pool_shapes import SavedPool as SavedPool
from .pool_shapes import Spread as Spread

# what is checked
from .program_shapes import ConfigurationCheck as ConfigurationCheck
from .program_shapes import ProgramWords as ProgramWords
from .program_shapes import ReadConfiguration as ReadConfiguration
from .program_shapes import Validation as Validation

# rows of a result
from .row_shapes import OneTrade as OneTrade
from .row_shapes import TradePage as TradePage
from .row_shapes import Trigger as Trigger
from .row_shapes import TriggerPage as TriggerPage

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

# the summary of a result
from .summary_shapes import SummaryTables as SummaryTables
