"""Where the fields of a trade stand: under the titles that venues and tools give them, and without a header."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from engine.errors import FileFormatError
from engine.market import TIME_TITLES

from .table_file import OTHER, Layout, TableFile, listed
from .taker_sides import are_flags, are_sides
from .volume_units import amount_fields

_REQUIRED = ("time", "price", "size")
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
    "instrument": ("instrument_name", "inst_id", "instrument_id", "instrument"),
    **_COST,
    **amount_fields(),
}

#: Of files without a header: by the number of columns, what these may be. Which it is the sides tell.
_SHAPES: dict[int, tuple[tuple[str, ...], ...]] = {
    3: (("time", "price", "size"),),  # Kraken
    4: (("id", "time", "signed size", "price"),),  # Bitfinex
    6: (("id", "price", "size", "amount quote_qty", "time", _MAKER),),  # Binance: trades of perpetuals
    7: (
        ("id", "price", "size", "first_id", "last_id", "time", _MAKER),  # their aggregates
        ("id", "price", "size", "amount quote_qty", "time", _MAKER, _BEST),  # spot trades
        ("time", "id", "type", "side", "price", "size", "amount cost"),  # freqtrade
    ),
    8: (("id", "price", "size", "first_id", "last_id", "time", _MAKER, _BEST),),  # spot aggregates
}

#: The columns of a file of trades; without a header every column stands under its place until `named` is told.
TRADE_LAYOUT = Layout(
    titles=_TITLES,
    headerless={count: tuple(f"{OTHER}{place + 1}" for place in range(count)) for count in _SHAPES},
    optional=frozenset(_TITLES),
)


def named(table: TableFile) -> TableFile:
    """Return a table whose columns are known by what they hold. Raises `FileFormatError` where time, price or size is
    not there, or no shape that is known without a header fits.
    """
    if any(field.startswith(OTHER) for field in table.values):
        return _by_shape(table)
    for field in _REQUIRED:
        if field not in table:
            problem = f"there is no such column; the file has {listed(table.all_titles)}"
            hint = f"; --column {field}=TITLE chooses one"
            raise FileFormatError(table.path, None, field, problem + hint)
    # BitMEX and Bybit fill what they call size; where Bitfinex has its time, the sign is the side
    is_signed = "side" not in table and _MAKER not in table and table.titles["time"].lower() == "mts"
    return _renamed(table, {"size": "signed size"}) if is_signed else table


def _by_shape(table: TableFile) -> TableFile:
    columns = [*table.values.values()]
    for shape in _SHAPES[len(columns)]:
        tests = {"side": are_sides, _MAKER: are_flags, _BEST: are_flags}
        if all(tests[field](columns[place]) for place, field in enumerate(shape) if field in tests):
            return _renamed(table, {f"{OTHER}{place + 1}": field for place, field in enumerate(shape)})
    problem = (
        f"there is no header line, and no column tells who the taker was as in the files of {len(columns)} columns "
        "that are known: put a line of titles on top (time, price, size, side)"
    )
    raise FileFormatError(table.path, None, None, problem)


def _renamed(table: TableFile, names: Mapping[str, str]) -> TableFile:
    values = {names.get(field, field): column for field, column in table.values.items()}
    titles = {names.get(f, f): names.get(f, f) if f.startswith(OTHER) else title for f, title in table.titles.items()}
    return replace(table, values=values, titles=titles)
