"""W1 as other tools run it, on the same klines, RSI and rules of fills; each returns an `Outcome`.

The rules: a decision at the close of an hour fills at that close, without fee and slippage, with all of the equity
(half of it at 2x). An exit belongs to the first 1m kline after the entry that opens beyond a trigger (then it fills at
the open) or reaches one (then at the trigger; the stop-loss first). vectorbt gives each minute one order at most, so
that it cannot enter in a minute in which it has left a position: it is held to `EntersOnceAMinute`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np

from engine import BacktestConfig, IndicatorCondition, KlineColumns, MarketHistory
from processes import ProgramBacktestEngine

from .programs import END, HIGH, LOW, START, STOP_LOSS, TAKE_PROFIT, ReversionOnRsi

CASH = 10_000.0
MINUTE_MS = 60_000


class Year(NamedTuple):
    """The columns of a year of minutes; `rsi` is known at the closes of hours only, NaN at all others."""

    open: Any
    high: Any
    low: Any
    close: Any
    rsi: Any


@dataclass(frozen=True)
class Outcome:
    """The minutes in which trades were entered (at their closes) and left, and the equity at the end."""

    entered: list[int]
    left: list[int]
    equity: float


class EntersOnceAMinute(ReversionOnRsi):
    """W1 that enters nothing in a minute in which it has left a position."""

    def should_trade(self, data):
        decision = super().should_trade(data)
        if decision is not None and any(trade.timestamp == data.timestamp for trade in data.recent_trades):
            return None
        return decision


def year_of(klines: KlineColumns) -> Year:
    """Return the columns, with perpsim's own RSI: all get the same."""
    history = MarketHistory.from_klines({"BTC": klines}).symbols["BTC"]
    series = history.series("1h")
    assert series is not None
    indicator = history.indicator(series, IndicatorCondition("indicator:RSI14", "<", LOW, "1h").indicator)
    closed = (series.columns.open_ms + series.period_ms - START) // MINUTE_MS - 1
    rsi = np.full(len(klines), np.nan)
    rsi[closed] = indicator.values["value"]
    return Year(klines.open, klines.high, klines.low, klines.close, rsi)


