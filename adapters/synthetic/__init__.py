"""Seeded made-up markets."""

from .synthetic_flow import synthetic_flow_history
from .synthetic_market import SyntheticSymbol, synthetic_klines, synthetic_symbol

__all__ = [
    # synthetic flow
    "synthetic_flow_history",
    # synthetic market
    "SyntheticSymbol",
    "synthetic_klines",
    "synthetic_symbol",
]
