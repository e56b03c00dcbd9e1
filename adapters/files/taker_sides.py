"""Who the taker of a trade was: a side, a flag of the maker, or the sign of the size says it, or the price tells."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
import pandas as pd

from engine.errors import FileFormatError
from engine.market.series import FloatColumn
from engine.plain_values import shown

from .tables import TableFile

_SIDES = {
    **dict.fromkeys(("buy", "b", "bid", "bought", "1", "+1"), True),
    **dict.fromkeys(("sell", "s", "a", "ask", "sold", "-1"), False),
}
_FLAGS = {"true": False, "1": False, "t": False, "false": True, "0": True, "f": True}
_FIELDS: dict[str, Mapping[str, bool]] = {"side": _SIDES, "buyer_is_maker": _FLAGS}
#: What files say where nobody knows.
_UNKNOWN = frozenset({"unknown", "undefined", "none", "null", "nan", "n/a", "-", ""})
#: So many trades of a file may have no side, and are left out.
_MOST_WITHOUT = 0.05
_LOOKED_AT = 1_000

#: What the sides of a file may be said to be: the taker's, the maker's, or told by the price.
SIDES_ARE = ("taker", "maker", "tick")

_SHOWN = "buy, sell, b, s, bid, ask, a, 1, -1"
_COINBASE = {"tradeid", "side", "size", "price", "time"}


class TakerSides(NamedTuple):
    """Whether the taker bought, of which trades that is known, and remarks for the user."""

    bought: npt.NDArray[np.bool_]
    known: npt.NDArray[np.bool_]
    remarks: tuple[str, ...]


def are_sides(column: pd.Series[Any]) -> bool:
    """Whether a column begins with sides, unknown ones among them, and nothing else."""
    texts = _texts(column.iloc[:_LOOKED_AT].unique())
    return all(text in _SIDES or text in _UNKNOWN for text in texts) and not {*texts} <= _UNKNOWN


def are_flags(column: pd.Series[Any]) -> bool:
    """Whether a column begins with true, false, 1 and 0, and nothing else."""
    return all(text in _FLAGS for text in _texts(column.iloc[:_LOOKED_AT].unique()))


def read_sides(
    table: TableFile, price: FloatColumn, size: FloatColumn, sides_are: str | None, by_sign: bool
) -> TakerSides:
    """Return who the takers were; with `by_sign` the signs of the sizes say it: positive, the taker bought.

    `sides_are` "tick" tells what is not said by the price: above the one before the taker bought, below sold, and as
    before where it did not move. With "maker" the sides are those of the other one. Raises `FileFormatError` where
    nothing tells, and for a word that is no side.
    """
    field = next((name for name in _FIELDS if name in table), None)
    if field is not None:
        return _said(table, field, price, sides_are)
    if by_sign:
        bought = (size > 0) != (sides_are == "maker")
        return TakerSides(bought, np.ones(len(size), bool), ("the sign of the size is the side: positive, bought",))
    if sides_are == "tick":
        remark = "the file has no sides: they are told by the price, above the one before is bought"
        return TakerSides(_by_price(price), np.ones(len(price), bool), (remark,))
    problem = (
        "there is neither a side (buy, sell) nor a column is_buyer_maker: who the taker is cannot be told; "
        "--column side=TITLE chooses one, --sides tick tells it by the price"
    )
    raise FileFormatError(table.path, None, None, problem)


def _said(table: TableFile, field: str, price: FloatColumn, sides_are: str | None) -> TakerSides:
    codes, values = pd.factorize(table.values[field])
    texts = [*_texts(values), ""]  # the last is for the code -1: missing
    meanings = np.array([_FIELDS[field].get(text, False) for text in texts])
    is_word = np.array([text in _FIELDS[field] or text in _UNKNOWN for text in texts])
    words = _SHOWN if field == "side" else "true, false, 1, 0"
    table.require(is_word[codes], field, lambda row: f"{shown(str(table.values[field].iloc[row]))} is none of {words}")
    known = np.array([text in _FIELDS[field] for text in texts])[codes]
    bought = meanings[codes] != (sides_are == "maker")
    remarks = _remarks(table, field, sides_are)
    if known.all():
        return TakerSides(bought, known, remarks)
    if sides_are == "tick":
        told = f"{np.count_nonzero(~known):,} trades have no side: it is told by the price"
        return TakerSides(np.where(known, bought, _by_price(price)), np.ones(len(known), bool), (*remarks, told))
    few = np.count_nonzero(~known) <= _MOST_WITHOUT * len(known)
    table.require(
        known | few,
        field,
        lambda row: f"{shown(table.values[field].iloc[row])} is no side; --sides tick tells such sides by the price",
    )
    without = np.count_nonzero(~known)
    trades = "1 trade has no side and is" if without == 1 else f"{without:,} trades have no side and are"
    return TakerSides(bought, known, (*remarks, f"{trades} left out; --sides tick tells it by the price"))


def _remarks(table: TableFile, field: str, sides_are: str | None) -> tuple[str, ...]:
    titles = {"".join(filter(str.isalnum, title.lower())) for title in table.all_titles}
    if field == "side" and sides_are is None and titles == _COINBASE:
        return ("Coinbase publishes the side of the maker; if these are its trades, import them with --sides maker",)
    return ("the sides are those of the makers; those of the takers are stored",) * (sides_are == "maker")


def _by_price(price: FloatColumn) -> npt.NDArray[np.bool_]:
    """Return whether the last move of the price up to each trade went up; before the first, as that did."""
    moves = np.sign(np.diff(price, prepend=price[:1]))
    places = np.flatnonzero(moves)
    if not len(places):
        return np.ones(len(price), bool)
    last = np.maximum(np.searchsorted(places, np.arange(len(price)), side="right") - 1, 0)
    return np.asarray(moves[places[last]] > 0)


def _texts(values: Any) -> list[str]:
    """Return values as they are compared: a whole number may have come with a point."""
    return [str(value).strip().lower().removesuffix(".0") for value in values]
