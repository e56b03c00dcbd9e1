"""Limits that an account sets itself: what is beyond them is refused, and each hit is an event."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable

from ..account import AccountState, VirtualAccount
from ..config import BacktestConfig
from ..contract import ActionType, Decision, Order
from ..kernel import Bus, Clock, Fill, RiskLimitHit
from ..periods import DAY_MS, SECOND_MS
from . import reasons


class RiskLimits:
    """The configured limits of one account; they refuse decisions to buy or sell, never to close.

    `max_daily_loss_usd` compares equity with that at 00:00 UTC (or at the start of the run); `price_at(symbol, time)`
    is the last known price at an instant.
    """

    def __init__(
        self,
        clock: Clock,
        bus: Bus,
        account: VirtualAccount,
        config: BacktestConfig,
        open_orders: Callable[[], tuple[Order, ...]],
        price_at: Callable[[str, int], float],
    ) -> None:
        self._clock, self._bus, self._account, self._config = clock, bus, account, config
        self._open_orders, self._price_at = open_orders, price_at
        self._day, self._day_equity = -1, 0.0
        self._cool_until = -1
        self.hits: list[RiskLimitHit] = []
        self.is_active = any(
            limit is not None
            for limit in (config.max_daily_loss_usd, config.max_open_orders, config.stop_cooldown_seconds)
        )
        if config.stop_cooldown_seconds is not None:
            bus.listen(Fill, self._after_fill)

    def _after_fill(self, fill: Fill) -> None:
        assert self._config.stop_cooldown_seconds is not None
        if fill.purpose != "entry" and fill.purpose.is_stop:
            self._cool_until = fill.timestamp + self._config.stop_cooldown_seconds * SECOND_MS

    def refusal(self, decision: Decision) -> str | None:
        """Return which limit forbids a decision now, or None."""
        if not self.is_active or decision.action() not in (ActionType.BUY, ActionType.SELL):
            return None
        config, symbol = self._config, str(decision.symbol)
        now = self._clock.now()
        if now < self._cool_until:
            return self._hit(reasons.COOL_DOWN, symbol, float(self._cool_until - now) / SECOND_MS)
        if config.max_open_orders is not None and len(self._open_orders()) >= config.max_open_orders:
            return self._hit(reasons.OPEN_ORDERS, symbol, float(len(self._open_orders())))
        if config.max_daily_loss_usd is not None:
            loss = self._equity_at_midnight(now) - self._account.equity()
            if loss >= config.max_daily_loss_usd:
                return self._hit(reasons.DAILY_LOSS, symbol, loss)
        return None

    def position_refusal(self, symbol: str, notional: float) -> str | None:
        """Return the limit that a position of this notional would break, or None."""
        most = self._config.max_position_usd
        if most is None or notional <= most * (1.0 + 1e-12):
            return None
        return self._hit(reasons.POSITION_NOTIONAL, symbol, notional)

    def _hit(self, limit: str, symbol: str, value: float) -> str:
        hit = RiskLimitHit(self._clock.now(), symbol, limit, value)
        self.hits.append(hit)
        self._bus.publish(hit)
        return limit

    def _equity_at_midnight(self, now: int) -> float:
        day = now // DAY_MS
        if day != self._day:
            since = max(day * DAY_MS, self._config.start_ms)
            changes = self._account.changes
            count = bisect_left(changes, since, key=lambda change: change.timestamp)
            state = changes[count - 1].state if count else AccountState(self._account.ledger.initial, {})
            self._day, self._day_equity = day, state.equity(lambda symbol: self._price_at(symbol, since))
        return self._day_equity
