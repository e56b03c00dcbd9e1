"""A trade explained: its entries, what happened while it was open, its exit, and how its PnL adds up."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from engine import DataError, MarketHistory
from engine.account import Closing
from engine.contract import ExitReason
from engine.plain_values import counted

from .explanation import Explanation, Section, Step, moment
from .fill_stories import FillStories
from .line_words import funding_steps, order_step
from .noted_lines import NotedLines
from .plain_words import amount, percent, value
from .price_words import purpose_of

Record = Mapping[str, Any]
#: Of more payments of funding, or parts that were closed, the first and the last are told, the others together.
_MOST_BETWEEN = 12


def explained_trade(notes: NotedLines, number: int, market: MarketHistory | None = None) -> Explanation:
    """Return what led to a closed trade; they are counted from 1 in order of their exits. Raises `DataError` where
    there is none of that number.
    """
    count = len(notes.closings)
    if not 1 <= number <= count:
        there = f"its trades are 1 to {count:,}" if count else "it has no closed trade"
        raise DataError(f"there is no trade {number}: {there}")
    return _Trade(notes, number, market).explanation()


class _Trade:
    """One closed trade of a journal."""

    def __init__(self, notes: NotedLines, number: int, market: MarketHistory | None) -> None:
        self._notes, self._number = notes, number
        self._stories = FillStories(notes, market)
        self._fill = notes.closings[number - 1]
        self._closing: Closing = notes.replayed.account.trades.closings[number - 1]
        self._entries, self._before = notes.position_before(self._fill)
        self._began = self._entries[0]["id"]

    def explanation(self) -> Explanation:
        """Return all of it."""
        held, fill = self._closing.held, self._fill
        summary = (
            f"{held.side} {value(fill['size'])} {fill['symbol']}, {moment(held.opened_at)} to {moment(fill['at'])} "
            f"UTC, {value(held.entry_price)} to {value(fill['price'])}, ended by {purpose_of(fill)}: "
            f"{amount(self._closing.pnl, True)} USD"
        )
        sections = [*self._entry_sections(), *self._between(), Section("Exit", tuple(self._exit())), self._sum()]
        return Explanation(f"trade {self._number}", summary, tuple(sections), self._notes.head)

    def _entry_sections(self) -> Iterator[Section]:
        """Yield a section for each order that opened the position or added to it."""
        orders = list(dict.fromkeys(each["order"] for each in self._entries))
        for place, order in enumerate(orders, 1):
            fills = [each for each in self._entries if each["order"] == order]
            title = "Entry" if len(orders) == 1 else f"Entry {place} of {len(orders)}"
            lines = [each for each in self._notes.of_order(order) if each["id"] <= fills[-1]["id"]]
            steps = [*self._stories.why(fills[0]), *self._stories.of_order(lines, fills), *self._armed(fills)]
            if any(each["message"] == "fill" and each["pnl"] is not None for each in lines):
                title += ", of an order that closed what was held the other way first"
            yield Section(title, tuple(steps))

    def _armed(self, fills: list[Record]) -> Iterator[Step]:
        """Yield the exits that were armed when it was filled."""
        for fill in fills:
            for line in self._notes.led_to.get(fill["id"], ()):
                if line.get("event") in ("arm", "rest"):
                    yield order_step(self._notes, line)

    def _between(self) -> Iterator[Section]:
        """Yield what the position paid and what closed parts of it, while it was open."""
        began, ended, symbol = self._began, self._fill["id"], self._fill["symbol"]
        paid = [each for each in self._notes.funding_between(began, ended) if each["symbol"] == symbol]
        steps: list[Step] = []
        left_out: dict[int, Step | None] = {}
        for lines, together in ((paid, _paid_together), (self._before, _closed_together)):
            if len(lines) > _MOST_BETWEEN:
                between = lines[1:-1]
                left_out |= {each["id"]: None for each in between} | {between[0]["id"]: together(between)}
        for line in sorted([*paid, *self._before], key=lambda each: each["id"]):
            if line["id"] in left_out:
                steps += filter(None, [left_out[line["id"]]])
            else:
                steps += [*funding_steps(line)] if line["message"] == "funding" else [self._part(line)]
        if steps:
            yield Section("While it was open", tuple(steps))

    def _part(self, fill: Record) -> Step:
        number = self._notes.trade_number(fill)
        left = abs(fill["account"]["positions"][fill["symbol"]])
        text = (
            f"A part of the position was closed before: {value(fill['size'])} {fill['symbol']} at "
            f"{value(fill['price'])} by {purpose_of(fill)}, {amount(fill['pnl'], True)} USD (trade {number}); "
            f"{value(left)} were left."
        )
        facts = {"trade": number, "size": fill["size"], "pnl": fill["pnl"]}
        return Step("closed part", text, fill["at"], fill["rule"], None, (fill["id"],), facts)

    def _exit(self) -> Iterator[Step]:
        fill = self._fill
        lines = [each for each in self._notes.of_order(fill["order"]) if each["id"] <= fill["id"]]
        belongs = self._stories.exit_of(fill["order"])
        if belongs is not None:
            yield belongs
            lines = lines[1:]  # it is said with its entry
        elif fill["purpose"] != ExitReason.LIQUIDATION:
            yield from self._stories.why(fill)
        yield from self._stories.of_order(lines, [fill])

    def _sum(self) -> Section:
        """Return how the PnL adds up."""
        closing, fill, held = self._closing, self._fill, self._closing.held
        entry_fees = closing.fee - fill["fee"]
        part = "" if closing.share == 1.0 else f", {percent(closing.share)} of what was held"
        entries = len(self._entries)
        mean = f", {value(held.entry_price)} is the mean of {counted(entries, 'entry fill')}" if entries > 1 else ""
        prices = [value(fill["price"]), value(held.entry_price)][:: held.sign]
        price = (
            f"Price: {value(fill['size'])} {fill['symbol']} x ({' - '.join(prices)}) = "
            f"{amount(closing.gross, True)} USD{mean}{part}."
        )
        fees = f"Fees: entry {amount(entry_fees)} + exit {amount(fill['fee'])} = {amount(closing.fee)} USD."
        funding = f"Funding: {amount(closing.funding, True)} USD."
        covered = closing.covered
        paid = f"{_plus(-closing.fee)} {'rebates' if closing.fee < 0.0 else 'fees'}" if closing.fee else "- 0.00 fees"
        total = (
            f"PnL: {amount(closing.gross, True)} price {paid} {_plus(closing.funding)} funding"
            f"{f' {_plus(covered)} covered by the venue' if covered else ''} = {amount(closing.pnl, True)} USD."
        )
        facts = {"pnl": closing.pnl, "price": closing.gross, "fees": closing.fee, "funding": closing.funding}
        facts |= {"shortfall_covered": covered, "share": closing.share, "entry_price": held.entry_price}
        lines = (fill["id"],)
        steps = [
            Step("price pnl", price, lines=lines, facts={"usd": closing.gross}),
            Step("fees", fees, lines=lines, facts={"entry": entry_fees, "exit": fill["fee"], "usd": closing.fee}),
            Step("funding", funding, lines=lines, facts={"usd": closing.funding}),
            Step("pnl", total, lines=lines, facts=facts),
        ]
        return Section("What it came to", tuple(steps))


def _paid_together(lines: Sequence[Record]) -> Step:
    """Return payments of funding as one step."""
    usd = sum(each["amount"] for each in lines)
    text = f"And {len(lines):,} further payments of funding up to the last one: {amount(usd, True)} USD in all."
    facts = {"payments": len(lines), "amount": usd}
    return Step("payments", text, lines[0]["at"], lines[0]["rule"], None, tuple(each["id"] for each in lines), facts)


def _closed_together(lines: Sequence[Record]) -> Step:
    """Return fills that closed parts of a position as one step."""
    size, pnl = sum(each["size"] for each in lines), sum(each["pnl"] for each in lines)
    text = (
        f"And {len(lines):,} further parts were closed up to the last one: {value(size)} {lines[0]['symbol']}, "
        f"{amount(pnl, True)} USD in all."
    )
    facts = {"parts": len(lines), "size": size, "pnl": pnl}
    return Step("closed parts", text, lines[0]["at"], None, None, tuple(each["id"] for each in lines), facts)


def _plus(usd: float) -> str:
    return f"{'-' if usd < 0 else '+'} {amount(abs(usd))}"
