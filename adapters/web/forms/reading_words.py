"""What the form of imports calls each thing that may be said of how a file is read, and what that means."""

from __future__ import annotations

from collections.abc import Mapping

READING_WORDS: Mapping[str, tuple[str, str]] = {
    "symbol": ("Symbol", "as programs will name it, such as BTC; by default the name of the file tells it"),
    "kind": ("What it holds", "by default what the name of the file tells, else klines"),
    "period": ("Period", "of klines; by default found from the data"),
    "name": ("Feature", "of a feature: what programs ask for"),
    "stamped": ("Times are those of", "the start or the end of a kline, or of its 15 seconds"),
    "contract_size": ("Contract size", "of trades and metrics in contracts: 0.01 (coins) or 100USD"),
    "rates_are": ("Rates are", "of funding, where they may be either"),
    "sides": ("Sides are", "of trades: the taker's, the maker's, or told by the price"),
    "skip_bad_rows": ("Leave out bad rows", "so many at most; each is listed"),
    "keep": ("Of one time keep", "the first or the last row, where they differ"),
    "time_zone": ("Time zone", "of times without one: Europe/Berlin, +08:00, UTC"),
    "time_format": ("Time format", "such as %d/%m/%Y %H:%M, where it cannot be told"),
    "decimal": ("Decimals behind a", "where that cannot be told"),
    "skip_off_grid": ("Leave out klines off the grid", "those that do not open at a multiple of their period"),
    "snap": ("Move klines to the grid", "stretches that are all off by one time, below a minute"),
    "overwrite": ("Overwrite", "of trades: a stored row that the file may know in part only"),
    "columns": ("Columns", "FIELD=TITLE, several with commas, such as volume=6, rate=realizedRate"),
}
