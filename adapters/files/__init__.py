"""Files of market data, as people have them, checked to the last row."""

from .feature_files import FeatureFile, read_feature_file
from .flow_files import read_flow_file
from .funding_files import read_funding_file
from .kline_files import KlineFile, read_kline_file, read_mark_file
from .quote_files import read_quote_files
from .tables import DECIMALS, KEEPS, ImportedFile, ReadOptions
from .trade_prints import read_trade_files

# what a user says of a file
__all__ = ["DECIMALS", "KEEPS", "ReadOptions"]
# what became of it
__all__ += ["FeatureFile", "ImportedFile", "KlineFile"]
# one for each kind
__all__ += ["read_feature_file", "read_flow_file", "read_funding_file", "read_kline_file", "read_mark_file"]
__all__ += ["read_quote_files", "read_trade_files"]
