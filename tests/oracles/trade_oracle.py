"""An independent judge: a slow, obvious, bar-by-bar simulation of a whole back-test.

Written from the rules of design.md (sections 2, 4, 5, 6) and compatibility.md (1, 2, 8) alone. It shares no code with
the project, knows nothing of its event queue, and visits every minute. Where it and the engine differ, one is wrong.

Covered: scheduled ticks on the grid, 1m klines, market and limit orders (Ioc, Gtc, Alo), take-profit / stop-loss
brackets, funding, liquidation with cross margin (maintenance 1 % of notional, the whole position), constant latency.
Not covered: signals, 15-second rows, mark prices, isolated margin, margin tiers, partial liquidation, steps of prices.

The order of things in one instant t:
  1. the kline [t - 1m, t) is finished: its close is the last known price; the kline that opens at t shows its open;
  2. funding on what is held;
  3. liquidation inside of the klines that close now, then at the opens of those that begin now;
  4. what belongs to the klines that close now (touched brackets, limit orders, "vwap" fills), then what belongs to the
     opens of the klines that begin now (gapped brackets, "open" fills, orders that found no kline): each per symbol in
     configuration order, within a symbol oldest first;
  5. the decision of the tick at t, if there is one; then the orders that arrive now, oldest first;
  6. liquidation at the opens and step 4 again, for what the steps before created, as long as anything happens;
  7. the equity mark.
"""

import math
from bisect import bisect_left, bisect_right
from collections.abc import Callable
from dataclasses import dataclass, field
from operator import attrgetter
from typing import Any

MINUTE = 60_000
CLOSES_ALL = 1 - 1e-12
_AGE = attrgetter("age")
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
    liquidation: bool = True
    order_latency_ms: int = 0
    funding_rates: dict[str, list[tuple[int, float]]] = field(default_factory=dict)


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
    funding: float = 0.0

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
    liquidations: int = 0
    shortfall: float = 0.0
    funding_payments: int = 0
    resting_fills: int = 0


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


@dataclass
class _Resting:
    """A limit order in the book; `size` in coins as it was when it was placed."""

    age: int
    symbol: str
    decision: dict[str, Any]
    buying: bool
    limit: float
    size: float
    placed_ms: int
    decided_ms: int

    @property
    def closes(self) -> bool:
        return bool(self.decision["operation"] == "close")


@dataclass
class _Sent:
    """A decision on its way."""

    age: int
    decision: dict[str, Any]
    decided_ms: int
    arrives_ms: int


@dataclass
class _Breach:
    """The prices at which the account falls to maintenance margin in the kline that opened at `open_ms`."""

    open_ms: int
    prices: dict[str, float]


