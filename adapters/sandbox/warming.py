"""Using everything once before the jail closes: afterwards nothing can be imported or read any more."""

from __future__ import annotations

import sys
import unicodedata
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np

from engine import (
    BookRows,
    Decision,
    FlowHistory,
    KlineColumns,
    MarketHistory,
    SourceExecutor,
    SymbolHistory,
    TimedValues,
    TradeRows,
    TriggerEvent,
)
from engine.account import AccountState, Holding
from engine.kernel import Origin
from engine.market.indicators import ta_lib
from engine.market.past import PartName, PastMarket, hidden_columns, known_columns, symbol_facts
from engine.program import RecordingProvider, ViewedRun, view_at

_MINUTE, _START = 60_000, 1_704_067_200_000
_COUNT = 600
_PROGRAM = """
class WarmUp:
    def init(self, params):
        self.names = "MA5 EMA20 RSI14 MACD BOLL ATR14 STOCH VWAP OBV".split()
        self.metrics = "CVD TAKER OI OI_DELTA FUNDING DEPTH IMBALANCE PRICE_CHANGE VOLATILITY".split()

    def should_trade(self, data):
        for name in self.names:
            dict(data.get_indicator("X", name, "5m"))
        for metric in self.metrics:
            data.get_flow("X", metric, "5m")
        list(data.get_klines("X", "15m", 20))
        data.get_market_data("X"), data.get_price_change("X", "5m"), data.get_regime("X", "5m"), data.get_price("Y")
        log(f"{math.pi:.2f} {data.total_equity:,}", time.strftime("%Y-%m-%d", time.gmtime()), statistics.mean([1, 2]))
        log(data.positions, data.open_orders, data.recent_trades, data.triggered_signals, "\\u00e9\\n")
        log(data.max_leverage, data.maintenance_margin, data.margin_usage_percent)
        return Decision("buy", "X", target_portion_of_balance=0.5, take_profit_price=1e9, stop_loss_price=1.0)
"""


def warm_up() -> None:
    """Ask a program that asks everything, and fail in a few ways."""
    ta_lib()
    from . import jailed_worker as worker
    from .frame import encode
    from .guarded_program import GuardedProgram, TimeGuard
    from .job import SandboxLimits
    from .walls import address_space

    assert worker is not None
    unicodedata.name("A")
    address_space()
    market = _market()
    provider = RecordingProvider(PastMarket(symbol_facts(market), lambda name: _all(market, name), market.regime))
    program = GuardedProgram(SourceExecutor(_PROGRAM, {}), TimeGuard(), SandboxLimits(), provider)
    with _unseen("numpy.random"):  # a tenth of what is loaded here, for programs that name numpy: these load it
        program.start()
    held = Holding("X", 1, 1.0, 100.0, 50.0, 0.0, 0.0, _START, Origin(_START, "buy", "", None))
    for place in (300, 301, 302):
        at = _START + place * _MINUTE + 7_000 * (place % 2)
        trigger = TriggerEvent(at, "scheduled" if place % 2 else "signal", "X")
        data = view_at(ViewedRun(provider, []), at, trigger, AccountState(1_000.0, {"X": held}))
        told = program.ask(data)
        assert "error" not in told, told
        encode(told)
    for wrong in ("class A(:", "é = '{}'.format(1)", "x = " + "(" * 300):
        try:
            SourceExecutor(wrong, {})
        except Exception as error:
            str(error)
    Decision("buy", "X").action()


@contextmanager
def _unseen(name: str) -> Iterator[None]:
    """A context in which a module that has not been loaded is not found."""
    sys.modules[name] = None  # type: ignore[assignment]
    try:
        yield
    finally:
        del sys.modules[name]


def _all(market: MarketHistory, name: PartName) -> tuple[Any, ...] | None:
    """Return a part of the market, all of it."""
    part = known_columns(market, name)
    if part is None:
        return None
    shown = hidden_columns(part, lambda kind, rows: np.zeros(rows, kind))
    for column, room in zip(part.columns, shown, strict=True):
        room[: len(column)] = column
    return shown


def _market() -> MarketHistory:
    times = _START + _MINUTE * np.arange(_COUNT, dtype=np.int64)
    price = 100.0 + np.sin(np.arange(_COUNT) / 10.0)
    rows = _START + 15_000 * np.arange(4 * _COUNT, dtype=np.int64)
    ones = np.ones(4 * _COUNT)
    wave = 100.0 + np.sin(np.arange(4 * _COUNT) / 40.0)
    flow = FlowHistory(
        TradeRows(rows, ones, ones, ones * 100.0, ones * 90.0, wave, wave + 0.1, wave - 0.1),
        BookRows(rows, ones, ones, ones),
        *(TimedValues(rows, wave) for _ in range(4)),
    )
    columns = KlineColumns(_MINUTE, times, price, price + 0.2, price - 0.2, price, np.ones(_COUNT))
    return MarketHistory([SymbolHistory("X", columns, (), flow, columns)])
