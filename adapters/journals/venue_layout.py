"""How venues and their libraries write fills and funding payments into files, and which of them a file is of."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from pathlib import Path

from engine import DataError
from engine.market import SYMBOL_TITLES, TIME_TITLES

from ..files import refuse_contracts
from ..files.tables import SERIES, Layout, ReadOptions, TableFile, read_table
from .export_forms import refuse_empty_export, with_times_told, without_units

_HOURS = tuple(str(hour) for hour in range(15))
#: Binance writes the time zone of its exports into the title of their times: "Date(UTC)", "Date(UTC+8)".
_ZONED = tuple(f"{name}(UTC{sign}{hour})" for name in ("Date", "Time") for sign in "+-" for hour in _HOURS)
_TIMES = ("Date(UTC)", "Time(UTC)", *_ZONED, *TIME_TITLES, "datetime", "date")
_SYMBOLS = ("coin", *SYMBOL_TITLES, "pair", "market", "Contracts")

_WANTED = (
    "; fills have a time, a symbol (coin), a side (or dir), a price (px) and a quantity (sz), as the Trade History of "
    "Binance and of Hyperliquid has: not the history of positions, of transactions or of a wallet"
)

#: Fills of a venue: the user trades of Binance futures (web export, API), those of ccxt, Hyperliquid (export, API).
FILL_LAYOUT = Layout(
    titles={
        "time": ("Update Time", *_TIMES),
        "symbol": _SYMBOLS,
        "price": ("Average Price", "Avg Price", "price", "px", "Trade Price"),
        "size": ("Executed Amount", "Executed Qty", "qty", "quantity", "sz", "executed", "size", "amount"),
        "side": ("side",),
        "dir": ("dir", "direction"),
        "fee": ("fee.cost", "fee_cost", "commission", "fee", "Trading Fee"),
        "fee_asset": ("fee.currency", "fee_currency", "commissionAsset", "Fee Coin", "Fee Asset", "feeToken"),
        "realized": ("realizedPnl", "Realized Profit", "closedPnl"),
        "position_side": ("positionSide",),
        "maker": ("maker", "isMaker"),
        "role": ("takerOrMaker", "role"),
        "crossed": ("crossed",),
        "start_position": ("startPosition",),
        "order": ("orderId", "order", "oid", "Order No"),
        "id": ("tid", "Trade ID", "id"),
    },
    headerless={},
    hints=dict.fromkeys(("time", "symbol", "price", "size"), _WANTED),
    optional=frozenset(
        "side dir fee fee_asset realized position_side maker role crossed start_position order id".split()
    ),
)
#: Funding payments: the income of Binance (API, web), of Hyperliquid the export, and what its API has in "delta".
FUNDING_LAYOUT = Layout(
    titles={
        "time": _TIMES,
        "symbol": (*_SYMBOLS, "delta.coin"),
        "amount": ("payment", "income", "usdc", "delta.usdc", "amount"),
        "type": ("incomeType", "type"),
        "asset": ("asset",),
        "delta": ("delta",),
        "id": ("tranId", "Transaction ID", "hash"),
    },
    headerless={},
    optional=frozenset(("symbol", "amount", "type", "asset", "delta", "id")),
)


@dataclass(frozen=True)
class VenueReading:
    """What a user says of files of fills that they do not tell: `time_zone` and `time_format` of their times, in USD
    what one of other `fee_assets` is worth, the titles of `columns` by field, files of `funding`; `once` takes rows
    that are alike in everything, and have no number, once.
    """

    time_zone: str | None = None
    time_format: str | None = None
    fee_assets: dict[str, float] = field(default_factory=dict)
    columns: dict[str, str] = field(default_factory=dict)
    funding: tuple[Path, ...] = ()
    once: bool = False

    def __post_init__(self) -> None:
        for asset, price in self.fee_assets.items():
            if not 0 < price < float("inf"):
                raise DataError(f"--fee-asset {asset}={price}: what one is worth is a positive number of USD")

    def table(self, path: Path, layout: Layout) -> TableFile:
        """Read a file; its times have the time zone that their title, or the name of the file, tells."""
        columns = {name: title for name, title in self.columns.items() if name in layout.titles}
        options = ReadOptions(time_zone=self.time_zone, time_format=self.time_format)
        refuse_empty_export(path)
        table = read_table(path, layout.with_columns(columns), None, options)
        return without_units(with_times_told(table, path))


def require_coins(table: TableFile) -> None:
    """Raise `FileFormatError` where sizes are in contracts, as those of coin-margined futures are."""
    named = replace(table, values={**table.values, SERIES: table.values["symbol"]})
    refuse_contracts(named, "size", may_be_told=False)


def kind_of_file(table: TableFile) -> str:
    """Return in words whose fills a file has."""
    if "crossed" in table or "start_position" in table:
        return "fills of Hyperliquid's API"
    if "dir" in table:
        return "trades of a Hyperliquid export"
    if "role" in table:
        return "trades of ccxt"
    if "(" in table.titles["time"] or table.titles.get("realized") == "Realized Profit":
        return "trades of a Binance export"
    return "user trades of Binance's API" if table.titles.get("fee") == "commission" else "fills"