class _Run:
    """One back-test."""

    def __init__(self, bars: dict[str, Bars], settings: Settings, decide: Decide) -> None:
        self.settings = settings
        self.decide = decide
        self.klines = {symbol: _klines_by_open(bars[symbol]) for symbol in settings.symbols}
        self.opens = {symbol: list(klines) for symbol, klines in self.klines.items()}
        self.rates = {symbol: _rates_by_due(settings.funding_rates.get(symbol, [])) for symbol in settings.symbols}
        self.now = settings.start
        self.cash = settings.initial_balance
        self.last_price: dict[str, float] = {}
        self.last_close_ms: dict[str, int] = {}
        self.positions: dict[str, Position] = {}
        self.pending: dict[str, list[_Bracket | _Waiting | _Resting]] = {symbol: [] for symbol in settings.symbols}
        self.sent: list[_Sent] = []
        self.changed_ms = settings.start
        self.fills = 0
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
            fills = self.fills
            for symbol in settings.symbols:
                self._learn_price(symbol)
            self._pay_funding()
            self._liquidate_inside()
            self._liquidate_at_open()
            self._work_off_pending()
            arriving = [each for each in self.sent if each.arrives_ms == self.now]
            if self.now in ticks:
                self._take_decision()
            for order in arriving:
                self.sent.remove(order)
                self._arrive(order)
            is_new = self.now in ticks or bool(arriving)
            while is_new or self.fills != fills:
                is_new, fills = False, self.fills
                self._liquidate_at_open()
                self._work_off_pending()
            if self.now in marks:
                self.outcome.equity_curve.append((self.now, self._equity()))
        for symbol in settings.symbols:
            for item in self.pending[symbol]:
                if isinstance(item, (_Waiting, _Resting)):
                    self._reject("end of run")
        for _ in self.sent:
            self._reject("end of run")
        self.outcome.ambiguous_klines = len(self.ambiguous)
        self.outcome.final_cash = self.cash
        self.outcome.final_equity = self._equity()
        self.outcome.open_positions = dict(self.positions)
        return self.outcome

    def _instants(self, ticks: set[int], marks: set[int]) -> list[int]:
        """Every instant of [start, end] at which anything can happen, oldest first."""
        arrivals = {t + self.settings.order_latency_ms for t in ticks}
        instants = ticks | marks | arrivals | {t + self.settings.price_stale_ms for t in arrivals}
        for rates in self.rates.values():
            instants |= rates.keys()
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

    # --- funding and liquidation -------------------------------------------------------------------------------

    def _pay_funding(self) -> None:
        """A positive rate: longs pay rate x notional at the last known price."""
        for symbol in sorted(self.settings.symbols):
            rate, position = self.rates[symbol].get(self.now), self.positions.get(symbol)
            if rate is not None and position is not None:
                price = self.last_price.get(symbol, position.entry_price)
                amount = -position.sign * position.size * price * rate
                position.funding += amount
                self.cash += amount
                self.outcome.funding_payments += 1

    def _excess(self, prices: dict[str, float]) -> float:
        """Account value less maintenance margin, at these prices."""
        value = self.cash
        for symbol, position in self.positions.items():
            value += position.profit_at(prices[symbol], position.size)
            value -= position.size * prices[symbol] / MAX_LEVERAGE / 2
        return value

    def _price_before(self, symbol: str, open_ms: int) -> float:
        """The last close that was known when the kline opened, for a symbol without a kline of its own then."""
        opens = self.opens[symbol]
        closed = bisect_right(opens, open_ms - MINUTE)
        return self.klines[symbol][opens[closed - 1]].close if closed else self.positions[symbol].entry_price

    def _opens(self, open_ms: int) -> dict[str, float] | None:
        """The prices at `open_ms`, if any position has a kline that opens then."""
        klines = {symbol: self.klines[symbol].get(open_ms) for symbol in self.positions}
        if not any(klines.values()):
            return None
        return {
            symbol: self._price_before(symbol, open_ms) if kline is None else kline.open
            for symbol, kline in klines.items()
        }

    def _breach_at_open(self) -> _Breach | None:
        """Whether the account is at maintenance at the opens of the klines that begin now."""
        opens = self._opens(self.now)
        return _Breach(self.now, opens) if opens is not None and self._excess(opens) <= 0 else None

    def _breach_inside(self, open_ms: int) -> _Breach | None:
        """Whether the klines that open at `open_ms` take the account to maintenance, and not only their opens: all at
        their adverse extremes.
        """
        opens = self._opens(open_ms)
        if opens is None:
            return None
        worst = dict(opens)
        for symbol, position in self.positions.items():
            kline = self.klines[symbol].get(open_ms)
            if kline is not None:
                worst[symbol] = kline.low if position.side == "long" else kline.high
        excess = self._excess(worst)
        if excess > 0 or self._excess(opens) <= 0:
            return None
        share = self._excess(opens) / (self._excess(opens) - excess)
        return _Breach(open_ms, {symbol: opens[symbol] + share * (worst[symbol] - opens[symbol]) for symbol in opens})

    def _liquidate_inside(self) -> None:
        """The klines that close now, if the positions were the same all through them."""
        open_ms = self.now - MINUTE
        if not self.settings.liquidation or self.changed_ms > open_ms:
            return
        while self.positions:
            breach = self._breach_inside(open_ms)
            if breach is None:
                return
            if not self._nearer_item(breach):
                self._liquidate(breach)
                return

    def _nearer_item(self, breach: _Breach) -> bool:
        """Fill the touched bracket or limit order nearest to its kline's open, if nearer than the liquidation."""
        near = []
        for symbol in breach.prices:
            kline = self.klines[symbol].get(breach.open_ms)
            for item in self.pending[symbol]:
                if kline is None or isinstance(item, _Waiting):
                    continue
                since = item.entry_ms if isinstance(item, _Bracket) else item.placed_ms
                price = self._touched_price(item, kline) if kline.open_ms >= since else None
                if price is not None:
                    distance = abs(price - kline.open)
                    if distance < abs(breach.prices[symbol] - kline.open):
                        near.append((distance, item.age, item, kline))
        if not near:
            return False
        _, _, item, kline = min(near, key=lambda entry: entry[:2])
        if isinstance(item, _Bracket):
            self._touched_inside(item, kline)
        else:
            self._fill_resting(item)
        return True

    def _touched_price(self, item: "_Bracket | _Resting", kline: _Kline) -> float | None:
        if isinstance(item, _Resting):
            return item.limit if self._reached(item, kline) else None
        touch = self._inside_touch(item, kline)
        return None if touch is None else touch[1]

    def _liquidate_at_open(self) -> None:
        """The klines that open now; before that, whatever the klines that close now had reached."""
        if not self.settings.liquidation or not self.positions:
            return
        if self._breach_at_open() is None:
            return
        self._work_off(self._check_closing)
        breach = self._breach_at_open()
        if breach is not None:
            self._liquidate(breach)

    def _liquidate(self, breach: _Breach) -> None:
        for symbol in sorted(breach.prices, key=self.settings.symbols.index):
            position, price = self.positions[symbol], breach.prices[symbol]
            left = self.cash + sum(
                each.profit_at(breach.prices[name], each.size) for name, each in self.positions.items()
            )
            fee = min(position.size * price * self.settings.fee_rate / 100, max(left, 0.0))
            self._leave_for(symbol, position.size, price, fee, "liquidation")
            self.outcome.liquidations += 1
        self.outcome.shortfall = max(self.outcome.shortfall, -self.cash)

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
                if isinstance(item, (_Waiting, _Resting)):
                    open_orders += 1
                else:
                    open_orders += (item.take_profit is not None) + (item.stop_loss is not None)
        open_orders += len(self.sent)
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

    def _maker_rate(self) -> float:
        settings = self.settings
        return settings.fee_rate if settings.maker_fee_rate is None else settings.maker_fee_rate

    def _enter(
        self, decision: dict[str, Any], price: float, decided_ms: int, fee_rate: float, size: float | None = None
    ) -> None:
        """Open or add to a position at `price` (already slipped), `size` coins at most; its TP/SL become a bracket."""
        symbol, leverage = decision["symbol"], decision["leverage"]
        available = self._available()
        if available <= 1e-12 * self._equity():  # less is the rounding of nothing
            self._reject("no available balance")
            return
        wanted = available * decision["target_portion_of_balance"] * leverage if size is None else size * price
        affordable = available / (1 / leverage + fee_rate / 100)
        notional = min(wanted, affordable)
        size = notional / price
        fee = notional * fee_rate / 100
        margin = notional / leverage
        self.cash -= fee
        self.changed_ms = self.now
        self.fills += 1
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
        """Close `size` of the position at `price` (already slipped)."""
        self._leave_for(symbol, size, price, size * price * fee_rate / 100, reason)

    def _leave_for(self, symbol: str, size: float, price: float, exit_fee: float, reason: str) -> None:
        """Close `size` of the position at `price` for a fee in USD, and write the trade record."""
        self.changed_ms = self.now
        self.fills += 1
        position = self.positions[symbol]
        closes_all = size >= CLOSES_ALL * position.size
        if closes_all:
            size = position.size
        share = 1.0 if closes_all else size / position.size
        leverage = position.leverage
        entry_fee = position.entry_fees * share
        funding = position.funding * share
        gross = position.profit_at(price, size)
        self.cash += gross - exit_fee
        if closes_all:
            del self.positions[symbol]
            for item in list(self.pending[symbol]):
                if isinstance(item, _Resting) and item.closes:
                    self._reject("position gone")
                    self.pending[symbol].remove(item)
                elif isinstance(item, _Bracket):
                    self.pending[symbol].remove(item)
            if self.settings.liquidation and not self.positions:
                self.outcome.shortfall = max(self.outcome.shortfall, -self.cash)
        else:
            position.size -= size
            position.margin -= position.margin * share
            position.entry_fees -= entry_fee
            position.funding -= funding
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
                "pnl": gross - fee + funding,
                "fee": fee,
                "funding": funding,
                "pnl_percent": (gross - fee + funding) / (size * position.entry_price) * 100,
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
        order = _Sent(self._new_age(), decision, self.now, self.now + self.settings.order_latency_ms)
        if self.settings.order_latency_ms:
            self.sent.append(order)
        else:
            self._arrive(order)

    def _arrive(self, order: _Sent) -> None:
        """Judge an order when it arrives; fill it or let it wait."""
        decision = order.decision
        reason = self._fault_at_submission(decision)
        if reason is not None:
            self._reject(reason)
            return
        symbol = decision["symbol"]
        if self.settings.execution_price != "close":
            self.pending[symbol].append(self._waiting_order(order))
            return
        closed_at = self.last_close_ms.get(symbol)
        if closed_at is None or self.now - closed_at > self.settings.price_stale_ms:
            self._reject("stale price")
            return
        self._execute(decision, self.last_price[symbol], order.decided_ms, order.age)

    def _cancel_opposite(self, symbol: str, buying: bool) -> None:
        """An order that is not refused cancels what rests on the other side."""
        for item in list(self.pending[symbol]):
            if isinstance(item, _Resting) and item.buying != buying:
                self.pending[symbol].remove(item)
                self._reject("opposite decision")

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
            if not 0.0 < portion <= 1.0:
                return "portion out of range"
            if not 1 <= leverage <= MAX_LEVERAGE or leverage != int(leverage):
                return "leverage out of range"
        for name in ("take_profit_price", "stop_loss_price", "max_price", "min_price"):
            price = decision[name]
            if price is not None and not (math.isfinite(price) and price > 0):
                return "price not finite or not positive"
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

    def _waiting_order(self, order: _Sent) -> _Waiting:
        """The order with the first kline that opens at or after now, if that is soon enough."""
        decision = order.decision
        opens = self.opens[decision["symbol"]]
        place = bisect_left(opens, self.now)
        deadline = self.now + self.settings.price_stale_ms
        kline, due_ms = None, deadline
        if place < len(opens) and opens[place] <= deadline:
            kline = self.klines[decision["symbol"]][opens[place]]
            due_ms = kline.open_ms if self.settings.execution_price == "open" else kline.open_ms + MINUTE
        return _Waiting(order.age, decision["symbol"], decision, order.decided_ms, kline, due_ms)

    def _rest(self, decision: dict[str, Any], buying: bool, decided_ms: int, age: int) -> None:
        """Put a limit order into the book, sized with what is available now."""
        symbol = decision["symbol"]
        position = self.positions.get(symbol)
        limit = decision["max_price"] if buying else decision["min_price"]
        if decision["operation"] == "close":
            assert position is not None
            portion = decision["target_portion_of_balance"]
            size = position.size if portion == 0 or portion >= 1 else position.size * portion
        else:
            reason = _fault_at_fill(decision, limit, buying)
            available = self._available()
            if position is not None and (position.side == "long") != buying:
                available += position.margin
            if reason is None and available <= 1e-12 * self._equity():
                reason = "no available balance"
            if reason is not None:
                self._reject(reason)
                return
            leverage = decision["leverage"]
            wanted = available * decision["target_portion_of_balance"] * leverage
            size = min(wanted, available / (1 / leverage + self._maker_rate() / 100)) / limit
        self._cancel_opposite(symbol, buying)
        self.pending[symbol].append(_Resting(age, symbol, decision, buying, limit, size, self.now, decided_ms))

    def _reached(self, order: _Resting, kline: _Kline) -> bool:
        """Whether the kline traded through (or touched) the limit."""
        extreme = kline.low if order.buying else kline.high
        if self.settings.fill_on == "touch" and extreme == order.limit:
            return True
        return extreme < order.limit if order.buying else extreme > order.limit

    def _fill_resting(self, order: _Resting) -> None:
        """Fill at the limit with the maker fee; an opposite position is closed first."""
        symbol, rate = order.symbol, self._maker_rate()
        self.pending[symbol].remove(order)
        self.outcome.resting_fills += 1
        position = self.positions.get(symbol)
        if order.closes:
            assert position is not None
            self._leave(symbol, min(order.size, position.size), order.limit, rate, "decision")
            return
        if position is not None and (position.side == "long") != order.buying:
            self._leave(symbol, position.size, order.limit, rate, "decision")
        self._enter(order.decision, order.limit, order.decided_ms, rate, order.size)

    def _execute(self, decision: dict[str, Any], raw_price: float, decided_ms: int, age: int) -> None:
        """Judge the order against its fill price; all checks but the balance come before anything fills."""
        symbol, operation = decision["symbol"], decision["operation"]
        position = self.positions.get(symbol)
        if operation == "close" and position is None:
            self._reject("nothing to close")
            return
        buying = self._is_buy(decision, position)
        price = self._slipped(raw_price, buying)
        limit = decision["max_price"] if buying else decision["min_price"]
        terms = decision["time_in_force"].lower()
        if limit is not None and terms != "ioc":
            if price > limit if buying else price < limit:
                self._rest(decision, buying, decided_ms, age)
                return
            if terms == "alo":
                self._reject("would take")
                return
        reason = _fault_at_fill(decision, price, buying)
        if reason is not None:
            self._reject(reason)
            return
        if operation == "close":
            assert position is not None
            portion = decision["target_portion_of_balance"]
            size = position.size if portion == 0 or portion >= 1 else position.size * portion
            self._cancel_opposite(symbol, buying)
            self._leave(symbol, size, price, self.settings.fee_rate, "decision")
            return
        reverses = position is not None and position.side != ("long" if buying else "short")
        if reverses or self._available() > 1e-12 * self._equity():
            self._cancel_opposite(symbol, buying)
        if reverses:
            self._leave(symbol, position.size, price, self.settings.fee_rate, "decision")
        self._enter(decision, price, decided_ms, self.settings.fee_rate)

    # --- what was pending before ------------------------------------------------------------------------------

    def _work_off_pending(self) -> None:
        """Brackets and waiting orders due at this instant, new ones included.

        Running it twice in one instant is harmless: what was not due the first time is not due the second time.
        """
        if any(self.pending.values()):
            self._work_off(self._check_closing)
            self._work_off(self._check_opening)

    def _work_off(self, check: Callable[[Any], None]) -> None:
        for symbol in self.settings.symbols:
            last_age = 0
            while younger := [item for item in self.pending[symbol] if item.age > last_age]:
                item = min(younger, key=_AGE) if len(younger) > 1 else younger[0]
                last_age = item.age
                check(item)

    def _check_closing(self, item: "_Bracket | _Waiting | _Resting") -> None:
        """What the kline that closes now decides, if it opened at or after the entry."""
        if isinstance(item, _Waiting):
            if self.settings.execution_price == "vwap" and item.kline is not None:
                self._check_waiting(item)
            return
        closing = self.klines[item.symbol].get(self.now - MINUTE)
        if isinstance(item, _Resting):
            if closing is not None and closing.open_ms >= item.placed_ms and self._reached(item, closing):
                self._fill_resting(item)
            return
        if closing is not None and closing.open_ms >= item.entry_ms:
            self._touched_inside(item, closing)

    def _check_opening(self, item: "_Bracket | _Waiting | _Resting") -> None:
        """What the kline that opens now decides, and what found no kline in time."""
        if isinstance(item, _Resting):
            return
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
            self._execute(order.decision, order.kline.open, order.submitted_ms, order.age)
        else:
            typical = (order.kline.high + order.kline.low + order.kline.close) / 3
            self._execute(order.decision, typical, order.submitted_ms, order.age)

    def _touched_inside(self, bracket: _Bracket, kline: _Kline) -> None:
        """Fill a trigger that the finished kline touched; a kline that opened beyond it was dealt with at its open."""
        touch = self._inside_touch(bracket, kline)
        if touch is None:
            return
        kind, price, ambiguous = touch
        if ambiguous:
            self.ambiguous.add((bracket.symbol, kline.open_ms))
            self.outcome.ambiguous_brackets += 1
        self._fill_bracket(bracket, kind, price)

    def _inside_touch(self, bracket: _Bracket, kline: _Kline) -> tuple[str, float, bool] | None:
        """Which leg the kline touched first, at what price, and whether it touched both."""
        tp, sl = bracket.take_profit, bracket.stop_loss
        is_long = self.positions[bracket.symbol].side == "long"
        if bracket.stop_rests_since is not None:
            assert sl is not None
            if kline.open_ms < bracket.stop_rests_since:
                return None
            extreme = kline.high if is_long else kline.low
            through = extreme > sl if is_long else extreme < sl
            if through or (self.settings.fill_on == "touch" and extreme == sl):
                return "sl", sl, False
            return None  # the take profit lies beyond the resting stop, so it was not touched either
        tp_touched = tp is not None and (kline.high >= tp if is_long else kline.low <= tp)
        sl_touched = sl is not None and (kline.low <= sl if is_long else kline.high >= sl)
        if not tp_touched and not sl_touched:
            return None
        stop_first = sl_touched
        if tp_touched and sl_touched:
            assert tp is not None
            assert sl is not None
            if self.settings.intrabar == "optimistic":
                stop_first = False
            elif self.settings.intrabar == "nearest_open":
                stop_first = abs(kline.open - sl) <= abs(kline.open - tp)
        both = tp_touched and sl_touched
        if stop_first:
            assert sl is not None
            return "sl", sl, both
        assert tp is not None
        return "tp", tp, both

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
            fee_rate = self._maker_rate()
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


def _rates_by_due(rates: list[tuple[int, float]]) -> dict[int, float]:
    """The first rate of each settlement: the whole hour within 25 minutes of the stamp, else the stamp."""
    found: dict[int, float] = {}
    for stamp, rate in sorted(rates):
        early = stamp % (60 * MINUTE)
        late = 60 * MINUTE - early
        due = stamp - early if early <= 25 * MINUTE else stamp + late if late <= 25 * MINUTE else stamp
        found.setdefault(due, rate)
    return found


def _next_minute(ms: int) -> int:
    """The first whole UTC minute after `ms`."""
    return (ms // MINUTE + 1) * MINUTE


def run_oracle(bars: dict[str, Bars], settings: Settings, decide: Decide) -> Outcome:
    """Simulate the whole back-test; `decide(t, view)` answers None or a dict with the fields of a Decision."""
    return _Run(bars, settings, decide).run()
