"""The series of stored results, packed."""

from .kept_series import (
    BALANCE,
    EQUITY,
    FUNDING,
    MINUTES,
    NOTIONAL,
    RECORDED,
    PackedPart,
    Series,
    packed_series,
    stored_minutes,
    stored_series_of,
    write_series_rows,
)

# one of them, and which there are
__all__ = ["BALANCE", "EQUITY", "FUNDING", "MINUTES", "NOTIONAL", "RECORDED", "Series", "stored_series_of"]
__all__ += ["stored_minutes"]
# storing them
__all__ += ["PackedPart", "packed_series", "write_series_rows"]
