"""What users hand in, read no further than its limits: files, and the names and sizes of these limits."""

from .input_file import FEATHER_MAGIC, PARQUET_MAGIC, is_json, open_input, read_at_most, read_table_bytes
from .input_limits import MOST_DEPTH, MOST_TEXT_BYTES, ImportLimits
from .line_texts import LINE, LINES, are_lines, is_line
from .unpacking import UnpackedPart, unpacked

# files
__all__ = ["FEATHER_MAGIC", "PARQUET_MAGIC", "is_json", "open_input", "read_at_most", "read_table_bytes"]
__all__ += ["MOST_DEPTH", "MOST_TEXT_BYTES", "ImportLimits", "UnpackedPart", "unpacked"]

# texts
__all__ += ["LINE", "LINES", "are_lines", "is_line"]
