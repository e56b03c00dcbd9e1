"""What profiles say, and the bounds of every configuration.

They stand apart from its fields, which take a hundredth of a second to load: the sandbox has no use for those.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

#: No decision may ask for more leverage, whatever is configured.
MOST_LEVERAGE = 50
#: By profile, what fields hold that are not given.
PROFILES: Mapping[str, Mapping[str, Any]] = {
    "live": {
        "schedule_mode": "after_trigger",
        "strategy_lifetime": "trigger",
        "on_strategy_error": "hold",
        "max_leverage": 10,
        "warm_up": "trade",
    }
}
#: By profile, the least share of the available balance that a decision to open may ask for.
LEAST_PORTIONS: Mapping[str | None, float] = {"live": 0.1}
