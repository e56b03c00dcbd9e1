"""Fills of two runs, side by side: joined where they are parts of one, paired by symbol, side, purpose and time."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Iterable, Sequence
from fractions import Fraction
from typing import NamedTuple

from .money_of_run import TradedFill

#: Fills of unknown orders are parts of one when no more than this lies between them.
_AT_ONCE_MS = 1_000
#: Of so many candidates on either side the nearest are looked at; further ones in another round.
_NEAREST = 8
Key = tuple[str, int, bool]


class Traded(NamedTuple):
    """Fills that count as one: from `at` on, at their mean price."""

    at: int
    symbol: str
    sign: int
    reduces: bool
    size: Fraction
    price: Fraction
    fee: Fraction
    parts: int
    order: str
    last_at: int

    @property
    def key(self) -> Key:
        """What fills of two runs must have in common."""
        return self.symbol, self.sign, self.reduces

    def with_part(self, other: Traded) -> Traded:
        """Return both as one."""
        size = self.size + other.size
        price = (self.size * self.price + other.size * other.price) / size
        return self._replace(
            at=min(self.at, other.at),
            last_at=max(self.last_at, other.last_at),
            size=size,
            price=price,
            fee=self.fee + other.fee,
            parts=self.parts + other.parts,
        )


class FillPair(NamedTuple):
    """A fill of the first run and that of the second which stands for it."""

    first: Traded
    second: Traded

    @property
    def delay_ms(self) -> int:
        """How much later the second one came."""
        return self.second.at - self.first.at

    @property
    def slippage_bp(self) -> float:
        """How much worse the second price is, in hundredths of a percent of the first."""
        first, second = self.first, self.second
        return float(first.sign * (second.price - first.price) / first.price * 10_000)


class PairedFills(NamedTuple):
    """What two runs traded: together, the first one alone (missed), the second one alone (extra)."""

    pairs: list[FillPair]
    missed: list[Traded]
    extra: list[Traded]


def joined(fills: Iterable[TradedFill], within_ms: int) -> list[Traded]:
    """Return fills with parts of one order as one: what follows within the tolerance; where orders are not known, what
    follows at once.
    """
    found: list[Traded] = []
    last: dict[tuple[Key, str], int] = {}
    for fill in fills:
        one = Traded(
            fill.at, fill.symbol, fill.sign, fill.reduces, fill.size, fill.price, fill.fee, 1, fill.order, fill.at
        )
        place = last.get((one.key, fill.order))
        longest = within_ms if fill.order else min(within_ms, _AT_ONCE_MS)
        if place is not None and fill.at - found[place].last_at <= longest:
            found[place] = found[place].with_part(one)
        else:
            last[one.key, fill.order] = len(found)
            found.append(one)
    return found


def paired(first: Sequence[Traded], second: Sequence[Traded], within_ms: int) -> PairedFills:
    """Pair the fills of two runs: those of one time and size, then the nearest ones within the tolerance; what is left
    within it of parts joins the pair that it fills up. All are in order of time.
    """
    result = PairedFills([], [], [])
    ours, theirs = _by_key(first), _by_key(second)
    for key in ours.keys() | theirs.keys():
        of_first, of_second = ours.get(key, []), theirs.get(key, [])
        matched = _same(of_first, of_second)
        matched |= _nearest(of_first, of_second, matched, within_ms)
        pairs = [FillPair(of_first[a], of_second[b]) for a, b in matched.items()]
        missed = [each for place, each in enumerate(of_first) if place not in matched]
        taken = set(matched.values())
        extra = [each for place, each in enumerate(of_second) if place not in taken]
        pairs, missed = _filled_up(pairs, missed, within_ms, of_second=False)
        pairs, extra = _filled_up(pairs, extra, within_ms, of_second=True)
        result.pairs.extend(pairs)
        result.missed.extend(missed)
        result.extra.extend(extra)
    result.pairs.sort(key=lambda pair: (pair.first.at, pair.second.at, pair.first.key))
    for fills in (result.missed, result.extra):
        fills.sort(key=lambda each: (each.at, each.key))
    return result


def _by_key(fills: Iterable[Traded]) -> dict[Key, list[Traded]]:
    found: dict[Key, list[Traded]] = defaultdict(list)
    for each in fills:
        found[each.key].append(each)
    return {key: sorted(some, key=lambda each: each.at) for key, some in found.items()}


def _same(first: Sequence[Traded], second: Sequence[Traded]) -> dict[int, int]:
    """Return the places of fills of one time and size, each once."""
    waiting: dict[tuple[int, Fraction], list[int]] = defaultdict(list)
    for place, each in reversed([*enumerate(second)]):
        waiting[each.at, each.size].append(place)
    found = {}
    for place, each in enumerate(first):
        same = waiting.get((each.at, each.size))
        if same:
            found[place] = same.pop()
    return found


def _nearest(
    first: Sequence[Traded], second: Sequence[Traded], matched: dict[int, int], within_ms: int
) -> dict[int, int]:
    """Return the places of further pairs, the nearest in time first."""
    found: dict[int, int] = {}
    taken = set(matched.values())
    while True:
        free = [place for place in range(len(second)) if place not in taken]
        times = [second[place].at for place in free]
        candidates = []
        for a, each in enumerate(first):
            if a in matched or a in found:
                continue
            middle = bisect_left(times, each.at)
            begin = max(bisect_left(times, each.at - within_ms), middle - _NEAREST)
            end = min(bisect_right(times, each.at + within_ms), middle + _NEAREST)
            for b in free[begin:end]:
                other = second[b]
                candidates.append((abs(other.at - each.at), abs(other.size - each.size), a, b))
        if not candidates:
            return found
        for _, _, a, b in sorted(candidates):
            if a not in found and b not in taken:
                found[a] = b
                taken.add(b)


def _filled_up(
    pairs: list[FillPair], left: list[Traded], within_ms: int, of_second: bool
) -> tuple[list[FillPair], list[Traded]]:
    """Return the pairs with what is left of one run joined where it is a part that the other's fill is larger by."""
    pairs, unused = sorted(pairs, key=lambda pair: pair[not of_second].at), []
    times = [pair[not of_second].at for pair in pairs]
    for each in left:
        begin, end = (bisect_left(times, each.at - within_ms), bisect_right(times, each.at + within_ms))
        fitting = [place for place in range(begin, end) if _has_room(pairs[place], each, of_second)]
        if not fitting:
            unused.append(each)
            continue
        place = min(fitting, key=lambda place: abs(times[place] - each.at))
        pair = pairs[place]
        pairs[place] = (
            pair._replace(second=pair.second.with_part(each))
            if of_second
            else pair._replace(first=pair.first.with_part(each))
        )
    return pairs, unused


def _has_room(pair: FillPair, part: Traded, of_second: bool) -> bool:
    """Whether a fill of one run, and a part of it more, is no larger than the other's but for roundings."""
    smaller, larger = (pair.second, pair.first) if of_second else (pair.first, pair.second)
    return (smaller.size + part.size) * 1_000 <= larger.size * 1_001
