"""An independent judge: a slow, obvious, bar-by-bar simulation of a whole back-test.

Written from the rules of design.md (sections 2, 4, 5, 6) and compatibility.md (1, 2, 8) alone. It shares no code with
the project, knows nothing of its event queue, and visits every minute. Where it and the engine differ, one is wrong.

Covered: scheduled ticks on the grid, 1m klines, market and Ioc orders, take-profit / stop-loss brackets. Not covered:
signals, 15-second rows, mark prices, funding, liquidation, resting limit orders (they are rejected), order latency.

The order of things in one instant t:
  1. the kline [t - 1m, t) is finished: its close is the last known price; the kline that opens at t shows its open;
  2. what belongs to the klines that close now (touched brackets, "vwap" fills), then what belongs to the opens of the
     klines that begin now (gapped brackets, "open" fills, orders that found no kline): each per symbol in configuration
     order, within a symbol oldest first;
  3. the decision of the tick at t, if there is one;
  4. step 2 again, for what step 3 created;
  5. the equity mark.
"""

import math
from bisect import bisect_left
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

MINUTE = 60_000
CLOSES_ALL = 1 - 1e-12
MAX_LEVERAGE = 50

DEFAULTS: dict[str, Any] = {
    "target_portion_of_balance": 0.0,
    "leverage": 10,
    "max_price": None,
    "min_price": None,
    "time_in_force": "Ioc",
    "take_profit_price": None,
    "stop_loss_price": None,
    "tp_execution": "limit",
    "sl_execution": "limit",
}


@dataclass
class Bars:
    """The 1m klines of one symbol, oldest first; minutes may be missing."""

    open_ms: list[int]
    open: list[float]
    high: list[float]
    low: list[float]
    close: list[float]


@dataclass
class Settings:
    """The part of the configuration that the oracle knows; names and defaults as in the contract."""

    symbols: list[str]
    start: int
    end: int
    interval_ms: int
    initial_balance: float = 10000.0
    slippage_percent: float = 0.05
    fee_rate: float = 0.035
    maker_fee_rate: float | None = None
    execution_price: str = "close"
    intrabar: str = "pessimistic"
    bracket_execution: str = "market"
    price_stale_ms: int = 600_000
    fill_on: str = "through"


@dataclass
class Position:
    """An open position; `margin` and `entry_fees` shrink with it."""

    symbol: str
    side: str
    size: float
    entry_price: float
    margin: float
    entry_fees: float
    decided_ms: int
    opened_ms: int

    @property
    def sign(self) -> int:
        return 1 if self.side == "long" else -1

    @property
    def leverage(self) -> float:
        return self.entry_price * self.size / self.margin

    def profit_at(self, price: float, size: float) -> float:
        return (price - self.entry_price) * size * self.sign


@dataclass
class View:
    """What a decision may look at; a snapshot of the account at t."""

    now: int
    prices: dict[str, float]
    available_balance: float
    total_equity: float
    used_margin: float
    positions: dict[str, Position]
    open_orders: int

    def price(self, symbol: str) -> float:
        """The last known close, however old; 0.0 when there is none."""
        return self.prices.get(symbol, 0.0)


@dataclass
class Outcome:
    """Everything that a test compares."""

    trades: list[dict[str, Any]] = field(default_factory=list)
    rejections: dict[str, int] = field(default_factory=dict)
    ambiguous_klines: int = 0
    ambiguous_brackets: int = 0
    final_cash: float = 0.0
    final_equity: float = 0.0
    open_positions: dict[str, Position] = field(default_factory=dict)
    equity_curve: list[tuple[int, float]] = field(default_factory=list)


Decide = Callable[[int, View], dict[str, Any] | None]


@dataclass
class _Kline:
    open_ms: int
    open: float
    high: float
    low: float
    close: float


@dataclass
class _Bracket:
    """Take-profit and stop-loss of one entry. `stop_rests_since`: a limit stop that was gapped through."""

    age: int
    symbol: str
    entry_ms: int
    size: float
    take_profit: float | None
    stop_loss: float | None
    tp_limit: bool
    sl_limit: bool
    stop_rests_since: int | None = None


@dataclass
class _Waiting:
    """An "open" or "vwap" order that waits for its kline (None: no kline in time)."""

    age: int
    symbol: str
    decision: dict[str, Any]
    submitted_ms: int
    kline: _Kline | None
    due_ms: int


