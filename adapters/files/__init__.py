"""Files of market data: parquet and CSV, checked to the last row."""

from .flow_files import read_flow_file
from .funding_files import read_funding_file
from .kline_files import KlineFile, read_kline_file, read_mark_file
from .quote_files import read_quote_files
from .table_file import ImportedFile
from .trade_prints import read_trade_files

__all__ = ["ImportedFile", "KlineFile", "read_flow_file", "read_funding_file", "read_kline_file", "read_mark_file"]
__all__ += ["read_quote_files", "read_trade_files"]
