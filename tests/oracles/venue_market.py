"""What was recorded of a symbol, and what of it was known when. Lists and loops, nothing clever."""

from collections.abc import Iterator
from dataclasses import dataclass, field

MINUTE = 60_000
ROW_MS = 15_000
HOUR = 3_600_000
JITTER_MS = 25 * MINUTE


class UndecidedError(Exception):
    """The rules do not say what happens next: no case can be made of it."""


@dataclass(frozen=True)
class Bar:
    """A kline of a minute, traded or mark: known at its open what its open says, the rest at its close."""

    open_ms: int
    open: float
    high: float
    low: float
    close: float
    volume: float = 0.0

    @property
    def close_ms(self) -> int:
        return self.open_ms + MINUTE

    @property
    def typical(self) -> float:
        return (self.high + self.low + self.close) / 3


@dataclass(frozen=True)
class Row:
    """15 seconds of trades, up to `close_ms`."""

    close_ms: int
    high: float
    low: float
    vwap: float
    volume: float

    @property
    def open_ms(self) -> int:
        return self.close_ms - ROW_MS


@dataclass
class Record:
    """One symbol: klines, mark price rows, mark klines, rows of trades, funding rates (time, fraction)."""

    bars: list[Bar]
    marks: list[tuple[int, float]] = field(default_factory=list)
    mark_bars: list[Bar] = field(default_factory=list)
    rows: list[Row] = field(default_factory=list)
    rates: list[tuple[int, float]] = field(default_factory=list)

    def last_bar(self, now: int) -> Bar | None:
        found = None
        for bar in self.bars:
            if bar.close_ms <= now:
                found = bar
        return found

    def bar_opening(self, now: int) -> Bar | None:
        for bar in self.bars:
            if bar.open_ms == now:
                return bar
        return None

    def bar_closing(self, now: int) -> Bar | None:
        return self.bar_opening(now - MINUTE)

    def mark_row(self, now: int, stale_ms: int) -> float | None:
        """Section 4, Prices: the newest mark price row not older than the limit, counted from its timestamp."""
        found = None
        for time_ms, price in self.marks:
            if time_ms <= now:
                found = price if now - time_ms <= stale_ms else None
        return found

    def mark(self, now: int, stale_ms: int) -> float | None:
        """Section 4, Marks: a mark row, or the close of a mark kline of the same age."""
        found = self.mark_row(now, stale_ms)
        if found is not None:
            return found
        for bar in self.mark_bars:
            if bar.close_ms <= now:
                found = bar.close if now - bar.close_ms <= stale_ms else None
        return found

    def price(self, now: int, mark_stale_ms: int) -> float | None:
        """The last known price, however old."""
        found = self.mark_row(now, mark_stale_ms)
        if found is not None:
            return found
        bar = self.last_bar(now)
        return None if bar is None else bar.close

    def trade_price(self, now: int, mark_stale_ms: int, price_stale_ms: int) -> float | None:
        """The price that an order gets: None when it is stale."""
        found = self.mark_row(now, mark_stale_ms)
        if found is not None:
            return found
        bar = self.last_bar(now)
        return None if bar is None or now - bar.close_ms > price_stale_ms else bar.close

    def margin_price(self, now: int, mark_stale_ms: int) -> float | None:
        """What equity is marked at."""
        found = self.mark(now, mark_stale_ms)
        return self.price(now, mark_stale_ms) if found is None else found

    def vwap(self, bar: Bar) -> float:
        """Volume-weighted by the rows inside the kline where they exist, else its typical price."""
        notional = volume = 0.0
        for row in self.rows:
            if bar.open_ms < row.close_ms <= bar.close_ms:
                notional += row.vwap * row.volume
                volume += row.volume
        return notional / volume if volume > 0 else bar.typical

    def settlements(self) -> Iterator[tuple[int, float]]:
        """When funding is settled and at which rate: of two rates of one settlement the first stored counts."""
        seen = set()
        for stamp, rate in self.rates:
            settled = settlement_of(stamp)
            if settled not in seen:
                seen.add(settled)
                yield settled, rate


def settlement_of(stamp: int) -> int:
    """The nearest whole hour within 25 minutes, else the stamp."""
    hour = (stamp + HOUR // 2) // HOUR * HOUR
    return hour if abs(stamp - hour) <= JITTER_MS else stamp
