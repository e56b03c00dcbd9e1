"""What a strategy gets at a trigger: the account as it stood then, the trigger, and the market up to then."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, ClassVar, Literal, Protocol

import numpy as np

from ..account import AccountState, MarginRules
from ..contract import AccountEvent, OpenOrders, Order, Position, RegimeInfo, Trade, late_record
from ..kernel import TriggerEvent
from ..market.series import Kline
from .account_events import account_event
from .data_provider import HistoricalDataProvider

RECENT_TRADES = 20
MOST_WAKES = 1_000
NO_RULES = MarginRules()


class ClosedTrade(Protocol):
    """What a program is told of a closed trade, whoever keeps it."""

    @property
    def symbol(self) -> str:
        """Its symbol."""

    @property
    def side(self) -> str:
        """ "long" or "short"."""

    @property
    def size(self) -> float:
        """What was closed, in coins."""

    @property
    def exit_price(self) -> float:
        """At which price."""

    @property
    def exit_timestamp(self) -> int:
        """When, in epoch ms."""

    @property
    def pnl(self) -> float:
        """What came of it, in USD."""


#: What a program is asked with: instant (epoch ms), trigger, account, closed trades, open orders, and
#: what answers it about the market, the rules of margin, and
#: what has happened since the last time, and up to when the market is known to it, and what its clock shows.
Asked = tuple[
    int,
    TriggerEvent,
    AccountState,
    Sequence[ClosedTrade],
    tuple[Order, ...] | OpenOrders,
    HistoricalDataProvider,
    MarginRules,
    Sequence[object],
    tuple[int, int],
]


@dataclass(slots=True, eq=False)
class ViewedRun:
    """What all views of a run have in common: what answers about the market, the trades that are closed so far, the
    rules of margin, and what gives the orders that are pending just now.
    """

    provider: HistoricalDataProvider
    trades: Sequence[ClosedTrade]
    margins: MarginRules = NO_RULES
    pending: Callable[[], tuple[Order, ...] | OpenOrders] = tuple


@dataclass(slots=True, init=False, repr=False, eq=False, match_args=False)
class MarketData:
    """The contract's view of one instant, made by `view_at`. It keeps its instant: read later, it answers as it did
    then.

    Money in USD. Fields are worked out when they are read.
    """

    _run: ViewedRun
    _at: int
    _known: int
    _clock: int
    _trigger: TriggerEvent
    _state: AccountState
    _trade_count: int | None
    _open_orders: tuple[Order, ...] | OpenOrders | None
    _news: Sequence[object]
    _wakes: list[int] | None
    _equity: float | None
    _positions: dict[str, Position] | None
    _regime: RegimeInfo | None

    default_leverage: ClassVar[int] = 3
    environment: ClassVar[str] = "mainnet"
    signal_source_type: ClassVar[None] = None
    wallet_event: ClassVar[None] = None

    @property
    def timestamp(self) -> int:
        """The instant, in epoch ms."""
        return self._clock

    @property
    def max_leverage(self) -> int:
        """The highest leverage that a decision may ask for; a venue may allow less for a symbol, or for much of it."""
        return self._run.margins.max_leverage

    @property
    def total_equity(self) -> float:
        """Cash plus unrealised profit at the prices that margin is judged at: marks, or the last ones."""
        if self._equity is None:
            self._equity = self._state.equity(self._mark) if self._state.holdings else self._state.cash
        return self._equity

    @property
    def used_margin(self) -> float:
        """The margin of the open positions."""
        return self._state.used_margin()

    @property
    def available_balance(self) -> float:
        """Equity - used margin; it may be negative."""
        return self.total_equity - self._state.used_margin()

    @property
    def margin_usage_percent(self) -> float:
        """Used margin in percent of equity, 0 to 100; 100 when equity is not positive."""
        equity = self.total_equity
        if equity <= 0.0:
            return 100.0
        return min(max(100.0 * self.used_margin / equity, 0.0), 100.0)

    @property
    def maintenance_margin(self) -> float:
        """The equity below which the positions would be liquidated."""
        return self._run.margins.maintenance(self._state, self._mark)

    @property
    def positions(self) -> dict[str, Position]:
        """The open positions by symbol."""
        found = self._positions
        if found is None:
            found = self._positions = {}
            holdings = self._state.holdings
            if holdings:
                field_of = partial(_position_field, self._run, self._at, self._known, self._state)
                for symbol in holdings:
                    found[symbol] = late_record(Position, symbol, field_of)
        return found

    @property
    def recent_trades(self) -> list[Trade]:
        """The last 20 closed trades, newest first."""
        trades, count = self._run.trades, self._trade_count
        count = len(trades) if count is None else count
        newest = trades[max(count - RECENT_TRADES, 0) : count]
        return [
            Trade(
                trade.symbol,
                "Long" if trade.side == "long" else "Short",
                trade.size,
                trade.exit_price,
                trade.exit_timestamp,
                trade.pnl,
            )
            for trade in reversed(newest)
        ]

    @property
    def open_orders(self) -> list[Order]:
        """Pending take-profits, stop-losses and orders that wait for their kline."""
        return list(_seen_orders(self))

    @property
    def events(self) -> list[AccountEvent]:
        """What has happened to the account since the last trigger, in order: fills, rejections, cancels, liquidations,
        funding; what a decision of that trigger caused is among it.
        """
        return list(map(account_event, self._news))

    def wake_at(self, time_ms: int) -> None:
        """Ask for one more trigger, of the type "timer", at an instant in epoch ms.

        One that is not after now is counted and does nothing, and so is one after the end of the run. What is no whole
        number is a `TypeError`, and more than a thousand at one trigger are a `ValueError`.
        """
        if isinstance(time_ms, bool) or not isinstance(time_ms, (int, np.integer)):
            raise TypeError(f"wake_at takes a time in ms as a whole number, not {type(time_ms).__name__}")
        if self._wakes is None:
            self._wakes = []
        if len(self._wakes) >= MOST_WAKES:
            raise ValueError(f"wake_at was called more than {MOST_WAKES:,} times at one trigger")
        self._wakes.append(int(time_ms))

    @property
    def trigger_type(self) -> Literal["signal", "scheduled", "order", "timer"]:
        """What woke the strategy; "order": something that `wake_on` names, "timer": a time that `wake_at` named."""
        return self._trigger.trigger_type

    @property
    def trigger_symbol(self) -> str:
        """The symbol whose signals woke the strategy, "" for a scheduled trigger."""
        return self._trigger.symbol

    @property
    def signal_pool_name(self) -> str:
        """The pool that fired, "" for a scheduled trigger."""
        return self._trigger.pool_name

    @property
    def pool_logic(self) -> str:
        """OR or AND."""
        return self._trigger.pool_logic

    @property
    def triggered_signals(self) -> list[dict[str, Any]]:
        """The signals that made the pool fire."""
        return [dict(signal) for signal in self._trigger.triggered_signals]

    @property
    def trigger_market_regime(self) -> RegimeInfo | None:
        """The regime on 5m at a signal trigger (worked out when read), None at a scheduled one."""
        if self._trigger.trigger_type != "signal":
            return None
        if self._regime is None:
            found = self._trigger.market_regime
            self._regime = self._now().get_regime(self.trigger_symbol, "5m") if found is None else found
        return self._regime

    def _mark(self, symbol: str) -> float:
        return self._run.provider.margin_price(symbol, self._known)

    def _now(self) -> HistoricalDataProvider:
        provider = self._run.provider
        provider.now = self._known
        return provider

    def get_price(self, symbol: str) -> float:
        """Return the last known price, 0.0 when unknown."""
        provider = self._run.provider
        provider.now = self._known
        return provider.get_price(symbol)

    def get_market_data(self, symbol: str) -> dict[str, Any]:
        """Return price and the figures of the last 24 hours; {} when unknown."""
        return self._now().get_market_data(symbol)

    def get_klines(self, symbol: str, period: str, count: int = 50) -> list[Kline]:
        """Return the last `count` klines, oldest first, the forming one included, in a list of the caller's own."""
        provider = self._run.provider
        provider.now = self._known
        return provider.get_klines(symbol, period, count)

    def get_indicator(self, symbol: str, indicator: str, period: str) -> dict[str, Any]:
        """Return an indicator over the last 500 klines; {} when unknown."""
        provider = self._run.provider
        provider.now = self._known
        return provider.get_indicator(symbol, indicator, period)

    def get_flow(self, symbol: str, metric: str, period: str) -> dict[str, Any]:
        """Return a flow metric; {} where there are no flow rows."""
        return self._now().get_flow(symbol, metric, period)

    def get_price_change(self, symbol: str, period: str) -> dict[str, float]:
        """Return {change_percent, change_usd} against the previous period; zeros when unknown."""
        return self._now().get_price_change(symbol, period)

    def get_regime(self, symbol: str, period: str) -> RegimeInfo:
        """Return the market regime."""
        return self._now().get_regime(symbol, period)

    def get_feature(self, name: str, symbol: str, count: int = 1) -> dict[str, Any]:
        """Return the newest value of a feature of one's own and its time, with the last `count` of them; {} while none
        is known.
        """
        return self._now().get_feature(name, symbol, count)

    def record(self, name: str, value: float) -> None:
        """Keep a finite number in a series of the program's own, at this instant; of several under a name the last
        counts. Raises `ValueError` or `TypeError` for a value or a name that is none.
        """
        self._run.provider.recorded.add(self._at, name, value)

    def get_factor(self, symbol: str, factor_name: str, period: str = "5m") -> dict[str, Any]:
        """Return a factor's `value` (six decimals; None while it is unknown) over the last 500 klines, the forming one
        included, with its `expression`, `description` and `category`, or an `error`.
        """
        return self._now().get_factor(symbol, factor_name, period)

    def get_factor_ranking(self, symbol: str, top_n: int = 10) -> list[Any]:
        """Return []: how well factors foretell is not known."""
        return self._now().get_factor_ranking(symbol, top_n)


