"""From what woke the program to the fills of an order, step by step."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any

from engine import MarketHistory

from .explanation import Step, moment
from .line_words import decision_steps, kind_words, order_step, other_steps, trigger_steps
from .noted_lines import NotedLines
from .plain_words import amount, value
from .price_words import exit_words, fill_steps, margin_step, purpose_of, row_of
from .size_words import share_step, sized_step
from .values_of_rows import row_values

Record = Mapping[str, Any]
#: Of more fills of one order in a row the first and the last are told, the others together.
_MOST_FILLS = 4
#: The fill itself, and the reason, stand beside these.
_SAID_ELSEWHERE = ("fill", "reject")


class FillStories:
    """Tells how fills came about; values of rows are those of `market`, where it is at hand."""

    def __init__(self, notes: NotedLines, market: MarketHistory | None) -> None:
        self.notes, self._market = notes, market

    def why(self, record: Record) -> Iterator[Step]:
        """Yield what woke the program, what it was answered, and what it decided, before a line."""
        decision = self.notes.origin(record)
        if decision is None:
            return
        trigger = self.notes.cause(decision)
        if trigger is not None and trigger["message"] == "trigger":
            yield from self.woken(trigger)
        yield from decision_steps(decision)

    def woken(self, trigger: Record) -> Iterator[Step]:
        """Yield what woke the program, and what was asked and logged then."""
        yield from trigger_steps(self.notes, trigger, row_values(self._market, trigger["row"]))

    def of_order(self, lines: Sequence[Record], fills: Sequence[Record]) -> Iterator[Step]:
        """Yield what some lines of an order say; of its fills these are told, the others are named."""
        between = fills[1:-1] if len(fills) > _MOST_FILLS else ()
        told, sized_at, share = {each["id"] for each in fills}, None, None
        if lines:
            sized_at, share = share_step(self.notes.origin(lines[0]), lines)
        for line in lines:
            if share is not None and line["id"] == sized_at:
                yield share
            if between and between[0]["id"] == line["id"]:
                yield _together(between)
            elif not (between and fills[0]["id"] < line["id"] < fills[-1]["id"] and _is_of_fills(line)):
                yield from self._line(line, told)

    def _line(self, line: Record, told: Collection[int]) -> Iterator[Step]:
        """Yield what a line of an order says, of a fill that is not `told` in short."""
        message = line["message"]
        if message in ("rejected", "sized"):
            yield from other_steps(line)
        elif message == "order":
            if line["event"] not in _SAID_ELSEWHERE:
                yield from self._moved(line)
        elif line["id"] in told:
            yield from self.fill(line)
        else:
            yield self.named(line)

    def named(self, fill: Record) -> Step:
        """Return a fill that belongs to another trade, or to its entry, in short."""
        is_entry = fill["pnl"] is None
        number = None if is_entry else self.notes.trade_number(fill)
        what = "opened, or added" if is_entry else f"closed, {amount(fill['pnl'], True)} USD (trade {number})"
        text = (
            f"The same order {what}: {fill['side']} {value(fill['size'])} {fill['symbol']} at {value(fill['price'])}, "
            f"for the {purpose_of(fill)}."
        )
        facts = {"trade": number, "size": fill["size"], "price": fill["price"], "pnl": fill["pnl"]}
        return Step("other fill", text, fill["at"], fill["rule"], row_of(fill), (fill["id"],), facts)

    def exit_of(self, order: int) -> Step | None:
        """Return which entry an exit belongs to, None for an order that is none."""
        line = self.notes.of_order(order)[0]
        opened = self.notes.cause(line)
        if opened is None or opened["message"] != "fill" or line["message"] != "order":
            return None
        level = line.get("trigger") or line.get("limit")
        where = "" if level is None else f" at {value(level)}"
        text = (
            f"Order {order}, {kind_words(line, 'an exit')}{where}, was armed with the entry fill of "
            f"{moment(opened['at'])} (order {opened['order']})."
        )
        return Step("exit of", text, lines=(line["id"], opened["id"]), facts={"order": opened["order"], "level": level})

    def _moved(self, line: Record) -> Iterator[Step]:
        """Yield what happened to an order; before an amendment the decision that asked for it."""
        if line["event"] == "amend":
            yield from self.why(line)
            yield from self._sized_by(line)
        yield order_step(self.notes, line)

    def _sized_by(self, line: Record) -> Iterator[Step]:
        """Yield what became of the values that an amendment gives, before they are those of an order."""
        cause = self.notes.cause(line)
        if cause is not None and cause["message"] == "sized":
            yield from self._sized_by(cause)
            yield sized_step(cause)

    def fill(self, line: Record) -> Iterator[Step]:
        """Yield price, slippage, fee and account of a fill."""
        found, seen = row_values(self._market, line["row"]), row_values(self._market, line["seen"])
        judged = self.notes.cause(line)
        if judged is None or judged["message"] != "margin":
            judged = None
        else:
            yield margin_step(judged)
        yield from fill_steps(line, found, seen, self._levels(line), judged, self._given(line))
        for each in self.notes.led_to.get(line["id"], ()):
            if each["message"] == "liquidated":
                yield from other_steps(each)

    def _levels(self, fill: Record) -> dict[str, float]:
        """Return where the order of a fill stood, and those that ended with it."""
        own = self._level(fill["order"], fill["id"])
        if "both" not in str(fill["rule"]):
            return own
        lines = {each["id"] for each in self.notes.of_order(fill["order"])}
        led_to = [each for line in lines for each in self.notes.led_to.get(line, ()) if each["at"] == fill["at"]]
        others = {each["order"] for each in led_to if each.get("event") == "cancel"} - {fill["order"]}
        for order in sorted(others):
            own |= self._level(order, fill["id"])
        return own

    def _given(self, fill: Record) -> list[str]:
        """Return what decisions have given that an exit comes of: by how much a trailing stop lies behind, how long a
        position is held.
        """
        before = [each for each in self.notes.of_order(fill["order"]) if each["id"] <= fill["id"]]
        told = [each for each in before if each.get("event") == "amend"][-1:] + before[:1]
        decisions = [each["decision"] for each in map(self.notes.origin, told) if each is not None]
        return [*exit_words(fill, decisions)]

    def _level(self, order: int, last: int) -> dict[str, float]:
        found: dict[str, float] = {}
        for line in self.notes.of_order(order):
            if line["id"] > last or "kind" not in line:
                continue
            level = line["limit"] if line["trigger"] is None else line["trigger"]
            if level is not None:
                found = {str(line["kind"]).lower(): level}
        return found


def _is_of_fills(line: Record) -> bool:
    """Tell whether a line says no more than that an order fills bit by bit."""
    return line["message"] in ("fill", "sized") or line.get("event") == "fill part"


def _together(fills: Sequence[Record]) -> Step:
    """Return several fills of one order as one step."""
    size, fees = sum(each["size"] for each in fills), sum(each["fee"] for each in fills)
    prices = [each["price"] for each in fills]
    mean = sum(each["price"] * each["size"] for each in fills) / size
    text = (
        f"And {len(fills):,} further fills up to the last one: {value(size)} {fills[0]['symbol']} between "
        f"{value(min(prices))} and {value(max(prices))}, at {value(mean)} in the mean, fees {amount(fees)} USD."
    )
    facts = {"fills": len(fills), "size": size, "fee": fees, "mean_price": mean}
    return Step("fills", text, fills[0]["at"], fills[0]["rule"], None, tuple(each["id"] for each in fills), facts)
