"""From a database to the market history of a run, through the column cache."""

from .column_cache import ColumnCache
from .feature_loader import load_features
from .flow_loader import load_flow, load_mark_klines
from .journal_market import market_of_journal
from .kline_loader import load_klines
from .market_loader import load_market, load_regime_config

__all__ = ["ColumnCache", "load_features", "load_flow", "load_klines", "load_mark_klines", "load_market"]
__all__ += ["load_regime_config", "market_of_journal"]
