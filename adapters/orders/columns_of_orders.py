"""The orders of a finished run as columns of plain values: what a price chart draws of them is made of these."""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from engine import BacktestResult
from engine.account import WHOLE
from engine.contract import ExitReason, decision_operation
from engine.exchange import ClosedNote, ExitNote, OrderNote, OrderNotes
from engine.kernel import Fill
from engine.market import WatchColumns
from engine.triggers import TriggerLog

from .trailing_steps import trailing_levels

#: Lists of one length by name.
Columns = dict[str, list[Any]]
#: "fills", "orders" (what became of those that did not fill at once), "exits" (where they stood), and "levels" (the
#: steps of those exits that trail, by the place of the exit).
OrderColumns = dict[str, Columns]
#: Gives the spans in which the exits of a symbol were watched, those of marks if wanted; None: they are not at hand.
SpansOf = Callable[[str, bool], WatchColumns | None]

_ENTRY = "entry"
_FILLS = "time symbol sign size price fee purpose order trigger moved position trade text at_open".split()
_ORDERS = "time what order symbol sign size price text trigger".split()
_EXITS = "start end entry symbol sign take_profit stop_loss trailing_percent".split()
_LEVELS = "exit time level".split()
_SIGNS = {"buy": 1, "sell": -1}


class StoredNotes(OrderNotes):
    """The notes of a stored result, of which there are the columns alone."""

    __slots__ = ("columns",)

    def __init__(self, columns: OrderColumns | None) -> None:
        super().__init__()
        self.columns = columns


def order_columns(result: BacktestResult, spans_of: SpansOf | None = None) -> OrderColumns | None:
    """Return the orders of a result, None of one that a version stored which kept none. Times in epoch ms, prices in
    USD, sizes in coins; `sign` is +1 for a purchase or a long, `trade` the place of the closed trade that came of an
    exit, `position` numbers the positions of the run; `at_open` tells that a fill has the price at which a kline opens
    at that time. `trigger` is the index of the one at which an order was decided, of an exit that stood that of its
    entry, of a liquidation that of the first entry; `moved` is that at which such an exit was amended last. Both are
    None where no program has asked for it. How trailing stops moved is told by `spans_of`.
    """
    notes, fills = result.order_notes, result.fill_records
    if isinstance(notes, StoredNotes):
        return notes.columns
    if notes is None or (result.fills and not fills):
        return None
    asked = _asked(result.trigger_log) if result.fills or notes.orders else {}
    positions = _positions(fills)
    trigger_of = {order_id: index for order_id, (index, _) in asked.items()}
    rows = _fill_rows(fills, positions, trigger_of, notes)
    exits, levels = _exit_rows(notes.exits, _ends(fills, positions), result.end_time, spans_of or _no_spans)
    return {
        "fills": _columns(_FILLS, rows),
        "orders": _columns(_ORDERS, _order_rows(notes.orders, asked)),
        "exits": _columns(_EXITS, exits),
        "levels": _columns(_LEVELS, levels),
    }


def _columns(names: Sequence[str], rows: Iterable[Sequence[Any]]) -> Columns:
    found = [*zip(*rows, strict=True)] or [()] * len(names)
    return {name: list(column) for name, column in zip(names, found, strict=True)}


def _no_spans(symbol: str, marks: bool) -> None:
    return None


def _asked(log: TriggerLog) -> dict[int, tuple[int, int]]:
    """Return by order the trigger at which it was decided, and its direction (0: neither)."""
    return {
        each.order.order_id: (index, _SIGNS.get(decision_operation(each.decision), 0))
        for index, record in log.records.eventful()
        for each in record.answers
        if each.order is not None
    }


def _positions(fills: Sequence[Fill]) -> list[int]:
    """Return of each fill the number of its position, as the account has kept them."""
    held: dict[str, tuple[int, float]] = {}
    found, count = [], 0
    for fill in fills:
        number, size = held.get(fill.symbol, (count, 0.0))
        if fill.purpose == _ENTRY:
            count += number == count
            held[fill.symbol] = number, size + fill.size
        elif fill.size >= WHOLE * size:
            held.pop(fill.symbol, None)
        else:
            held[fill.symbol] = number, size - fill.size
        found.append(number)
    return found


