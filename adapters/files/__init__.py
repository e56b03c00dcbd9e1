"""Files of market data: parquet and CSV, checked to the last row."""

from .feature_files import FeatureFile, read_feature_file
from .flow_files import read_flow_file
from .funding_files import read_funding_file
from .kline_files import KlineFile, read_kline_file, read_mark_file
from .quote_files import read_quote_files
from .table_file import ImportedFile
from .trade_prints import read_trade_files

__all__ = ["FeatureFile", "ImportedFile", "KlineFile", "read_feature_file", "read_flow_file", "read_funding_file"]
__all__ += ["read_kline_file", "read_mark_file", "read_quote_files", "read_trade_files"]
