"""Files of market data, as people have them, checked to the last row."""

from .contract_sizes import ContractSize, refuse_contracts
from .feature_files import FeatureFile, read_feature_file
from .flow_files import read_flow_file
from .funding_files import read_funding_file
from .kline_files import KlineFile, read_kline_file, read_mark_file
from .metric_files import read_metric_file
from .quote_files import QuoteFile, join_quotes, read_quote_file, read_quote_files
from .tables import DECIMALS, KEEPS, ImportedFile, ReadOptions
from .taker_sides import SIDES_ARE
from .trade_prints import TradeFile, join_trades, read_trade_file, read_trade_files

# what a file was
__all__ = ["FeatureFile", "ImportedFile", "KlineFile", "QuoteFile", "TradeFile"]
# each file for itself
__all__ += ["read_feature_file", "read_flow_file", "read_funding_file", "read_kline_file", "read_mark_file"]
__all__ += ["read_metric_file", "read_quote_file", "read_trade_file"]
# files that are one stream
__all__ += ["join_quotes", "join_trades", "read_quote_files", "read_trade_files"]
# what is said of them
__all__ += ["DECIMALS", "KEEPS", "SIDES_ARE", "ContractSize", "ReadOptions", "refuse_contracts"]
