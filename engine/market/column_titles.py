"""What the columns of market data are called where people have them: in files and in frames."""

from __future__ import annotations

from collections.abc import Sequence

#: The column of the times of funding rates.
FUNDING_TIME_TITLES = ("funding_time", "calc_time", "funding_rate_timestamp", "effective_at")
#: The column of any times: numbers come before texts, which are less sure.
TIME_TITLES = (
    *"timestamp_ms open_time_ms open_time open_timestamp time_open start_time start_timestamp start_at".split(),
    *"time_period_start period_start candle_begin_time begin_time kline_time bar_time timestamp time".split(),
    *"unix unix_time unix_timestamp epoch epoch_time epoch_ms epoch_s time_ms mts start begin".split(),
    *"datetime date_time datetime_utc timestamp_utc time_utc date_utc date datetime_str utc gmt_time".split(),
    *"local_time bucket ts ts_ms t".split(),
    *FUNDING_TIME_TITLES,
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
#: The column of a time at which a kline has ended.
CLOSE_TIME_TITLES = tuple("close_time close_timestamp end_time time_close time_period_end period_end".split())
#: The column of a symbol, where the rows of several stand in one table.
SYMBOL_TITLES = tuple("symbol coin ticker asset pair instrument inst_id instrument_name instrument_id contract".split())
#: The column of funding rates. What was paid, relative to the notional, comes before a rate that was only predicted, or
#: is in USD.
REALISED_RATE_TITLES = tuple(
    "relative_funding_rate realized_rate realised_rate realized_funding_rate realised_funding_rate"
    " real_funding_rate real_rate".split()
)
RATE_TITLES = (
    *(*REALISED_RATE_TITLES, "funding_rate", "last_funding_rate", "rate"),
    *("funding_rate_percent", "funding_rate_pct", "rate_percent", "rate_pct"),
)
#: The column of a mark price.
MARK_TITLES = ("mark_price", "mark")
#: Where the title of a rate has one of these, it is in percent.
PERCENT_WORDS = ("%", "percent", "pct")


def letters_of(title: str) -> str:
    """Return what of a title counts when titles are compared: not its case, nor spaces, dashes and underscores, nor a
    translation behind a slash ("size/数量").
    """
    first, _, translated = title.partition("/")
    if first and not translated.isascii():
        title = first
    return "".join(letter for letter in title.lower() if letter.isalnum())


def place_of_title(accepted: Sequence[str], titles: Sequence[str]) -> int | None:
    """Return where the first of the accepted titles stands among those that are there, None where none does: as it is
    written, which tells T from t, else in any writing.
    """
    plain = [letters_of(title) for title in titles]
    found = next((title for title in accepted if letters_of(title) in plain), None)
    if found is None:
        return None
    return titles.index(found) if found in titles else plain.index(letters_of(found))
