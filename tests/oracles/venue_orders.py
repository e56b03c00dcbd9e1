"""What a decision asks for, what is pending of it, and when a kline, a row or a price reaches it."""

import math
from dataclasses import dataclass, field
from decimal import ROUND_CEILING, ROUND_FLOOR, ROUND_HALF_EVEN, Decimal
from typing import NamedTuple

from .venue_account import Tier
from .venue_market import Bar, Row


@dataclass
class Rules:
    """A configuration in the reference's own words; percent where the configuration has percent."""

    symbols: list[str]
    start_ms: int
    end_ms: int
    every_ms: int
    balance: float = 10_000.0
    slippage: float = 0.05
    fee: float = 0.035
    maker: float = 0.035
    execution: str = "close"
    intrabar: str = "pessimistic"
    fill_on: str = "through"
    watch: str = "1m"
    trigger: str = "last"
    margin: str = "cross"
    mark_stale_ms: int = 60_000
    price_stale_ms: int = 600_000
    cap: float | None = None
    tiers: list[Tier] = field(default_factory=lambda: [Tier(0.0, 0.01, 0.0)])
    liquidation_fee: float = 0.0
    partial_above: float | None = None
    partial_share: float = 1.0
    cooldown_ms: int = 0
    price_step: str | None = None
    size_step: str | None = None
    min_notional: float = 0.0
    pauses: list[tuple[int, int]] = field(default_factory=list)


@dataclass
class Terms:
    """A decision that the exchange looks at."""

    order_id: int
    symbol: str
    sign: int
    is_close: bool
    portion: float
    leverage: float
    limit: float | None
    tif: str
    tp: float | None
    sl: float | None
    trail: float | None
    hold_ms: int | None


@dataclass
class Waiting:
    """Waits for the kline that it fills in (execution "open" and "vwap")."""

    terms: Terms
    since: int
    age: int


@dataclass
class Resting:
    """A limit order in the book."""

    terms: Terms
    left: float
    since: int
    age: int


@dataclass
class Working:
    """What the volume cap left of an order that takes: it goes on at each close."""

    terms: Terms
    left: float
    purpose: str
    age: int


@dataclass
class Bracket:
    """Take-profit, stop-loss, trailing stop and time stop of one entry."""

    terms: Terms
    size: float
    since: int
    best: float
    due: int | None
    age: int

    def stops(self, best: float) -> list[tuple[float, str]]:
        """Both stops when the best price so far is this."""
        levels = []
        if self.terms.sl is not None:
            levels.append((self.terms.sl, "sl"))
        if self.terms.trail is not None:
            levels.append((best * (1 - self.terms.sign * self.terms.trail / 100), "trailing"))
        return levels

    def stop(self, best: float) -> tuple[float, str] | None:
        """The stop that is reached first."""
        nearest = max if self.terms.sign > 0 else min
        return nearest(self.stops(best), key=lambda each: each[0], default=None)

    def stops_beyond(self, price: float) -> str:
        """The names of the stops that a price jumps over: of two, either may be said."""
        return "/".join(name for level, name in self.stops(self.best) if against(self.terms.sign, price, level))

    def best_with(self, span: Bar | Row) -> float:
        """The best price once a span is over: at most the take-profit, where the entry would be closed."""
        reached = span.high if self.terms.sign > 0 else span.low
        if self.terms.sign > 0:
            reached = reached if self.terms.tp is None else min(reached, self.terms.tp)
            return max(self.best, reached)
        reached = reached if self.terms.tp is None else max(reached, self.terms.tp)
        return min(self.best, reached)


Pending = Waiting | Resting | Working | Bracket


class Hit(NamedTuple):
    """A bracket is reached at a price, for a reason; `ambiguous` when stop and take-profit both are."""

    price: float
    purpose: str
    ambiguous: bool = False


def against(sign: int, price: float, level: float) -> bool:
    """Whether a price is at a stop of a position, or worse."""
    return price <= level if sign > 0 else price >= level


def beyond(bracket: Bracket, price: float) -> Hit | None:
    """What a single price (an open, the price of a resumption) does."""
    sign, tp = bracket.terms.sign, bracket.terms.tp
    stops = bracket.stops_beyond(price)
    if stops:
        return Hit(price, stops)
    if tp is not None and against(-sign, price, tp):
        return Hit(price, "tp")
    return None


def beyond_row(bracket: Bracket, row: Row) -> Hit | None:
    """A row wholly beyond a trigger fills at its vwap."""
    sign, tp = bracket.terms.sign, bracket.terms.tp
    nearest, farthest = (row.high, row.low) if sign > 0 else (row.low, row.high)
    stops = bracket.stops_beyond(nearest)
    if stops:
        return Hit(row.vwap, stops)
    if tp is not None and against(-sign, farthest, tp):
        return Hit(row.vwap, "tp")
    return None


def inside(bracket: Bracket, span: Bar | Row, intrabar: str) -> Hit | None:
    """What the extremes of a span reach that began between the triggers."""
    sign, tp = bracket.terms.sign, bracket.terms.tp
    worst, top = (span.low, span.high) if sign > 0 else (span.high, span.low)
    stop = bracket.stop(bracket.best)
    if stop is not None and not against(sign, worst, stop[0]):
        stop = bracket.stop(bracket.best_with(span))
        if stop is not None and not against(sign, worst, stop[0]):
            stop = None
    gains = tp is not None and against(-sign, top, tp)
    if stop is None:
        return Hit(tp, "tp") if gains and tp is not None else None
    if not gains or tp is None:
        return Hit(*stop)
    if intrabar == "optimistic":
        return Hit(tp, "tp", True)
    if intrabar == "nearest_open" and isinstance(span, Bar) and abs(tp - span.open) < abs(stop[0] - span.open):
        return Hit(tp, "tp", True)
    return Hit(*stop, True)


def rounded(price: float | None, step: str | None, sign: int = 0) -> float | None:
    """To the tick: a limit towards the user (a buy's down, a sell's up), a trigger (sign 0) to the nearest."""
    if price is None or step is None:
        return price
    way = {0: ROUND_HALF_EVEN, 1: ROUND_FLOOR, -1: ROUND_CEILING}[sign]
    return float((Decimal(repr(price)) / Decimal(step)).to_integral_value(way) * Decimal(step))


def whole_steps(size: float, step: str | None) -> float:
    """floor(size / step + 1e-9) whole steps."""
    return size if step is None else float(math.floor(size / float(step) + 1e-9) * Decimal(step))


def on_grid(size: float, step: str | None) -> float:
    """A size that is whole steps already, without the dust of a subtraction."""
    return size if step is None else float(round(size / float(step)) * Decimal(step))
