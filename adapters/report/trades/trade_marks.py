"""Entries and exits of closed trades as the marks of a price chart."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from ...results import epoch_ms

#: Columns of one length: times as integers, everything else as it is.
Marks = dict[str, npt.NDArray[Any]]

#: Klines that touched two exits, of which finer rows told the first, or nothing did.
DECIDED, AMBIGUOUS = "decided", "ambiguous"

#: A scheduled trigger has no symbol: it stands among those of each.
NO_SYMBOL = ""


def with_entry(trade: dict[str, Any]) -> dict[str, Any]:
    """Return a stored trade with the time of its first fill: an older version stored that of the decision alone."""
    return {"entry_timestamp": trade["timestamp"], **trade}


def marks_of(trades: Sequence[dict[str, Any]], triggers: Sequence[Any], figures: Mapping[str, Any]) -> Marks:
    """Return the marks of closed trades, entries and exits, of the klines that touched two exits as the `figures` have
    them (the side is what came first), and of triggers: rows of time, symbol, index and action.
    """
    rows: list[tuple[Any, ...]] = []
    seen: set[tuple[Any, ...]] = set()
    for index, trade in enumerate(map(with_entry, trades)):
        held = trade["symbol"], trade["side"]
        entry = trade["entry_timestamp"], *held
        if entry not in seen:  # several closing fills of one position have one entry
            seen.add(entry)
            rows.append(("entry", *entry, trade["entry_price"], None, index))
        rows.append((trade["exit_reason"], trade["exit_timestamp"], *held, trade["exit_price"], trade["pnl"], index))
    for place, each in enumerate(figures.get("double_touches") or ()):
        kind = DECIDED if each["told_by"] == "finer rows" else AMBIGUOUS
        rows.append((kind, each["timestamp"] - 1, each["symbol"], each["first"], None, None, place))
    for at, symbol, index, action in triggers:
        rows.append(("trigger", epoch_ms(at), symbol, action, None, None, index))
    heads = ("kind", "time", "symbol", "side", "price", "pnl", "index")
    columns = zip(*rows, strict=True) if rows else ((),) * len(heads)
    kinds = {"time": np.int64}
    return {head: np.array(column, kinds.get(head, object)) for head, column in zip(heads, columns, strict=True)}
