"""An instant explained: what happened then, what had happened before, what was open, what came next."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from engine import DataError, MarketHistory
from engine.plain_values import counted

from .explanation import Explanation, Section, Step, moment
from .fill_stories import FillStories
from .line_words import decision_steps, order_step, other_steps
from .noted_lines import NotedLines
from .plain_words import amount, value

Record = Mapping[str, Any]
#: The last states of an order: it is open in all others.
_FINAL = ("filled", "cancelled", "rejected", "carried out")
#: More orders that are open are counted.
_MOST_OPEN = 20


def explained_moment(
    notes: NotedLines, records: Iterable[Record], at: int, market: MarketHistory | None = None
) -> Explanation:
    """Return what is known of an instant (epoch ms); `records` are all lines of the journal once more. Raises
    `DataError` for an instant outside of the run.
    """
    start, end = notes.replayed.start["at"], notes.replayed.end["at"]
    if not start <= at <= end:
        raise DataError(f"{moment(at)} UTC is not in the run, which goes from {moment(start)} to {moment(end)} UTC")
    before, then, after = _around(records, at)
    stories = FillStories(notes, market)
    told = [step for line in then for step in _steps(stories, line)]
    nothing = Step("nothing", "Nothing happened: the program was not woken, no order moved, nothing was paid.", at)
    sections = [
        Section("The last thing before", tuple(_steps(stories, before)) if before else (Step("start", "The start."),)),
        Section("At the instant", tuple(told) or (nothing,)),
        Section("What was open after it", tuple(_open(notes, at))),
        Section("What came next", tuple(_steps(stories, after)) if after else (Step("end", "The end of the run."),)),
    ]
    summary = counted(len(then), "message") if then else "nothing happened"
    return Explanation(f"{moment(at)} UTC", summary, tuple(sections), notes.head)


def _around(records: Iterable[Record], at: int) -> tuple[Record | None, list[Record], Record | None]:
    """Return the last line before an instant, the lines of it, and the first one after it."""
    before: Record | None = None
    then: list[Record] = []
    for record in records:
        if record["message"] in ("start", "end"):
            continue
        if record["at"] > at:
            return before, then, record
        if record["at"] == at:
            then.append(record)
        else:
            before = record
    return before, then, None


def _steps(stories: FillStories, line: Record) -> Iterator[Step]:
    message = line["message"]
    if message == "trigger":
        yield from stories.woken(line)
    elif message == "decision":
        yield from decision_steps(line)
    elif message == "order":
        yield order_step(stories.notes, line)
    elif message == "fill":
        yield from stories.fill(line)
    elif message not in ("asked", "liquidated"):  # they stand behind their trigger, and their fill
        yield from other_steps(line)


def _open(notes: NotedLines, at: int) -> Iterator[Step]:
    """Yield the account and the orders as they stood after an instant."""
    changes = [each for each in (*notes.fills, *notes.funding) if each["at"] <= at]
    last = max(changes, key=lambda each: each["id"], default=None)
    if last is None:
        usd = notes.replayed.start["initial_balance"]
        yield Step("account", f"Positions: none yet; {amount(usd)} USD in cash.", facts={"cash": usd, "positions": {}})
    else:
        account = last["account"]
        held = ", ".join(f"{value(size)} {symbol}" for symbol, size in account["positions"].items()) or "none"
        text = (
            f"Positions: {held}; {amount(account['cash'])} USD in cash, and equity {amount(account['equity'])} USD at "
            f"the last change of {moment(last['at'])}."
        )
        yield Step("account", text, lines=(last["id"],), facts=account)
    yield from _orders(notes, at)


def _orders(notes: NotedLines, at: int) -> Iterator[Step]:
    standing = []
    for order in notes.orders():
        lines = [each for each in notes.of_order(order) if each["at"] <= at and each["message"] == "order"]
        if lines and lines[-1]["state"] not in _FINAL:
            standing.append([each for each in lines if "kind" in each][-1:] or lines[-1:])
    for (line,) in standing[:_MOST_OPEN]:
        text = f"Still so: {order_step(notes, line).text}"
        yield Step("open order", text, lines=(line["id"],), facts={"order": line["order"], "since": line["at"]})
    if len(standing) > _MOST_OPEN:
        yield Step("open orders", f"And {len(standing) - _MOST_OPEN:,} further orders.")
    if not standing:
        yield Step("open orders", "Orders: none.")
