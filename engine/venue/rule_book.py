"""Rule books: what venues demanded when, read from dated data files."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from importlib.resources import files
from typing import Any, Literal

from ..config import BacktestConfig
from ..instants import instant_ms, utc_text
from ..periods import SECOND_MS
from .instrument import Instrument, MarginTier, half_initial_tiers
from .models import FeeTier

Entry = Mapping[str, Any]
_STEPS = ("price_step", "price_digits", "price_decimals", "size_step")


@dataclass(frozen=True, kw_only=True)
class VenueRules:
    """What a venue demands of orders and positions. Without a venue: nothing but the defaults.

    `funding_price` is what funding is reckoned on. A position above `partial_above_usd` is liquidated by
    `partial_share` first, and in full within `partial_cooldown_ms` of that. `assumptions` says what had to be assumed.
    """

    venue: str | None = None
    instruments: Mapping[str, Instrument] = field(default_factory=dict)
    fee_tiers: tuple[FeeTier, ...] = ()
    funding_interval: str = "1h"
    funding_price: Literal["mark", "oracle"] = "mark"
    partial_above_usd: float | None = None
    partial_share: float = 1.0
    partial_cooldown_ms: int = 0
    assumptions: tuple[str, ...] = ()


def rules_for(config: BacktestConfig) -> VenueRules:
    """Return the rules of the configured venue in force at the start of the run; without a venue the defaults."""
    if config.venue is None:
        return VenueRules()
    return RuleBook.of(config.venue).rules(config.symbols, config.start_ms, config.end_ms)


class RuleBook:
    """The dated entries of one venue. Each has `valid_from` (when it came into force, or the day it was seen) and its
    `source`.
    """

    def __init__(self, venue: str, book: Mapping[str, Any]) -> None:
        self.venue = venue
        self._book = book

    @classmethod
    @cache
    def of(cls, venue: str) -> RuleBook:
        """Return the rule book that comes with perpsim."""
        text = files(__package__).joinpath("venues", f"{venue}.toml").read_text("utf-8")
        return cls(venue, tomllib.loads(text))

    def rules(self, symbols: Sequence[str], start_ms: int, end_ms: int) -> VenueRules:
        """Return the rules in force at `start_ms`, with what had to be assumed."""
        found = _InForce(self.venue, start_ms, end_ms)
        fees, funding = found.entry("fees", self._book["fees"]), found.entry("funding", self._book["funding"])
        liquidation = found.entry("liquidation", self._book["liquidation"])
        instruments = {symbol: self._instrument(symbol, found, liquidation) for symbol in symbols}
        above = liquidation.get("partial_above_usd")
        return VenueRules(
            venue=self.venue,
            instruments=instruments,
            fee_tiers=tuple(FeeTier(*map(float, tier)) for tier in fees["tiers"]),
            funding_interval=funding["interval"],
            funding_price=funding["price"],
            partial_above_usd=None if above is None else float(above),
            partial_share=liquidation.get("partial_share", 1.0),
            partial_cooldown_ms=liquidation.get("cooldown_seconds", 0) * SECOND_MS,
            assumptions=tuple(found.assumptions),
        )

    def _instrument(self, symbol: str, found: _InForce, liquidation: Entry) -> Instrument:
        known = self._book["instruments"]
        name = _base_name(symbol, known)
        if name == "default":
            found.assume(f"{symbol} is not in it; the default instrument was assumed")
        entry = found.entry(f"instrument {name}", known[name])
        return Instrument(
            symbol,
            **{name: entry[name] for name in _STEPS if name in entry},
            min_notional=float(entry.get("min_notional", 0.0)),
            tiers=_tiers(entry),
            liquidation_fee=float(entry.get("liquidation_fee", liquidation.get("fee_percent", 0.0))),
        )


class _InForce:
    """Picks from dated entries the one in force at an instant, and notes what had to be assumed for that."""

    def __init__(self, venue: str, start_ms: int, end_ms: int) -> None:
        self._venue, self._start, self._end = venue, start_ms, end_ms
        self.assumptions: list[str] = []

    def entry(self, what: str, entries: Sequence[Entry]) -> Entry:
        """Return the last entry that is valid from the start or before; the first one where all are later."""
        dated = sorted(((instant_ms(each["valid_from"]), each) for each in entries), key=lambda pair: pair[0])
        valid = [each for since, each in dated if since <= self._start]
        if not valid:
            since, first = dated[0]
            self.assume(f"{what} is known from {utc_text(since)} on only; that was assumed for the time before")
            return first
        later = [since for since, _ in dated if self._start < since <= self._end]
        if later:
            self.assume(f"{what} changes on {utc_text(later[0])}, within the run; what was valid at its start stays")
        return valid[-1]

    def assume(self, text: str) -> None:
        self.assumptions.append(f"{self._venue} rule book: {text}")


def _base_name(symbol: str, known: Mapping[str, Any]) -> str:
    """Return the name under which a symbol stands: its own, or that without its quote currency, else "default"."""
    upper = symbol.upper()
    names = [upper, *(upper.removesuffix(suffix) for suffix in ("USDT", "USDC", "USD", "-PERP", "/USDT"))]
    return next((name for name in names if name in known), "default")


def _tiers(entry: Entry) -> tuple[MarginTier, ...]:
    """Return the tiers of `margin` rows: (from USD, leverage[, maintenance percent, deduction USD]); without the last
    two maintenance is half the initial margin at that leverage.
    """
    rows = entry["margin"]
    if len(rows[0]) == 2:
        return half_initial_tiers(rows)
    return tuple(
        MarginTier(float(start), leverage, rate / 100.0, float(deduction)) for start, leverage, rate, deduction in rows
    )
