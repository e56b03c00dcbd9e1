"""What a price chart marks of a run: its fills, what became of orders, klines that touched two exits, triggers."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from ...orders import Columns, OrderColumns
from ...results import epoch_ms

#: Columns of one length, in order of time: times as integers, everything else as it is.
Marks = dict[str, npt.NDArray[Any]]
Trade = Mapping[str, Any]

#: What a fill does that opens or adds to a position; a closing one is marked by its reason. A position that is open at
#: the end is marked there.
ENTRY, ADD, OPEN = "entry", "add", "open"
#: Klines that touched two exits, of which finer rows told the first, or nothing did.
DECIDED, AMBIGUOUS = "decided", "ambiguous"
TRIGGER = "trigger"

#: A scheduled trigger has no symbol: it stands among those of each.
NO_SYMBOL = ""

_HEADS = (
    *"kind time symbol side price size fee pnl trade_fee funding trade trades closings trigger order position".split(),
    *("text", "at_open"),
)
#: Of the trades that an entry came to so many are named.
MOST_NAMED = 12
_KINDS, _NONE = {"time": np.int64, "at_open": np.bool_}, {"at_open": False}
_WORTH = ("pnl", "fee", "funding")
_OF_FILL = "time symbol size price fee order trigger text at_open".split()


def with_entry(trade: dict[str, Any]) -> dict[str, Any]:
    """Return a stored trade with the time of its first fill: an older version stored that of the decision alone."""
    return {"entry_timestamp": trade["timestamp"], **trade}


def marks_of(
    trades: Sequence[dict[str, Any]],
    triggers: Iterable[Sequence[Any]],
    figures: Mapping[str, Any],
    orders: OrderColumns | None,
) -> Marks:
    """Return the marks of a run: of its `orders` or, where none are kept, of what its closed trades tell; of klines
    that touched two exits as the `figures` have them (the side is what came first); and of triggers: rows of time,
    symbol, index and action. Prices and money in USD, sizes in coins; `trade` is the place of a closed trade, of an
    entry that of the first which it came to; where that came to several, `closings`, these are the first `trades`.
    `at_open` tells which kline it belongs to, where one ends at its time and another begins: see `within`.
    """
    rows = [
        *(_of_trades(trades) if orders is None else [*_of_fills(orders["fills"], trades), *_of_orders(orders)]),
        *_of_open_positions(figures, orders),
        *_of_double_touches(figures),
        *_of_triggers(triggers),
    ]
    rows.sort(key=lambda row: row["time"])
    return {
        head: np.fromiter((row.get(head, _NONE.get(head)) for row in rows), _KINDS.get(head, object), len(rows))
        for head in _HEADS
    }


def within(times: npt.NDArray[np.int64], at_open: npt.NDArray[np.bool_]) -> npt.NDArray[np.int64]:
    """Return instants (epoch ms) within the klines that some belong to: what happens when one ends and the next begins
    belongs to the one that ends, as equity of then does, but for what trades at the open of the next (`instants.js`).
    """
    return times - ~at_open


def _of_trades(trades: Sequence[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    seen: set[tuple[Any, ...]] = set()
    for place, trade in enumerate(map(with_entry, trades)):
        of = {"symbol": trade["symbol"], "side": trade["side"], "trade": place}
        entry = trade["entry_timestamp"], trade["symbol"], trade["side"]
        if entry not in seen:  # several closing fills of one position have one entry
            seen.add(entry)
            yield {**of, "kind": ENTRY, "time": entry[0], "price": trade["entry_price"], "text": trade.get("reason")}
        closing = {"kind": trade["exit_reason"], "time": trade["exit_timestamp"], "price": trade["exit_price"]}
        yield {**of, **closing, "size": trade.get("size"), **_of_trade(trade)}


def _of_trade(trade: Trade) -> dict[str, Any]:
    pnl, fee, funding = (trade.get(name) for name in _WORTH)
    return {"pnl": pnl, "trade_fee": fee, "funding": funding, "text": trade.get("exit_decision_reason")}


def _of_fills(fills: Columns, trades: Sequence[Trade]) -> Iterator[dict[str, Any]]:
    begun: set[int] = set()
    for came_to, sign, purpose, position, trade, *of in zip(
        _came_to(fills), *(fills[name] for name in ("sign", "purpose", "position", "trade", *_OF_FILL)), strict=True
    ):
        row = dict(zip(_OF_FILL, of, strict=True))
        row |= {"position": position, "kind": purpose, "side": "long" if sign > 0 else "short"}
        if trade is None:
            is_first = position not in begun
            begun.add(position)
            yield {**row, "kind": ENTRY if is_first else ADD, **came_to}
        else:
            closed = _of_trade(trades[trade]) if trade < len(trades) else {}
            yield {**closed, **row, "side": "short" if sign > 0 else "long", "trade": trade}


def _came_to(fills: Columns) -> list[dict[str, Any]]:
    """Return of each fill the trades that closed some of its position from then on."""
    closing: dict[int, list[int]] = {}
    found: list[dict[str, Any]] = []
    for position, trade in zip(reversed(fills["position"]), reversed(fills["trade"]), strict=True):
        later = closing.setdefault(position, [])
        if trade is not None:
            later.append(trade)
        several = {"trades": later[: -MOST_NAMED - 1 : -1], "closings": len(later)} if len(later) > 1 else {}
        found.append({"trade": later[-1] if later else None, **several})
    return found[::-1]


def _of_orders(orders: OrderColumns) -> Iterator[dict[str, Any]]:
    names = {"time": "time", "what": "kind", "order": "order", "symbol": "symbol", "size": "size", "price": "price"}
    names |= {"text": "text", "trigger": "trigger"}
    of = orders["orders"]
    for sign, *values in zip(of["sign"], *(of[name] for name in names), strict=True):
        side = "buy" if sign > 0 else "sell" if sign < 0 else None
        yield {**dict(zip(names.values(), values, strict=True)), "side": side}


def _of_open_positions(figures: Mapping[str, Any], orders: OrderColumns | None) -> Iterator[dict[str, Any]]:
    last = {} if orders is None else dict(zip(orders["fills"]["symbol"], orders["fills"]["position"], strict=True))
    for held in figures.get("open_positions") or ():
        of = {"symbol": held["symbol"], "side": held["side"], "size": held["size"], "text": ""}
        if orders is None:
            yield {**of, "kind": ENTRY, "time": held["opened_at"], "price": held["entry_price"]}
        yield {
            **of,
            "kind": OPEN,
            "time": figures["end_time"],
            "price": held["mark_price"],
            "pnl": held["unrealized_pnl"],
            "trade_fee": held.get("entry_fees"),
            "funding": held.get("funding"),
            "position": last.get(held["symbol"]),
        }


def _of_double_touches(figures: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    for each in figures.get("double_touches") or ():
        kind = DECIDED if each["told_by"] == "finer rows" else AMBIGUOUS
        of = {"symbol": each["symbol"], "side": each["first"], "text": each["told_by"]}
        yield {"kind": kind, "time": each["timestamp"], **of}


def _of_triggers(triggers: Iterable[Sequence[Any]]) -> Iterator[dict[str, Any]]:
    for at, symbol, index, action in triggers:
        yield {"kind": TRIGGER, "time": epoch_ms(at), "symbol": symbol, "side": action, "trigger": index, "text": ""}
