"""What moved the money of a run, exactly: its fills, its funding, the prices that it is marked at in the end."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any, NamedTuple

_NOTHING = Fraction(0)


#: A symbol, and which of several positions of it ("" where there is one).
Position = tuple[str, str]


class TradedFill(NamedTuple):
    """One fill: `sign` is +1 for a purchase, `fee` in USD; `reduces` a position or opens one. `order` names its order,
    "" where that is not known;
    `position` is the one of several of its symbol that it is of ("LONG", "SHORT" in hedge mode), "" where there is one.
    """

    at: int
    symbol: str
    sign: int
    size: Fraction
    price: Fraction
    fee: Fraction
    reduces: bool
    order: str = ""
    is_maker: bool | None = None
    position: str = ""

    @property
    def cash(self) -> Fraction:
        """What it brings in USD without its fee: a purchase costs its notional."""
        return -self.sign * self.size * self.price


class Payment(NamedTuple):
    """What was paid (negative) or received at a time in USD, as funding or otherwise."""

    at: int
    symbol: str
    amount: Fraction


@dataclass
class MoneyOfRun:
    """The money of one run, of `name`, in order of time. `marks` are the prices of what is held at its end; `begin_ms`
    and `end_ms` are those of the run, None of a file of fills. `stated_pnl` is what it says of its net PnL itself, and
    `covered` is what a venue took over of losses. `before` is what was held of
    each position, by symbol and which of several it is, before the first fill. `remarks` are for the user.
    """

    name: str
    fills: list[TradedFill] = field(default_factory=list)
    funding: list[Payment] = field(default_factory=list)
    covered: list[Payment] = field(default_factory=list)
    marks: dict[str, Fraction] = field(default_factory=dict)
    before: dict[Position, Fraction] = field(default_factory=dict)
    begin_ms: int | None = None
    end_ms: int | None = None
    symbols: tuple[str, ...] = ()
    initial: Fraction = _NOTHING
    stated_pnl: Fraction | None = None
    tells_funding: bool = True
    remarks: tuple[str, ...] = ()

    def take(self, record: Mapping[str, Any]) -> None:
        """Take what a line of a journal says of money."""
        message = record["message"]
        if message == "fill":
            self.fills.append(_fill(record))
            self.covered += _posted(record, "shortfall_covered")
        elif message == "funding":
            self.funding += _posted(record, "funding")
        elif message == "start":
            self.begin_ms, self.initial = record["at"], Fraction(record["initial_balance"])
            self.symbols = tuple(record["symbols"])
        elif message == "end":
            self.end_ms = record["at"]
            self.marks = {symbol: Fraction(price) for symbol, price in record.get("prices", {}).items()}
            self.stated_pnl = Fraction(record["equity"]) - self.initial

    def held(self) -> dict[str, Fraction]:
        """Return what the fills leave of each symbol at the end, in coins with a sign."""
        found: dict[str, Fraction] = {}
        for each in self.fills:
            found[each.symbol] = found.get(each.symbol, _NOTHING) + each.sign * each.size
        return found

    def positions(self) -> dict[Position, Fraction]:
        """Return the same of each position."""
        found: dict[Position, Fraction] = {}
        for each in self.fills:
            key = each.symbol, each.position
            found[key] = found.get(key, _NOTHING) + each.sign * each.size
        return found

    def net_pnl(self, price_of: Mapping[str, Fraction]) -> Fraction:
        """Return what all of it comes to in USD; what is held is worth its mark, or a price of these."""
        held = self.held()
        worth = sum((held[name] * self.marks.get(name, price_of[name]) for name in held), _NOTHING)
        cash = sum((each.cash - each.fee for each in self.fills), _NOTHING)
        return cash + worth + total(self.funding) + total(self.covered)


def total(payments: Iterable[Payment]) -> Fraction:
    """Return the sum of payments."""
    return sum((each.amount for each in payments), _NOTHING)


def share_of(amount: Fraction, part: Fraction, whole: Fraction) -> Fraction:
    """Return the share of an amount as the nearest double: a quotient would have a long denominator, and sums of many a
    longer one.
    """
    return Fraction(float(amount * part / whole))


def _fill(record: Mapping[str, Any]) -> TradedFill:
    return TradedFill(
        record["at"],
        record["symbol"],
        1 if record["side"] == "buy" else -1,
        Fraction(record["size"]),
        Fraction(record["price"]),
        Fraction(record["fee"]),
        record["purpose"] != "entry",
        str(record["order"]),
        record["maker"],
    )


def _posted(record: Mapping[str, Any], wanted: str) -> list[Payment]:
    postings = record["postings"]
    return [Payment(record["at"], record["symbol"], Fraction(amount)) for kind, amount in postings if kind == wanted]
