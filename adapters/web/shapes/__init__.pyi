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

# imports and downloads
from .job_shapes import DataForms as DataForms
from .job_shapes import Jobs as Jobs
from .job_shapes import LookedFile as LookedFile
from .job_shapes import StartedJob as StartedJob
from .job_shapes import Uploaded as Uploaded
from .job_shapes import UploadedFiles as UploadedFiles

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
from .program_shapes import Validation as Validation

# rows of a result
from .row_shapes import Page as Page
from .row_shapes import Trigger as Trigger

# the server
from .session_shapes import Health as Health
from .session_shapes import Session as Session