def by_perpsim(klines: KlineColumns, strategy: type = ReversionOnRsi) -> Outcome:
    config = BacktestConfig(
        strategy=strategy,
        symbols=["BTC"],
        start_time=START,
        end_time=END,
        scheduled_interval="1h",
        initial_balance=CASH,
        fee_rate=0.0,
        slippage_percent=0.0,
        warm_up="trade",
    )
    result = ProgramBacktestEngine(MarketHistory.from_klines({"BTC": klines})).run(config)
    assert result.success, result.error
    entered, left = [], []
    for trade in result.trades:
        entered.append((trade.entry_timestamp - START) // MINUTE_MS - 1)
        at_close = trade.exit_price in bracket(1 if trade.side == "long" else -1, trade.entry_price)
        left.append((trade.exit_timestamp - START) // MINUTE_MS - at_close)
    return Outcome(entered, left, result.final_equity)


def bracket(sign: int, price: float) -> tuple[float, float]:
    """Return the take-profit and the stop-loss of a position: what leaves it at another price was left at an open."""
    return price * (1 + sign * TAKE_PROFIT), price * (1 - sign * STOP_LOSS)


def exit_price(sign: int, entry: float, opened: float, high: float, low: float) -> float:
    """Return at which price a kline leaves a position, 0.0 when it does not; all in one, for it is compiled."""
    take, stop = entry * (1 + sign * TAKE_PROFIT), entry * (1 - sign * STOP_LOSS)
    if sign * opened <= sign * stop or sign * opened >= sign * take:
        return opened
    if (sign > 0 and low <= stop) or (sign < 0 and high >= stop):
        return stop
    if (sign > 0 and high >= take) or (sign < 0 and low <= take):
        return take
    return 0.0


def loop(leave: Any, opened: Any, high: Any, low: Any, close: Any, rsi: Any) -> tuple[list[int], list[int], float]:
    """The whole back-test by hand; `leave` is `exit_price`, compiled where this is."""
    entered, left = [0 for _ in range(0)], [0 for _ in range(0)]
    equity, sign, entry, size = CASH, 0, 0.0, 0.0
    for i in range(len(close)):
        price = leave(sign, entry, opened[i], high[i], low[i]) if sign else 0.0
        if price:
            equity += sign * size * (price - entry)
            left.append(i)
            sign = 0
        if not sign and (rsi[i] < LOW or rsi[i] > HIGH):
            sign, entry = (1 if rsi[i] < LOW else -1), close[i]
            size = equity / entry
            entered.append(i)
    return entered, left, equity + sign * size * (close[-1] - entry)


def compiled_loop(numba: Any) -> Any:
    """Return the loop as machine code: a function from a year to an outcome."""
    leave, run = numba.njit(exit_price), numba.njit(loop)
    return lambda year: closed_only(Outcome(*run(leave, *year)))


def closed_only(outcome: Outcome) -> Outcome:
    """Return an outcome without the position that is open at the end, if there is one."""
    return Outcome(outcome.entered[: len(outcome.left)], outcome.left, outcome.equity)


def vectorbt_signals(vectorbt: Any, year: Year) -> Outcome:
    """Entries as columns; what leaves them, and that none is entered in a position, is vectorbt's own."""
    portfolio = vectorbt.Portfolio.from_signals(
        year.close,
        entries=year.rsi < LOW,
        short_entries=year.rsi > HIGH,
        open=year.open,
        high=year.high,
        low=year.low,
        sl_stop=STOP_LOSS,
        tp_stop=TAKE_PROFIT,
        stop_entry_price="fillprice",
        stop_exit_price="stoplimit",
        upon_opposite_entry="ignore",
        size=1.0,
        size_type="percent",
        init_cash=CASH,
        freq="1min",
    )
    return vectorbt_outcome(portfolio)


def vectorbt_callback(vectorbt: Any, numba: Any) -> Any:
    """Return what runs W1 as a compiled order function that looks at the position it has."""
    order_nb, nothing = vectorbt.portfolio.nb.order_nb, vectorbt.portfolio.nb.order_nothing_nb
    leave = numba.njit(exit_price)

    @numba.njit
    def order_func(c: Any, opened: Any, high: Any, low: Any, rsi: Any, entry: Any) -> Any:
        i, position = c.i, c.position_now
        if position != 0.0:
            price = leave(1 if position > 0.0 else -1, entry[0], opened[i], high[i], low[i])
            return order_nb(size=-position, price=price) if price else nothing()
        if rsi[i] < LOW or rsi[i] > HIGH:
            entry[0] = c.close[i, 0]
            size = c.cash_now / entry[0]
            return order_nb(size=size if rsi[i] < LOW else -size, price=entry[0])
        return nothing()

    def run(year: Year) -> Outcome:
        columns = year.open, year.high, year.low, year.rsi, np.zeros(1)
        how = {"init_cash": CASH, "freq": "1min"}
        return vectorbt_outcome(vectorbt.Portfolio.from_order_func(year.close, order_func, *columns, **how))

    return run


def vectorbt_outcome(portfolio: Any) -> Outcome:
    records = portfolio.trades.values
    closed = records[records["status"] == 1]
    return Outcome(closed["entry_idx"].tolist(), closed["exit_idx"].tolist(), float(portfolio.final_value()))


#: backtesting.py trades whole units: these are so small that rounding to them is not seen.
UNIT = 1e-12


def backtesting_strategy(backtesting: Any) -> type:
    class Reversion(backtesting.Strategy):
        def init(self) -> None:
            pass  # the RSI is a column of the data

        def next(self) -> None:
            rsi = self.data.RSI[-1]
            if self.position or LOW <= rsi <= HIGH or rsi != rsi:
                return
            price, sign = self.data.Close[-1], 1 if rsi < LOW else -1
            take, stop = bracket(sign, price)
            (self.buy if sign > 0 else self.sell)(size=int(self.equity / price), tp=take, sl=stop)

    return Reversion


def backtesting_run(backtesting: Any, frame: Any) -> Any:
    """Return what runs W1; the frame's prices are those of a unit."""
    test = backtesting.Backtest(
        frame, backtesting_strategy(backtesting), cash=CASH, margin=0.5, trade_on_close=True, finalize_trades=False
    )

    def run(year: Year) -> Outcome:
        told = test.run()
        trades = told["_trades"].sort_values("EntryBar")
        return Outcome(trades["EntryBar"].tolist(), trades["ExitBar"].tolist(), float(told["Equity Final [$]"]))

    return run


def backtesting_frame(pandas: Any, year: Year) -> Any:
    columns = {name.capitalize(): getattr(year, name) * UNIT for name in ("open", "high", "low", "close")}
    index = pandas.date_range(pandas.Timestamp(START, unit="ms"), periods=len(year.close), freq="1min")
    return pandas.DataFrame({**columns, "RSI": year.rsi}, index=index)
