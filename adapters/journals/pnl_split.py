"""The gap in net PnL between two runs, split by what has made it: exact, and adding up."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from fractions import Fraction

from .fill_pairs import FillPair, PairedFills, Traded
from .money_of_run import MoneyOfRun, Payment

_NOTHING = Fraction(0)
#: What makes a gap, in the order in which it is told.
PARTS = ("price", "fee", "funding", "missed", "extra", "open", "covered")


@dataclass
class PnlSplit:
    """What the second run gained beyond the first in USD, by symbol and part; `first` and `second` are what each came
    to, `gap` is their difference: the sum of all parts. `sized` counts pairs of other sizes, whose rest is missed or
    extra.
    """

    first: Fraction
    second: Fraction
    by_symbol: dict[str, dict[str, Fraction]] = field(default_factory=dict)
    sized: int = 0

    @property
    def gap(self) -> Fraction:
        """What the second run came to beyond the first."""
        return self.second - self.first

    @property
    def parts(self) -> dict[str, Fraction]:
        """The parts of all symbols together."""
        return {part: sum((each[part] for each in self.by_symbol.values()), _NOTHING) for part in PARTS}


def split(first: MoneyOfRun, second: MoneyOfRun, fills: PairedFills) -> PnlSplit:
    """Split the gap between two runs whose fills are paired.

    A fill that one of them has alone counts with its fee, and against the price that its symbol is marked at in the
    end: of what the first holds then, else the second, else the price of the last fill. Of a pair the common size
    counts as price and fee, the rest as missed or extra. What is held at other marks is `open`.
    """
    prices = reference_prices(first, second)
    found = PnlSplit(first.net_pnl(prices), second.net_pnl(prices))
    parts: dict[str, dict[str, Fraction]] = defaultdict(lambda: dict.fromkeys(PARTS, _NOTHING))
    for pair in fills.pairs:
        found.sized += pair.first.size != pair.second.size
    for symbol, part, amount in _amounts(first, second, fills, prices):
        parts[symbol][part] += amount
    found.by_symbol = dict(sorted(parts.items()))
    return found


def reference_prices(first: MoneyOfRun, second: MoneyOfRun) -> dict[str, Fraction]:
    """Return the price of each symbol that fills of one run alone are held against."""
    last = {each.symbol: each for each in sorted([*first.fills, *second.fills], key=lambda each: each.at)}
    traded = {symbol: each.price for symbol, each in last.items()}
    return {**traded, **second.marks, **first.marks}


def _amounts(
    first: MoneyOfRun, second: MoneyOfRun, fills: PairedFills, prices: Mapping[str, Fraction]
) -> Iterator[tuple[str, str, Fraction]]:
    for pair in fills.pairs:
        yield from _of_pair(pair, prices[pair.first.symbol])
    for each in fills.missed:
        yield each.symbol, "missed", -_alone(each, each.size, prices[each.symbol])
    for each in fills.extra:
        yield each.symbol, "extra", _alone(each, each.size, prices[each.symbol])
    for run, sign in ((second, 1), (first, -1)):
        yield from _signed(run.funding, "funding", sign)
        yield from _signed(run.covered, "covered", sign)
        for symbol, size in run.held().items():
            yield symbol, "open", sign * size * (run.marks.get(symbol, prices[symbol]) - prices[symbol])


def _of_pair(pair: FillPair, price: Fraction) -> Iterator[tuple[str, str, Fraction]]:
    one, other = pair
    common = min(one.size, other.size)
    yield one.symbol, "price", one.sign * common * (one.price - other.price)
    yield one.symbol, "fee", (one.fee * common / one.size) - (other.fee * common / other.size)
    if one.size > common:
        yield one.symbol, "missed", -_alone(one, one.size - common, price)
    if other.size > common:
        yield one.symbol, "extra", _alone(other, other.size - common, price)


def _alone(fill: Traded, size: Fraction, price: Fraction) -> Fraction:
    """Return what a size of a fill brings, its share of the fee taken off, where the coins are worth a price."""
    return fill.sign * size * (price - fill.price) - fill.fee * size / fill.size


def _signed(payments: Iterable[Payment], part: str, sign: int) -> Iterator[tuple[str, str, Fraction]]:
    for each in payments:
        yield each.symbol, part, sign * each.amount
