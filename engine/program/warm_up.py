"""Warm-up: what becomes of a decision that was made on an indicator with too few klines to have a value."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from math import inf
from typing import Any, NamedTuple

from ..account import AccountState
from ..contract import ActionType, Decision
from ..market import KlineSeries
from ..market.indicators import INDICATOR_WINDOW, Indicator

_SIGNS: Mapping[str, int] = {ActionType.BUY: 1, ActionType.SELL: -1}


class ShortIndicator(NamedTuple):
    """An indicator that was asked for at `asked_at` (epoch ms) and had `klines` finished klines of the `needed` ones.

    It has enough from `until` (epoch ms) on, or never (None): only the last `INDICATOR_WINDOW` klines count.
    """

    symbol: str
    indicator: str
    period: str
    klines: int
    needed: int
    until: int | None
    asked_at: int

    @classmethod
    def of(cls, symbol: str, series: KlineSeries, indicator: Indicator, period: str, at: int) -> ShortIndicator:
        """Return what an indicator over klines of a period lacks at an instant."""
        finished, needed = series.finished(at), indicator.length
        until = None if needed > INDICATOR_WINDOW else _close_of(series, needed, at)
        return cls(symbol, indicator.name, period, min(finished, INDICATOR_WINDOW), needed, until, at)

    @property
    def lasts(self) -> float:
        """Until when it is too short, for comparisons."""
        return inf if self.until is None else self.until

    def text(self) -> str:
        """Return what is short, and how much of it there is."""
        return f"{self.indicator} on {self.period} of {self.symbol} has {self.klines} of {self.needed} finished klines"


def _close_of(series: KlineSeries, count: int, at: int) -> int:
    """Return when the `count`-th kline closes; where there are not so many, as if they went on without a hole."""
    opened, period_ms = series.columns.open_ms, series.period_ms
    if count <= len(opened):
        return int(opened[count - 1]) + period_ms
    return (at // period_ms + count - series.finished(at)) * period_ms


class WarmUpOutcome(StrEnum):
    """What became of a decision to open."""

    HELD = "not submitted"
    CLOSED = "only closed"
    SUBMITTED = "submitted"


class WarmUpCase(NamedTuple):
    """A decision to open that was made while an indicator which the program had asked for was too short."""

    short: ShortIndicator
    outcome: WarmUpOutcome

    @property
    def is_held(self) -> bool:
        """Whether nothing was opened."""
        return self.outcome != WarmUpOutcome.SUBMITTED

    def to_dict(self) -> dict[str, Any]:
        """Return plain values, times in epoch ms."""
        entry = self.short._asdict()
        del entry["asked_at"]
        return {**entry, "outcome": self.outcome.value}


def warm_up_case(
    decision: Decision, short: Mapping[str, ShortIndicator], state: AccountState, mode: str
) -> WarmUpCase | None:
    """Return what becomes of a decision to open; None for any other, and where nothing was too short.

    `short` are the too short indicators of the trigger by symbol, `mode` is the configured `warm_up`. With "hold" the
    symbol's own indicator holds it back (an opposite one closes what there is), with "trade" it is submitted, as it is
    where only an indicator of another symbol was too short.
    """
    sign = _SIGNS.get(decision.action())
    if sign is None or not short or decision.reduce_only is True:
        return None
    own = next((each for symbol, each in short.items() if symbol == decision.symbol), None)
    if own is None or mode == "trade":
        return WarmUpCase(own or max(short.values(), key=lambda each: each.lasts), WarmUpOutcome.SUBMITTED)
    held = state.holdings.get(own.symbol)
    is_opposite = held is not None and held.sign != sign
    return WarmUpCase(own, WarmUpOutcome.CLOSED if is_opposite else WarmUpOutcome.HELD)