def _fill_rows(
    fills: Sequence[Fill], positions: Sequence[int], trigger_of: Mapping[int, int], notes: OrderNotes
) -> Iterable[tuple[Any, ...]]:
    at_open = frozenset(notes.at_open)
    exits: dict[int, deque[ClosedNote]] = defaultdict(deque)
    for note in notes.closed:
        exits[note.order_id].append(note)
    opened: dict[int, int] = {}
    closed = 0
    for place, (fill, position) in enumerate(zip(fills, positions, strict=True)):
        asked_by, moved_by = fill.order_id, None
        opened.setdefault(position, asked_by)
        if fill.purpose == ExitReason.LIQUIDATION:
            asked_by = opened[position]
        elif exits.get(fill.order_id):
            _, asked_by, moved_by = exits[fill.order_id].popleft()
        trigger, moved = trigger_of.get(asked_by), None if moved_by is None else trigger_of.get(moved_by)
        is_entry = fill.purpose == _ENTRY
        of = fill.timestamp, fill.symbol, fill.sign, fill.size, fill.price, fill.fee, str(fill.purpose), fill.order_id
        why = "" if fill.origin is None else str(fill.origin.reason)
        yield *of, trigger, moved, position, None if is_entry else closed, why, place in at_open
        closed += not is_entry


def _order_rows(notes: Sequence[OrderNote], asked: Mapping[int, tuple[int, int]]) -> Iterable[tuple[Any, ...]]:
    """Yield what became of orders; what is said of one later has the price and the direction that it had."""
    last: dict[int, OrderNote] = {}
    for note in notes:
        trigger, sign = asked.get(note.order_id, (None, 0))
        before = last.get(note.order_id)
        if note.price is None and before is not None:
            note = note._replace(sign=before.sign, size=before.size, price=before.price)
        last[note.order_id] = note
        of = note.timestamp, note.what, note.order_id, note.symbol, note.sign or sign, note.size, note.price, note.text
        yield *of, trigger


def _ends(fills: Sequence[Fill], positions: Sequence[int]) -> dict[int, int]:
    """Return by entering order when its position was gone, of those that went."""
    left: dict[int, float] = {}
    gone: dict[int, int] = {}
    for fill, position in zip(fills, positions, strict=True):
        size = left.get(position, 0.0)
        if fill.purpose != _ENTRY and fill.size >= WHOLE * size:
            gone[position] = fill.timestamp
        left[position] = size + (fill.size if fill.purpose == _ENTRY else -fill.size)
    entered = {fill.order_id: place for fill, place in zip(fills, positions, strict=True) if fill.purpose == _ENTRY}
    return {order_id: gone[position] for order_id, position in entered.items() if position in gone}


def _exit_rows(
    notes: Sequence[ExitNote], ends: Mapping[int, int], end_ms: int, spans_of: SpansOf
) -> tuple[list[tuple[Any, ...]], list[tuple[int, int, float]]]:
    """Return where exits stood, each until the next note of its entry or the end of its position, and the steps of
    those that trail.
    """
    until: dict[int, int] = {}
    rows: list[tuple[Any, ...]] = []
    levels: list[tuple[int, int, float]] = []
    for note in reversed(notes):
        end = min(until.get(note.entry_id, end_ms), ends.get(note.entry_id, end_ms))
        until[note.entry_id] = note.timestamp
        stands = note.take_profit, note.stop_loss, note.trailing_percent
        if stands == (None,) * 3 or end < note.timestamp:
            continue
        spans = None if note.trailing_percent is None else spans_of(note.symbol, note.watches_marks)
        if spans is not None:
            levels += [(len(rows), at, level) for at, level in trailing_levels(note, end, spans)]
        rows.append((note.timestamp, end, note.entry_id, note.symbol, note.sign, *stands))
    return rows, levels
