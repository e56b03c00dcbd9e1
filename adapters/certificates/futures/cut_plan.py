"""Where a run is cut: at instants after which a look ahead would show."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from random import Random

from engine.instants import utc_text
from engine.periods import DAY_MS, HOUR_MS, MINUTE_MS


class CutKind(StrEnum):
    """Why a cut lies where it does."""

    DECISION = "at a decision"
    KLINE = "in the middle of a kline"
    BOUNDARY = "at the boundary of a period"
    RANDOM = "at random"
    STORED = "at a decision, through a database"


#: Kinds of cuts in the order in which they are shared out, the same again for more of them.
_ROUND = (
    CutKind.DECISION, CutKind.RANDOM, CutKind.STORED, CutKind.KLINE, CutKind.BOUNDARY, CutKind.DECISION,
    CutKind.DECISION, CutKind.DECISION, CutKind.KLINE, CutKind.BOUNDARY,
)  # fmt: skip
#: Periods at whose boundaries runs are cut.
_PERIODS = (5 * MINUTE_MS, 15 * MINUTE_MS, HOUR_MS, 4 * HOUR_MS, DAY_MS)
#: What goes through a database is cut in this part of the run: all that is known until then is written.
_STORED_PART = 0.25


@dataclass(frozen=True, slots=True)
class Cut:
    """An instant (epoch ms): what is known then stays, all that becomes known later is noise, drawn from `seed`."""

    number: int
    at_ms: int
    kind: CutKind
    seed: int

    @property
    def text(self) -> str:
        """The cut in words."""
        return f"cut {self.number}, {self.kind}, {moment_text(self.at_ms)}"


@dataclass(frozen=True, slots=True)
class CutGround:
    """What cuts are planned on: a run's start and end (epoch ms), the length of its klines, and when it decided to
    trade, or else was woken.
    """

    start_ms: int
    end_ms: int
    period_ms: int
    decided_ms: Sequence[int]


def planned_cuts(ground: CutGround, count: int, seed: int) -> list[Cut]:
    """Return `count` cuts, shared out among their kinds, each kind spread over the whole run; the same for the same
    ground and seed.
    """
    kinds = [_ROUND[place % len(_ROUND)] for place in range(count)]
    cuts = []
    for kind in dict.fromkeys(kinds):
        random = Random(f"{seed} {kind}")
        places = [place for place, each in enumerate(kinds) if each is kind]
        for part, place in enumerate(places):
            begin, end = part / len(places), (part + 1) / len(places)
            at_ms = min(max(_PLACES[kind](ground, random, begin, end), ground.start_ms), ground.end_ms - 1)
            cuts.append(Cut(place + 1, at_ms, kind, random.getrandbits(63)))
    return sorted(cuts, key=lambda cut: cut.number)


def _decision(ground: CutGround, random: Random, begin: float, end: float) -> int:
    """Return when something was decided, of the decisions in a part of all: what is known just then stays."""
    times = ground.decided_ms
    if not times:
        return _random(ground, random, begin, end)
    first = int(begin * len(times))
    return times[random.randrange(first, max(int(end * len(times)), first + 1))]


def _random(ground: CutGround, random: Random, begin: float, end: float) -> int:
    length = ground.end_ms - ground.start_ms
    return ground.start_ms + int(length * random.uniform(begin, end))


def _kline(ground: CutGround, random: Random, begin: float, end: float) -> int:
    """Return an instant within the kline that follows a decision, not at its ends."""
    opened = _decision(ground, random, begin, end) // ground.period_ms * ground.period_ms
    return opened + random.randrange(1, ground.period_ms)


def _boundary(ground: CutGround, random: Random, begin: float, end: float) -> int:
    """Return the boundary of a longer period, or the last millisecond before it."""
    length = ground.end_ms - ground.start_ms
    periods = [each for each in _PERIODS if ground.period_ms < each <= length // 2] or [ground.period_ms]
    period = random.choice(periods)
    return -(-_random(ground, random, begin, end) // period) * period - random.randrange(2)


def _stored(ground: CutGround, random: Random, begin: float, end: float) -> int:
    early_ms = ground.start_ms + (ground.end_ms - ground.start_ms) * _STORED_PART
    early = [each for each in ground.decided_ms if each <= early_ms]
    return random.choice(early) if early else _random(ground, random, 0.0, _STORED_PART)


_PLACES = {
    CutKind.DECISION: _decision,
    CutKind.RANDOM: _random,
    CutKind.KLINE: _kline,
    CutKind.BOUNDARY: _boundary,
    CutKind.STORED: _stored,
}


def moment_text(time_ms: int) -> str:
    """Return an instant with its milliseconds, where it has any."""
    return f"{utc_text(time_ms)}" + (f" + {time_ms % 1000} ms" if time_ms % 1000 else "")
