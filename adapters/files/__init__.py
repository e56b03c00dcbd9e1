"""Files of market data: parquet and CSV, checked to the last row."""

from .flow_files import read_flow_file
from .funding_files import read_funding_file
from .imported_file import ImportedFile
from .kline_files import KlineFile, read_kline_file
from .mark_files import read_mark_file
from .quote_files import read_quote_files
from .trade_prints import read_trade_files

# flow files
__all__ = ["read_flow_file"]
# funding files
__all__ += ["read_funding_file"]
# imported file
__all__ += ["ImportedFile"]
# kline files
__all__ += ["KlineFile", "read_kline_file"]
# mark files
__all__ += ["read_mark_file"]
# quote files
__all__ += ["read_quote_files"]
# trade prints
__all__ += ["read_trade_files"]
