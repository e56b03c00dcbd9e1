"""Where the fields of a trade stand: under the titles that venues and tools give them, and without a header."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from engine.errors import FileFormatError
from engine.market import SYMBOL_TITLES, TIME_TITLES
from engine.market.series import FloatColumn

from .tables import SERIES, Layout, TableFile
from .taker_sides import are_flags, are_sides
from .volume_units import amount_fields

if TYPE_CHECKING:
    import pandas as pd

_MAKER, _BEST = "buyer_is_maker", "is_best_match"

#: What a column beside the size says of its value, in trades alone.
_COST = {"amount cost": ("cost",)}

_TITLES: dict[str, Sequence[str]] = {
    "time": (
        *"trade_time transact_time created_time created_time创建时间 trade_timestamp exec_time mts".split(),
        *TIME_TITLES,
    ),
    "price": ("price", "price价格", "px", "trade_price", "exec_price", "p"),
    "size": (
        *"qty size size数量 quantity amount sz volume q vol v".split(),
        *"base_amount trade_size exec_qty exec_size".split(),
    ),
    "side": ("side", "side交易方向", "taker_side", "taker_order_side", "aggressor_side", "direction"),
    _MAKER: ("is_buyer_maker", "buyer_is_maker", "buyer_maker", "was_the_buyer_the_maker", "m"),
    "id": ("trade_id", "agg_trade_id", "aggregate_trade_id", "trade_id交易id", "id", "tid", "exec_id", "a"),
    SERIES: SYMBOL_TITLES,
    **_COST,
    **amount_fields(),
}

#: Without a header seven columns may be these: the aggregates of Binance's perpetuals, its spot trades, freqtrade's.
_OF_SEVEN = (
    ("id", "price", "size", "first_id", "last_id", "time", _MAKER),
    ("id", "price", "size", "amount quote_qty", "time", _MAKER, _BEST),
    ("time", "id", "type", "side", "price", "size", "amount cost"),
)


def _of_seven(name: str, columns: Sequence[pd.Series[Any]]) -> Sequence[str]:
    """Return which of the known orders of seven columns a file has: its sides tell."""
    tests: dict[str, Callable[[pd.Series[Any]], bool]] = {"side": are_sides, _MAKER: are_flags, _BEST: are_flags}
    tests["time"] = lambda column: not are_flags(column)
    for order in _OF_SEVEN:
        if all(tests[field](columns[place]) for place, field in enumerate(order) if field in tests):
            return order
    problem = (
        "there is no header line, and no column holds sides as in the files of seven that are known: say where each "
        "stands, as --column time=1 --column price=2 --column size=3 --column side=4"
    )
    raise FileFormatError(name, None, None, problem)


#: The columns of a file of trades. Without a header: Kraken's three, Bitfinex' four, of Binance the trades of
#: perpetuals (six) and the aggregates of spot markets (eight), and what seven may be.
TRADE_LAYOUT = Layout(
    titles=_TITLES,
    headerless={
        3: ("time", "price", "size"),
        4: ("id", "time", "size", "price"),
        6: ("id", "price", "size", "amount quote_qty", "time", _MAKER),
        7: (),
        8: ("id", "price", "size", "first_id", "last_id", "time", _MAKER, _BEST),
    },
    orders={7: _of_seven},
    optional=frozenset(_TITLES) - {"time", "price", "size"},
)


def sign_is_side(table: TableFile, size: FloatColumn) -> bool:
    """Whether the signs of the sizes tell the sides: where there are both and no sides, and in files of Bitfinex, known
    by their title of the time or, without titles, by their numbers of trades.
    """
    if "side" in table or _MAKER in table:
        return False
    is_bitfinex = table.titles["time"].lower() == "mts" if table.all_titles else "id" in table
    return is_bitfinex or bool((size < 0).any())
