"""Rule books: what venues demanded when, read from dated data files."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import replace
from decimal import Decimal
from functools import cache
from importlib.resources import files
from typing import Any

from ..config import BacktestConfig
from ..periods import SECOND_MS
from .dated import Assumptions, InForce
from .entries import EVERY, UNKNOWN, dated_values
from .instrument import Instrument, MarginTier, continuous_tiers, half_initial_tiers
from .models import FeeTier
from .rules import VenueRules


def rules_for(config: BacktestConfig) -> VenueRules:
    """Return the rules of the configured venue in force at the start of the run; without a venue the defaults."""
    if config.venue is None:
        return VenueRules()
    return RuleBook.of(config.venue).rules(config.symbols, config.start_ms, config.end_ms)


class RuleBook:
    """The dated entries of one venue. Each has `valid_from` (from when on its values hold, each until a later entry
    names it anew) and its `source`; `seen` is the day from which the source shows them where that is later, `unchecked`
    names those without a source. `ConfigurationError` says what cannot stand in a book.
    """

    def __init__(self, venue: str, book: Mapping[str, Any]) -> None:
        self.venue = venue
        self._venue_values, self._values = dated_values(venue, book)
        self._known = {name.lower(): name for name in self._values if name not in (EVERY, UNKNOWN)}

    @classmethod
    @cache
    def of(cls, venue: str) -> RuleBook:
        """Return the rule book that comes with perpsim."""
        text = files(__package__).joinpath("venues", f"{venue}.toml").read_text("utf-8")
        return cls(venue, tomllib.loads(text))

    def has(self, symbol: str) -> bool:
        """Tell whether a symbol stands in it; of others it says what is assumed."""
        return self._base_name(symbol) != UNKNOWN

    def rules(self, symbols: Sequence[str], start_ms: int, end_ms: int) -> VenueRules:
        """Return the rules in force at `start_ms`, with what had to be assumed."""
        noted = Assumptions(self.venue)
        force = InForce(start_ms, end_ms, noted)
        instruments = {symbol: self._instrument(symbol, force, noted) for symbol in symbols}
        above = self._of_venue(force, "liquidation", "partial_above_usd", None)
        return VenueRules(
            venue=self.venue,
            instruments=instruments,
            fee_tiers=tuple(FeeTier(*map(float, tier)) for tier in self._of_venue(force, "fees", "tiers", ())),
            funding_interval=self._of_venue(force, "funding", "interval", "1h"),
            funding_price=self._of_venue(force, "funding", "price", "mark"),
            trigger_price=self._of_venue(force, "orders", "trigger_price", "last"),
            cancels_when_liquidated=self._of_venue(force, "orders", "cancels_when_liquidated", False),
            partial_above_usd=None if above is None else float(above),
            partial_share=self._of_venue(force, "liquidation", "partial_share", 1.0),
            partial_cooldown_ms=self._of_venue(force, "liquidation", "cooldown_seconds", 0) * SECOND_MS,
            assumptions=noted.texts(),
        )

    def _of_venue(self, force: InForce, section: str, name: str, otherwise: Any) -> Any:
        found = force.pick(name, section, self._venue_values.get(section, {}).get(name, ()))
        return otherwise if found is None else found

    def _instrument(self, symbol: str, force: InForce, noted: Assumptions) -> Instrument:
        name = self._base_name(symbol)
        own, every = self._values.get(name, {}), self._values.get(EVERY, {})
        if fee := self._venue_values.get("liquidation", {}).get("fee_percent"):
            own = {"liquidation_fee": fee, **own}
        found = {
            each: force.pick(each, symbol, own.get(each, ()), every.get(each, ())) for each in sorted({*own, *every})
        }
        instrument = Instrument(
            symbol,
            price_step=found.get("price_step"),
            price_digits=found.get("price_digits"),
            price_decimals=_price_decimals(found),
            size_step=_size_step(found),
            min_notional=float(found.get("min_notional", 0.0)),
            liquidation_fee=float(found.get("liquidation_fee", 0.0)),
        )
        if "margin" in found:
            instrument = replace(instrument, tiers=_tiers(found["margin"]))
        if name == UNKNOWN:
            noted.add(_assumed(instrument))
        return instrument

    def _base_name(self, symbol: str) -> str:
        """Return the name under which a symbol stands: its own, or that without its quote currency, else "default"."""
        lower = symbol.lower()
        names = [lower, *(lower.removesuffix(suffix) for suffix in ("/usdt", "usdt", "usdc", "usd", "-perp"))]
        return next((self._known[name] for name in names if name in self._known), UNKNOWN)


def _assumed(instrument: Instrument) -> str:
    """Return what is said of a symbol that is not in the book."""
    size = "any size" if instrument.size_step is None else f"sizes in steps of {instrument.size_step}"
    return (
        f"{instrument.symbol} is not in it: assumed are at most {instrument.max_leverage:g}x, "
        f"{100.0 * instrument.tiers[0].maintenance_rate:.3g} % of notional as maintenance margin, {size} "
        f"and at least {instrument.min_notional:g} USD"
    )


def _size_step(found: Mapping[str, Any]) -> str | None:
    decimals = found.get("size_decimals")
    return found.get("size_step") if decimals is None else str(Decimal(1).scaleb(-decimals))


def _price_decimals(found: Mapping[str, Any]) -> int | None:
    """Return the decimals of prices: their own, or what those of sizes leave of the `decimals` of both."""
    both, sizes = found.get("decimals"), found.get("size_decimals")
    return found.get("price_decimals") if both is None or sizes is None else both - sizes


def _tiers(rows: Sequence[Sequence[float]]) -> tuple[MarginTier, ...]:
    """Return the tiers of `margin` rows: (from USD, leverage[, maintenance percent[, deduction USD]]). Without the
    percent maintenance is half the initial margin at that leverage, without the deduction it has no jump.
    """
    if len(rows[0]) == 2:
        return half_initial_tiers((float(start), leverage) for start, leverage in rows)
    if len(rows[0]) == 3:
        return continuous_tiers((float(start), leverage, percent / 100.0) for start, leverage, percent in rows)
    return tuple(
        MarginTier(float(start), leverage, percent / 100.0, float(deduction))
        for start, leverage, percent, deduction in rows
    )
