"""What users hand in, read no further than its limits: files, and the names and sizes of these limits."""

from .input_file import GZIP_MAGIC, PARQUET_MAGIC, ZIP_MAGIC, open_input, read_at_most, read_table_bytes
from .input_limits import MOST_DEPTH, MOST_TEXT_BYTES, ImportLimits

__all__ = ["GZIP_MAGIC", "PARQUET_MAGIC", "ZIP_MAGIC"]
__all__ += ["MOST_DEPTH", "MOST_TEXT_BYTES", "ImportLimits", "open_input", "read_at_most"]
__all__ += ["read_table_bytes"]
