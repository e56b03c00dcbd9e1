"""The base class of strategies; deriving from it is optional."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..contract import Decision
from .market_data import MarketData


class Strategy:
    """A trading program: `init` is called once with the configured parameters, `should_trade` at every trigger."""

    def init(self, params: Mapping[str, Any]) -> None:
        """Take the configured parameters; does nothing here."""

    def should_trade(self, data: MarketData) -> Decision | None:
        """Return what to do now; None means hold."""
        raise NotImplementedError
