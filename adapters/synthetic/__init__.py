"""Seeded made-up markets."""

from .synthetic_flow import synthetic_flow_history
from .synthetic_market import SyntheticSymbol, synthetic_klines, synthetic_pieces, synthetic_symbol

__all__ = ["SyntheticSymbol", "synthetic_flow_history", "synthetic_klines", "synthetic_pieces"]
__all__ += ["synthetic_symbol"]
