"""Main figures of a run worked out a second time, from its journal and prices alone: plain loops, which share nothing
with what has worked them out first.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

_MINUTE, _DAY = 60_000, 86_400_000
_YEAR_DAYS = 365.0
#: What a deviation is below which all values count as equal, and the part of a position that counts as nothing.
_NOTHING = 1e-12
#: A run of fewer days is not taken to a year.
_SHORTEST_DAYS = 30

#: When a price was known (epoch ms) and which: in order of time.
Prices = Sequence[tuple[int, float]]


@dataclass
class SymbolPrices:
    """What a symbol is worth: closes of klines, and marks, of which one that is not older than `stale_ms` counts."""

    closes: Prices
    marks: Prices
    stale_ms: int
    _close: int = 0
    _mark: int = 0

    def at(self, time_ms: int) -> float | None:
        """Return the price at an instant, of instants that never go back; None where none is known yet."""
        while self._close < len(self.closes) and self.closes[self._close][0] <= time_ms:
            self._close += 1
        while self._mark < len(self.marks) and self.marks[self._mark][0] <= time_ms:
            self._mark += 1
        if self._mark and time_ms - self.marks[self._mark - 1][0] <= self.stale_ms:
            return self.marks[self._mark - 1][1]
        return self.closes[self._close - 1][1] if self._close else None


@dataclass
class _Held:
    size: float = 0.0  # below 0: short
    entry: float = 0.0
    fees: float = 0.0
    funding: float = 0.0
    opened: int = 0


@dataclass
class _Books:
    """Money and positions as they follow from the lines of a journal."""

    cash: float
    held: dict[str, _Held] = field(default_factory=dict)
    gross: list[float] = field(default_factory=list)
    fees: list[float] = field(default_factory=list)
    funding: list[float] = field(default_factory=list)
    covered: list[float] = field(default_factory=list)
    traded: list[float] = field(default_factory=list)
    pnl: list[float] = field(default_factory=list)
    lasted: list[int] = field(default_factory=list)

    def take(self, line: Mapping[str, Any]) -> None:
        """Book a line."""
        if line["message"] == "funding":
            self.cash += line["amount"]
            self.funding.append(line["amount"])
            self.held[line["symbol"]].funding += line["amount"]
        elif line["message"] == "fill":
            self._fill(line)

    def _fill(self, line: Mapping[str, Any]) -> None:
        size, price, fee = float(line["size"]), float(line["price"]), float(line["fee"])
        self.cash -= fee
        self.fees.append(fee)
        self.traded.append(size * price)
        signed = size if line["side"] == "buy" else -size
        held = self.held.setdefault(line["symbol"], _Held())
        if held.size * signed >= 0.0:
            if held.size == 0.0:
                held.opened = line["at"]
            held.entry = (held.entry * abs(held.size) + price * size) / (abs(held.size) + size)
            held.size += signed
            held.fees += fee
            return
        self._close(line["symbol"], held, signed, price, fee, dict(line["postings"]).get("shortfall_covered", 0.0))
        self.lasted.append(line["at"] - held.opened)

    def _close(self, symbol: str, held: _Held, signed: float, price: float, fee: float, covered: float) -> None:
        share = min(1.0, abs(signed) / abs(held.size))
        if 1.0 - share <= _NOTHING:
            share = 1.0
        gross = -signed * (price - held.entry)
        self.cash += gross + covered
        self.gross.append(gross)
        self.covered.append(covered)
        self.pnl.append(gross - held.fees * share - fee + held.funding * share + covered)
        held.size += signed
        held.fees -= held.fees * share
        held.funding -= held.funding * share
        if share == 1.0:
            del self.held[symbol]

    def open_profit(self, time_ms: int, prices: Mapping[str, SymbolPrices]) -> float:
        """Return what the positions have gained since their entries."""
        total = 0.0
        for symbol, held in self.held.items():
            price = prices[symbol].at(time_ms)
            total += held.size * ((price or held.entry) - held.entry)
        return total


def second_figures(lines: Sequence[Mapping[str, Any]], prices: Mapping[str, SymbolPrices]) -> dict[str, Any]:
    """Return figures by their names, from the lines of a journal, as dicts, and the prices of each symbol."""
    start, end, initial = int(lines[0]["at"]), int(lines[-1]["at"]), float(lines[0]["initial_balance"])
    books = _Books(initial)
    instants, equity, held_minutes = [], [], 0
    place = 1
    for instant in _instants(start, end):
        while lines[place]["message"] != "end" and lines[place]["at"] <= instant:
            books.take(lines[place])
            place += 1
        instants.append(instant)
        equity.append(books.cash + books.open_profit(instant, prices))
        held_minutes += bool(books.held) and instant < end
    figures = {**_money(books, initial, equity[-1]), **_trades(books)}
    returns = _daily_returns(instants, equity)
    figures |= {**_falls(equity), **_ratios(returns, bool(books.fees))}
    figures |= _by_the_year(initial, equity, (end - start) / _DAY, figures["max_drawdown_percent"])
    figures["exposure_percent"] = 100.0 * held_minutes / (len(instants) - 1)
    return figures


def _instants(start: int, end: int) -> Iterator[int]:
    yield start
    yield from range((start // _MINUTE + 1) * _MINUTE, end, _MINUTE)
    yield end


def _money(books: _Books, initial: float, final: float) -> dict[str, Any]:
    unrealized = final - books.cash
    return {
        "final_equity": final,
        "total_pnl": final - initial,
        "total_pnl_percent": 100.0 * (final - initial) / initial,
        "price_pnl": math.fsum(books.gross) + unrealized,
        "unrealized_pnl": unrealized,
        "fees_paid": math.fsum(books.fees),
        "funding_received": math.fsum(books.funding),
        "shortfall_covered": math.fsum(books.covered),
        "turnover_usd": math.fsum(books.traded),
        "fills": len(books.traded),
    }


def _trades(books: _Books) -> dict[str, Any]:
    wins = [each for each in books.pnl if each > 0]
    losses = [each for each in books.pnl if each < 0]
    won, lost, count = math.fsum(wins), math.fsum(losses), len(books.pnl)
    return {
        "total_trades": count,
        "winning_trades": len(wins),
        "losing_trades": len(losses),
        "win_rate": 100.0 * len(wins) / count if count else 0.0,
        "gross_profit": won,
        "gross_loss": lost,
        "profit_factor": won / -lost if losses else None,
        "avg_win": won / len(wins) if wins else 0.0,
        "avg_loss": lost / len(losses) if losses else 0.0,
        "largest_win": max(wins, default=0.0),
        "largest_loss": min(losses, default=0.0),
        "expectancy": (won + lost) / count if count else None,
        "payoff_ratio": (won / len(wins)) / (-lost / len(losses)) if wins and losses else None,
        "longest_win_streak": _streak(books.pnl, 1),
        "longest_loss_streak": _streak(books.pnl, -1),
        "avg_holding_ms": round(sum(books.lasted) / count) if count else None,
    }


def _streak(values: Sequence[float], sign: int) -> int:
    longest = present = 0
    for value in values:
        present = present + 1 if value * sign > 0 else 0
        longest = max(longest, present)
    return longest


def _daily_returns(instants: Sequence[int], equity: Sequence[float]) -> list[float]:
    """Return the returns between start, midnights and end; the first mark of 0 or below is the last one."""
    marks, returns = [equity[0]], []
    ruined = False
    for place in range(1, len(instants)):
        ruined = equity[place] <= 0.0
        if ruined or place == len(instants) - 1 or instants[place] % _DAY == 0:
            returns.append(equity[place] / marks[-1] - 1.0)
            marks.append(equity[place])
        if ruined:
            break
    return returns


def _falls(equity: Sequence[float]) -> dict[str, Any]:
    peak, usd, percent = equity[0], 0.0, 0.0
    for value in equity:
        peak = max(peak, value)
        usd = max(usd, peak - value)
        if peak > 0.0:
            percent = max(percent, 100.0 * (peak - value) / peak)
    return {"max_drawdown": usd, "max_drawdown_percent": percent, "highest_equity": max(equity)}


def _ratios(returns: Sequence[float], has_traded: bool) -> dict[str, Any]:
    count = len(returns)
    gains = math.fsum(each for each in returns if each > 0)
    falls = -math.fsum(each for each in returns if each < 0)
    figures: dict[str, Any] = {
        "return_count": count,
        "best_day_percent": 100.0 * max(returns) if returns else None,
        "worst_day_percent": 100.0 * min(returns) if returns else None,
        "winning_days": sum(each > 0 for each in returns),
        "losing_days": sum(each < 0 for each in returns),
        "omega_ratio": gains / falls if count >= 2 and falls > _NOTHING else None,
    }
    mean = math.fsum(returns) / count if count else 0.0
    variance = math.fsum((each - mean) ** 2 for each in returns) / (count - 1) if count >= 2 else 0.0
    downside = math.sqrt(math.fsum(each**2 for each in returns if each < 0) / count) if count else 0.0
    least = _NOTHING * max([1.0, *map(abs, returns)])
    figures["sharpe_ratio"] = _yearly(mean, math.sqrt(variance), least, count)
    figures["sortino_ratio"] = _yearly(mean, downside, least, count)
    volatility = 100.0 * math.sqrt(variance * _YEAR_DAYS)
    figures["annual_volatility_percent"] = volatility if has_traded and count >= 2 else None
    return figures


def _yearly(mean: float, deviation: float, least: float, count: int) -> float | None:
    return mean / deviation * math.sqrt(_YEAR_DAYS) if count >= 2 and deviation > least else None


def _by_the_year(initial: float, equity: Sequence[float], days: float, fall_percent: float) -> dict[str, Any]:
    growth = None
    if days >= _SHORTEST_DAYS:
        last = 0.0 if min(equity) <= 0.0 else equity[-1]
        growth = 100.0 * ((last / initial) ** (_YEAR_DAYS / days) - 1.0)
    has_fallen = fall_percent / 100.0 > _NOTHING
    return {
        "annual_return_percent": growth,
        "calmar_ratio": growth / fall_percent if growth is not None and has_fallen else None,
    }
