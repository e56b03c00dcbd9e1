"""Files of market data: parquet and CSV, checked to the last row."""

from .flow_files import read_flow_file
from .funding_files import read_funding_file
from .imported_file import ImportedFile
from .kline_files import KlineFile, read_kline_file
from .mark_files import read_mark_file
from .quote_files import read_quote_files
from .trade_prints import read_trade_files

__all__ = [
    # flow files
    "read_flow_file",
    # funding files
    "read_funding_file",
    # imported file
    "ImportedFile",
    # kline files
    "KlineFile",
    "read_kline_file",
    # mark files
    "read_mark_file",
    # quote files
    "read_quote_files",
    # trade prints
    "read_trade_files",
]
