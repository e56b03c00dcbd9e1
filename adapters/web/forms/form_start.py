"""What the form of a new configuration begins with."""

from __future__ import annotations

from typing import Any

from .served_defaults import SERVED_DEFAULTS

#: What a new configuration has in place of the defaults.
START: dict[str, Any] = {"scheduled_interval": "1h", **SERVED_DEFAULTS}

_PLAIN: dict[str, Any] = {
    "slippage_model": "percent",
    "fee_model": None,
    "maker_fee_rate": None,
    "execution_price": "close",
    "intrabar": "pessimistic",
}
PRESETS: dict[str, dict[str, Any]] = {
    "Ordinary costs": {**_PLAIN, "fee_rate": 0.035, "slippage_percent": 0.05},
    "No costs": {**_PLAIN, "fee_rate": 0.0, "slippage_percent": 0.0, "fee_model": "flat"},
    "Harsh": {**_PLAIN, "fee_rate": 0.07, "slippage_percent": 0.2, "execution_price": "open"},
}