class _Run:
    """One back-test."""

    def __init__(self, bars: dict[str, Bars], settings: Settings, decide: Decide) -> None:
        self.settings = settings
        self.decide = decide
        self.klines = {symbol: _klines_by_open(bars[symbol]) for symbol in settings.symbols}
        self.now = settings.start
        self.cash = settings.initial_balance
        self.last_price: dict[str, float] = {}
        self.last_close_ms: dict[str, int] = {}
        self.positions: dict[str, Position] = {}
        self.pending: dict[str, list[_Bracket | _Waiting]] = {symbol: [] for symbol in settings.symbols}
        self.next_age = 0
        self.ambiguous: set[tuple[str, int]] = set()
        self.outcome = Outcome()

    # --- the loop ---------------------------------------------------------------------------------------------

    def run(self) -> Outcome:
        settings = self.settings
        ticks = set(range(settings.start + settings.interval_ms, settings.end + 1, settings.interval_ms))
        marks = set(range(_next_minute(settings.start), settings.end, MINUTE))
        marks |= {settings.start, settings.end}
        for symbol in settings.symbols:
            self._learn_prices_before_start(symbol)
        for now in self._instants(ticks, marks):
            self.now = now
            for symbol in settings.symbols:
                self._learn_price(symbol)
            self._work_off_pending()
            if self.now in ticks:
                self._take_decision()
                self._work_off_pending()
            if self.now in marks:
                self.outcome.equity_curve.append((self.now, self._equity()))
        for symbol in settings.symbols:
            for item in self.pending[symbol]:
                if isinstance(item, _Waiting):
                    self._reject("end of run")
        self.outcome.ambiguous_klines = len(self.ambiguous)
        self.outcome.final_cash = self.cash
        self.outcome.final_equity = self._equity()
        self.outcome.open_positions = dict(self.positions)
        return self.outcome

    def _instants(self, ticks: set[int], marks: set[int]) -> list[int]:
        """Every instant of [start, end] at which anything can happen, oldest first."""
        instants = ticks | marks | {t + self.settings.price_stale_ms for t in ticks}
        for klines in self.klines.values():
            for open_ms in klines:
                instants |= {open_ms, open_ms + MINUTE}
        return sorted(t for t in instants if self.settings.start <= t <= self.settings.end)

    def _learn_prices_before_start(self, symbol: str) -> None:
        for kline in self.klines[symbol].values():
            if kline.open_ms + MINUTE <= self.settings.start:
                self.last_price[symbol] = kline.close
                self.last_close_ms[symbol] = kline.open_ms + MINUTE

    def _learn_price(self, symbol: str) -> None:
        kline = self.klines[symbol].get(self.now - MINUTE)
        if kline is not None:
            self.last_price[symbol] = kline.close
            self.last_close_ms[symbol] = self.now

    # --- the account ------------------------------------------------------------------------------------------

    def _equity(self) -> float:
        """Cash plus unrealised profit at the last known prices, however old."""
        unrealised = 0.0
        for symbol, position in self.positions.items():
            # an "open" fill can come before the symbol's first close: then it is worth what was paid for it
            unrealised += position.profit_at(self.last_price.get(symbol, position.entry_price), position.size)
        return self.cash + unrealised

    def _used_margin(self) -> float:
        return sum(position.margin for position in self.positions.values())

    def _available(self) -> float:
        return self._equity() - self._used_margin()

    def _view(self) -> View:
        open_orders = 0
        for items in self.pending.values():
            for item in items:
                if isinstance(item, _Waiting):
                    open_orders += 1
                else:
                    open_orders += (item.take_profit is not None) + (item.stop_loss is not None)
        return View(
            now=self.now,
            prices=dict(self.last_price),
            available_balance=self._available(),
            total_equity=self._equity(),
            used_margin=self._used_margin(),
            positions={symbol: Position(**vars(position)) for symbol, position in self.positions.items()},
            open_orders=open_orders,
        )

    def _reject(self, reason: str) -> None:
        self.outcome.rejections[reason] = self.outcome.rejections.get(reason, 0) + 1

    def _slipped(self, price: float, buying: bool) -> float:
        slip = self.settings.slippage_percent / 100
        return price * (1 + slip) if buying else price * (1 - slip)

    def _new_age(self) -> int:
        self.next_age += 1
        return self.next_age

    def _enter(self, decision: dict[str, Any], price: float, decided_ms: int) -> None:
        """Open or add to a position at `price` (already slipped); its TP/SL become a bracket."""
        settings = self.settings
        symbol, leverage = decision["symbol"], decision["leverage"]
        available = self._available()
        if available <= 1e-12 * self._equity():  # less is the rounding of nothing
            self._reject("no available balance")
            return
        wanted = available * decision["target_portion_of_balance"] * leverage
        affordable = available / (1 / leverage + settings.fee_rate / 100)
        notional = min(wanted, affordable)
        size = notional / price
        fee = notional * settings.fee_rate / 100
        margin = notional / leverage
        self.cash -= fee
        position = self.positions.get(symbol)
        if position is None:
            side = "long" if decision["operation"] == "buy" else "short"
            self.positions[symbol] = Position(symbol, side, size, price, margin, fee, decided_ms, self.now)
        else:
            total = position.size + size
            position.entry_price = (position.entry_price * position.size + price * size) / total
            position.size = total
            position.margin += margin
            position.entry_fees += fee
        take_profit, stop_loss = decision["take_profit_price"], decision["stop_loss_price"]
        if take_profit is not None or stop_loss is not None:
            self.pending[symbol].append(
                _Bracket(
                    self._new_age(), symbol, self.now, size, take_profit, stop_loss,
                    tp_limit=self._is_limit(decision["tp_execution"]),
                    sl_limit=self._is_limit(decision["sl_execution"]),
                )
            )  # fmt: skip

    def _is_limit(self, as_decided: str) -> bool:
        """Whether a trigger executes as a limit order."""
        mode = self.settings.bracket_execution
        return (as_decided if mode == "as_decided" else mode) == "limit"

    def _leave(self, symbol: str, size: float, price: float, fee_rate: float, reason: str) -> None:
        """Close `size` of the position at `price` (already slipped) and write the trade record."""
        position = self.positions[symbol]
        closes_all = size >= CLOSES_ALL * position.size
        if closes_all:
            size = position.size
        share = 1.0 if closes_all else size / position.size
        leverage = position.leverage
        entry_fee = position.entry_fees * share
        exit_fee = size * price * fee_rate / 100
        gross = position.profit_at(price, size)
        self.cash += gross - exit_fee
        if closes_all:
            del self.positions[symbol]
            self.pending[symbol] = [item for item in self.pending[symbol] if isinstance(item, _Waiting)]
        else:
            position.size -= size
            position.margin -= position.margin * share
            position.entry_fees -= entry_fee
        fee = entry_fee + exit_fee
        self.outcome.trades.append(
            {
                "symbol": symbol,
                "side": position.side,
                "size": size,
                "entry_price": position.entry_price,
                "exit_price": price,
                "timestamp": position.decided_ms,
                "opened_ms": position.opened_ms,
                "exit_timestamp": self.now,
                "exit_reason": reason,
                "gross_pnl": gross,
                "pnl": gross - fee,
                "fee": fee,
                "pnl_percent": (gross - fee) / (size * position.entry_price) * 100,
                "leverage": leverage,
                "equity_after": self._equity(),
            }
        )

    # --- decisions --------------------------------------------------------------------------------------------

    def _take_decision(self) -> None:
        """Ask, judge what can be judged now, then fill at the known price or let the order wait for its kline."""
        answer = self.decide(self.now, self._view())
        if answer is None or answer["operation"].lower() == "hold":
            return
        decision = {**DEFAULTS, **answer, "operation": answer["operation"].lower()}
        if decision["operation"] not in ("buy", "sell", "close"):
            raise ValueError(f"the oracle does not know the operation {answer['operation']!r}")
        reason = self._fault_at_submission(decision)
        if reason is not None:
            self._reject(reason)
            return
        symbol = decision["symbol"]
        if self.settings.execution_price != "close":
            self.pending[symbol].append(self._waiting_order(decision))
            return
        closed_at = self.last_close_ms.get(symbol)
        if closed_at is None or self.now - closed_at > self.settings.price_stale_ms:
            self._reject("stale price")
            return
        self._execute(decision, self.last_price[symbol], self.now)

    def _fault_at_submission(self, decision: dict[str, Any]) -> str | None:
        """The first reason to refuse that does not need a price."""
        symbol, operation = decision["symbol"], decision["operation"]
        portion, leverage = decision["target_portion_of_balance"], decision["leverage"]
        if symbol not in self.settings.symbols:
            return "symbol not configured"
        if operation == "close":
            if not portion >= 0:
                return "portion out of range"
        else:
            if not 0.1 <= portion <= 1.0:
                return "portion out of range"
            if not 1 <= leverage <= MAX_LEVERAGE or leverage != int(leverage):
                return "leverage out of range"
        for name in ("take_profit_price", "stop_loss_price", "max_price", "min_price"):
            price = decision[name]
            if price is not None and not (math.isfinite(price) and price > 0):
                return "price not finite or not positive"
        if decision["time_in_force"].lower() in ("gtc", "alo") and self._has_limit(decision):
            return "resting limit orders are not supported"
        if operation == "close" and symbol not in self.positions:
            return "nothing to close"
        return None

    def _has_limit(self, decision: dict[str, Any]) -> bool:
        """Whether the limit that counts for this order is given; closing nothing, either one counts."""
        position = self.positions.get(decision["symbol"])
        if decision["operation"] == "close" and position is None:
            return decision["max_price"] is not None or decision["min_price"] is not None
        name = "max_price" if self._is_buy(decision, position) else "min_price"
        return decision[name] is not None

    @staticmethod
    def _is_buy(decision: dict[str, Any], position: Position | None) -> bool:
        if decision["operation"] == "close":
            assert position is not None
            return position.side == "short"
        return bool(decision["operation"] == "buy")

    def _waiting_order(self, decision: dict[str, Any]) -> _Waiting:
        """The order with the first kline that opens at or after now, if that is soon enough."""
        opens = list(self.klines[decision["symbol"]])
        place = bisect_left(opens, self.now)
        deadline = self.now + self.settings.price_stale_ms
        kline, due_ms = None, deadline
        if place < len(opens) and opens[place] <= deadline:
            kline = self.klines[decision["symbol"]][opens[place]]
            due_ms = kline.open_ms if self.settings.execution_price == "open" else kline.open_ms + MINUTE
        return _Waiting(self._new_age(), decision["symbol"], decision, self.now, kline, due_ms)

    def _execute(self, decision: dict[str, Any], raw_price: float, decided_ms: int) -> None:
        """Judge the order against its fill price; all checks but the balance come before anything fills."""
        symbol, operation = decision["symbol"], decision["operation"]
        position = self.positions.get(symbol)
        if operation == "close" and position is None:
            self._reject("nothing to close")
            return
        buying = self._is_buy(decision, position)
        price = self._slipped(raw_price, buying)
        reason = _fault_at_fill(decision, price, buying)
        if reason is not None:
            self._reject(reason)
            return
        if operation == "close":
            assert position is not None
            portion = decision["target_portion_of_balance"]
            size = position.size if portion == 0 or portion >= 1 else position.size * portion
            self._leave(symbol, size, price, self.settings.fee_rate, "decision")
            return
        if position is not None and position.side != ("long" if buying else "short"):
            self._leave(symbol, position.size, price, self.settings.fee_rate, "decision")
        self._enter(decision, price, decided_ms)

    # --- what was pending before ------------------------------------------------------------------------------

    def _work_off_pending(self) -> None:
        """Brackets and waiting orders due at this instant, new ones included.

        Running it twice in one instant is harmless: what was not due the first time is not due the second time.
        """
        for check in (self._check_closing, self._check_opening):
            for symbol in self.settings.symbols:
                last_age = 0
                while True:
                    rest = [item for item in self.pending[symbol] if item.age > last_age]
                    if not rest:
                        break
                    item = min(rest, key=lambda entry: entry.age)
                    last_age = item.age
                    check(item)

    def _check_closing(self, item: "_Bracket | _Waiting") -> None:
        """What the kline that closes now decides, if it opened at or after the entry."""
        if isinstance(item, _Waiting):
            if self.settings.execution_price == "vwap" and item.kline is not None:
                self._check_waiting(item)
            return
        closing = self.klines[item.symbol].get(self.now - MINUTE)
        if closing is not None and closing.open_ms >= item.entry_ms:
            self._touched_inside(item, closing)

    def _check_opening(self, item: "_Bracket | _Waiting") -> None:
        """What the kline that opens now decides, and what found no kline in time."""
        if isinstance(item, _Waiting):
            if self.settings.execution_price == "open" or item.kline is None:
                self._check_waiting(item)
            return
        opening = self.klines[item.symbol].get(self.now)
        if opening is not None:
            self._gapped_by_open(item, opening)

    def _check_waiting(self, order: _Waiting) -> None:
        if self.now < order.due_ms:
            return
        self.pending[order.symbol].remove(order)
        if order.kline is None:
            self._reject("no price")
        elif self.settings.execution_price == "open":
            self._execute(order.decision, order.kline.open, order.submitted_ms)
        else:
            typical = (order.kline.high + order.kline.low + order.kline.close) / 3
            self._execute(order.decision, typical, order.submitted_ms)

    def _touched_inside(self, bracket: _Bracket, kline: _Kline) -> bool:
        """Fill a trigger that the finished kline touched; a kline that opened beyond it was dealt with at its open."""
        tp, sl = bracket.take_profit, bracket.stop_loss
        is_long = self.positions[bracket.symbol].side == "long"
        if bracket.stop_rests_since is not None:
            assert sl is not None
            if kline.open_ms < bracket.stop_rests_since:
                return False
            extreme = kline.high if is_long else kline.low
            through = extreme > sl if is_long else extreme < sl
            if through or (self.settings.fill_on == "touch" and extreme == sl):
                self._fill_bracket(bracket, "sl", sl)
                return True
            return False  # the take profit lies beyond the resting stop, so it was not touched either
        tp_touched = tp is not None and (kline.high >= tp if is_long else kline.low <= tp)
        sl_touched = sl is not None and (kline.low <= sl if is_long else kline.high >= sl)
        if not tp_touched and not sl_touched:
            return False
        stop_first = sl_touched
        if tp_touched and sl_touched:
            assert tp is not None
            assert sl is not None
            self.ambiguous.add((bracket.symbol, kline.open_ms))
            self.outcome.ambiguous_brackets += 1
            if self.settings.intrabar == "optimistic":
                stop_first = False
            elif self.settings.intrabar == "nearest_open":
                stop_first = abs(kline.open - sl) <= abs(kline.open - tp)
        if stop_first:
            assert sl is not None
            self._fill_bracket(bracket, "sl", sl)
        else:
            assert tp is not None
            self._fill_bracket(bracket, "tp", tp)
        return True

    def _gapped_by_open(self, bracket: _Bracket, kline: _Kline) -> None:
        """Fill a trigger that the kline which begins now opens at or beyond, at that open."""
        tp, sl = bracket.take_profit, bracket.stop_loss
        is_long = self.positions[bracket.symbol].side == "long"
        if tp is not None and (kline.open >= tp if is_long else kline.open <= tp):
            self._fill_bracket(bracket, "tp", kline.open)
        elif sl is not None and (kline.open <= sl if is_long else kline.open >= sl):
            if not bracket.sl_limit:
                self._fill_bracket(bracket, "sl", kline.open)
            elif bracket.stop_rests_since is None:
                bracket.stop_rests_since = self.now

    def _fill_bracket(self, bracket: _Bracket, reason: str, market_price: float) -> None:
        """Close what the bracket and the position both have; a limit fills at its trigger with the maker fee."""
        settings = self.settings
        position = self.positions[bracket.symbol]
        self.pending[bracket.symbol].remove(bracket)
        if bracket.tp_limit if reason == "tp" else bracket.sl_limit:
            trigger = bracket.take_profit if reason == "tp" else bracket.stop_loss
            assert trigger is not None
            price = trigger
            fee_rate = settings.fee_rate if settings.maker_fee_rate is None else settings.maker_fee_rate
        else:
            price = self._slipped(market_price, buying=position.side == "short")
            fee_rate = settings.fee_rate
        self._leave(bracket.symbol, min(bracket.size, position.size), price, fee_rate, reason)


def _fault_at_fill(decision: dict[str, Any], price: float, buying: bool) -> str | None:
    """The first reason to refuse that needs the slipped fill price."""
    limit = decision["max_price"] if buying else decision["min_price"]
    if limit is not None and (price > limit if buying else price < limit):
        return "limit not met"
    if decision["operation"] == "close":
        return None
    tp, sl = decision["take_profit_price"], decision["stop_loss_price"]
    if tp is not None and (tp <= price if buying else tp >= price):
        return "take profit on the wrong side"
    if sl is not None and (sl >= price if buying else sl <= price):
        return "stop loss on the wrong side"
    return None


def _klines_by_open(bars: Bars) -> dict[int, _Kline]:
    rows = zip(bars.open_ms, bars.open, bars.high, bars.low, bars.close, strict=True)
    return {row[0]: _Kline(*row) for row in rows}


def _next_minute(ms: int) -> int:
    """The first whole UTC minute after `ms`."""
    return (ms // MINUTE + 1) * MINUTE


def run_oracle(bars: dict[str, Bars], settings: Settings, decide: Decide) -> Outcome:
    """Simulate the whole back-test; `decide(t, view)` answers None or a dict with the fields of a Decision."""
    return _Run(bars, settings, decide).run()
