"""What the columns of market data are called where people have them: in files and in frames."""

from __future__ import annotations

#: The column of the times.
TIME_TITLES = (
    *"timestamp_ms open_time_ms open_time open_timestamp timestamp time".split(),
    *"datetime date_time date datetime_str unix ts t".split(),
)
PRICE_NAMES = ("open", "high", "low", "close")
#: The columns of a kline's prices and its volume in coins, by field: the first that is there counts.
KLINE_TITLES = {
    **{name: (name, f"{name}_price", f"price_{name}", f"{name}_px", name[0]) for name in PRICE_NAMES},
    "volume": ("volume", "vol", "base_volume", "volume_base", "v", "qty"),
}


def letters_of(title: str) -> str:
    """Return what of a title counts when titles are compared: not its case, nor spaces, dashes and underscores."""
    return "".join(letter for letter in title.lower() if letter.isalnum())
