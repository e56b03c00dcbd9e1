"""Limits that an account sets itself: what is beyond them is refused, and each hit is an event."""

from __future__ import annotations

from .. import reasons
from ..account import AccountState
from ..contract import ActionType, Decision
from ..kernel import Fill, RiskLimitHit
from ..periods import DAY_MS, SECOND_MS
from .floor import TradingFloor


class RiskLimits:
    """The configured limits of one account; they refuse decisions to buy or sell, never to close.

    `max_daily_loss_usd` compares equity with that at 00:00 UTC (or at the start of the run).
    """

    def __init__(self, floor: TradingFloor) -> None:
        self._floor = floor
        self._day, self._day_equity = -1, 0.0
        self._cool_until = -1
        self.hits: list[RiskLimitHit] = []
        self._listens = False
        self.follow()

    def follow(self) -> None:
        """Take the limits of the configuration that holds from now on: the pause after a stop is that of stops before
        now, too.
        """
        config, floor = self._floor.config, self._floor
        limits = (config.stop_cooldown_seconds, config.max_open_orders, config.max_daily_loss_usd)
        #: Whether any of them may refuse a decision.
        self.refuses_decisions = limits != (None, None, None)
        self._cool_until = -1
        if config.stop_cooldown_seconds is not None:
            for fill in floor.fills:
                self._after_fill(fill)
            if not self._listens:
                self._listens = True
                floor.bus.listen(Fill, self._after_fill)

    def _after_fill(self, fill: Fill) -> None:
        seconds = self._floor.config.stop_cooldown_seconds
        if seconds is not None and fill.purpose != "entry" and fill.purpose.is_stop:
            self._cool_until = fill.timestamp + seconds * SECOND_MS

    def refusal(self, decision: Decision) -> str | None:
        """Return which limit forbids a decision now, or None."""
        if not self.refuses_decisions or decision.action() not in (ActionType.BUY, ActionType.SELL):
            return None
        config, symbol, now = self._floor.config, str(decision.symbol), self._floor.clock.now()
        if now < self._cool_until:
            return self._hit(reasons.COOL_DOWN, symbol, float(self._cool_until - now) / SECOND_MS)
        if config.max_open_orders is not None:
            count = len(self._floor.pending.views())
            if count >= config.max_open_orders:
                return self._hit(reasons.OPEN_ORDERS, symbol, float(count))
        if config.max_daily_loss_usd is not None:
            loss = self._equity_at_midnight(now) - self._floor.account.equity()
            if loss >= config.max_daily_loss_usd:
                return self._hit(reasons.DAILY_LOSS, symbol, loss)
        return None

    def position_refusal(self, symbol: str, notional: float, order_id: int) -> str | None:
        """Return the limit that a position of this notional, with what an order adds to it, would break, or None."""
        most = self._floor.config.max_position_usd
        if most is None or notional <= most * (1.0 + 1e-12):
            return None
        self._floor.resized(order_id, "risk-limit", notional, most, "USD")
        return self._hit(reasons.POSITION_NOTIONAL, symbol, notional)

    def _hit(self, limit: str, symbol: str, value: float) -> str:
        hit = RiskLimitHit(self._floor.clock.now(), symbol, limit, value)
        self.hits.append(hit)
        self._floor.bus.publish(hit)
        return limit

    def _equity_at_midnight(self, now: int) -> float:
        day = now // DAY_MS
        if day != self._day:
            since = max(day * DAY_MS, self._floor.config.start_ms)
            account = self._floor.account
            state = account.changes.before(since) or AccountState(account.ledger.initial, {})
            self._day, self._day_equity = day, state.equity(lambda symbol: self._floor.margin_price(symbol, since))
        return self._day_equity
