"""What the columns of market data are called where people have them: in files and in frames."""

from __future__ import annotations

from collections.abc import Sequence

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
#: The column of a time at which a kline has ended.
CLOSE_TIME_TITLES = ("close_time", "close_timestamp", "end_time")
#: The column of a symbol, where the rows of several stand in one table.
SYMBOL_TITLES = ("symbol", "coin", "ticker", "asset")
#: The column of funding rates. What was paid, relative to the notional, comes before a rate that was only predicted, or
#: is in USD.
REALISED_RATE_TITLES = tuple(
    "relative_funding_rate realized_rate realised_rate realized_funding_rate realised_funding_rate".split()
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
    """Return what of a title counts when titles are compared: not its case, nor spaces, dashes and underscores."""
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
