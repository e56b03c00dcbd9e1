"""What the columns of market data are called where people have them: in files and in frames."""

from __future__ import annotations

#: The column of the times: numbers come before texts, which are less sure.
TIME_TITLES = (
    *"timestamp_ms open_time_ms open_time open_timestamp time_open start_time start_timestamp start_at".split(),
    *"time_period_start period_start candle_begin_time begin_time kline_time bar_time timestamp time".split(),
    *"unix unix_time unix_timestamp epoch epoch_time epoch_ms epoch_s time_ms mts start begin".split(),
    *"datetime date_time datetime_utc timestamp_utc time_utc date_utc date datetime_str utc gmt_time".split(),
    *"local_time bucket ts ts_ms t".split(),
)
#: The index of a frame of pandas that has no name; it holds the times where no other column does.
INDEX_TITLES = ("index", "__index_level_0__", "unnamed: 0", "")
PRICE_NAMES = ("open", "high", "low", "close")
#: The columns of a kline's prices and its volume in coins, by field: the first that is there counts.
KLINE_TITLES = {
    **{
        name: (name, f"{name}_price", f"price_{name}", f"{name}_px", f"px_{name}", f"trade_{name}", name[0])
        for name in PRICE_NAMES
    },
    "volume": (
        *"volume vol base_volume volume_base base_asset_volume volume_traded volume_from volumefrom v".split(),
        *"qty amount_base size".split(),
    ),
}


def letters_of(title: str) -> str:
    """Return what of a title counts when titles are compared: not its case, nor spaces, dashes and underscores."""
    return "".join(letter for letter in title.lower() if letter.isalnum())
