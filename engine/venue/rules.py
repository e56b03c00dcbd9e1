"""The rules of a venue that are in force during a run."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from .instrument import Instrument
from .models import FeeTier


@dataclass(frozen=True, kw_only=True)
class VenueRules:
    """What a venue demands of orders and positions. Without a venue: nothing but the defaults.

    `instruments` are by symbol, `fee_tiers` by 14-day volume; `venue` is its name, None without one. Funding is paid
    every `funding_interval`, `funding_price` is what it is reckoned on. A position above `partial_above_usd` is
    liquidated by `partial_share` first, and in full within `partial_cooldown_ms` of that. `trigger_price` is what
    brackets and trailing stops watch unless the configuration says otherwise; `cancels_when_liquidated` tells whether a
    liquidation takes the account's resting orders away. `assumptions` says what had to be assumed.
    """

    venue: str | None = None
    instruments: Mapping[str, Instrument] = field(default_factory=dict)
    fee_tiers: tuple[FeeTier, ...] = ()
    funding_interval: str = "1h"
    funding_price: Literal["mark", "oracle"] = "mark"
    trigger_price: Literal["last", "mark"] = "last"
    cancels_when_liquidated: bool = False
    partial_above_usd: float | None = None
    partial_share: float = 1.0
    partial_cooldown_ms: int = 0
    assumptions: tuple[str, ...] = ()