def view_at(
    run: ViewedRun,
    at: int,
    trigger: TriggerEvent,
    state: AccountState,
    open_orders: tuple[Order, ...] | OpenOrders | None = (),
    news: Sequence[object] = (),
) -> MarketData:
    """Return what a program sees of a run at an instant (epoch ms) at which a trigger came. `open_orders` None stands
    for what the run has pending, which is looked up when it is read; `news` is what has happened to the account since
    the last trigger. Of a view that is read when pending orders or closed trades have changed, `keep_view` comes first.
    """
    data = MarketData()  # without a constructor, as one is made at every trigger: Python gets to those through C only
    data._run = run
    data._at = data._known = data._clock = run.provider.recorded.now = at
    data._trigger = trigger
    data._state = state
    data._open_orders = open_orders
    data._news = news
    data._trade_count = None
    data._wakes = None
    data._equity = None
    data._positions = None
    data._regime = None
    return data


def keep_view(data: MarketData) -> None:
    """Let a view tell of its instant when that is over."""
    _seen_orders(data)
    data._trade_count = len(data._run.trades)


def _seen_orders(data: MarketData) -> tuple[Order, ...] | OpenOrders:
    orders = data._open_orders
    if orders is None:
        orders = data._open_orders = data._run.pending()
    return orders


def told_otherwise(data: MarketData, known_ms: int, clock_ms: int) -> None:
    """Let a view tell of the market what was known at `known_ms`, and as the time `clock_ms` (both epoch ms); cash,
    positions, orders and trades stay those of its instant.
    """
    data._known, data._clock = known_ms, clock_ms


def what_is_asked(data: MarketData) -> Asked:
    """Return what stands behind the view of a program: for those who ask it elsewhere, at every trigger."""
    run, orders, news = data._run, data._open_orders, data._news
    if orders is None:
        orders = run.pending()
    sight = data._known, data._clock
    return data._at, data._trigger, data._state, run.trades, orders, run.provider, run.margins, news, sight


def _position_field(run: ViewedRun, at: int, known: int, state: AccountState, symbol: str, name: str) -> Any:
    """Return a field of a position by its name, as it was at an instant (epoch ms) in that state of the account, at the
    prices that were known then.
    """
    held = state.holdings[symbol]
    if name == "unrealized_pnl":
        return held.unrealized(run.provider.margin_price(symbol, known) or held.entry_price)
    if name == "liquidation_price":
        return run.margins.liquidation_price(state, symbol, partial(run.provider.margin_price, time_ms=known))
    return at if name == "as_of" else getattr(held, name)
