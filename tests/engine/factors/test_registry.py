"""Factors that have no expression, beside slow calculations from the same rows."""

from __future__ import annotations

import numpy as np
import pytest

from engine import MarketHistory, SymbolHistory
from engine.factors import (
    BUILT_IN_FACTORS,
    REGISTRY_FACTORS,
    ExpressedFactor,
    FactorCatalogue,
    FactorError,
    factor_series,
    factor_value,
)
from engine.market.flow import BookRows, FlowHistory, TimedValues, TradeRows
from engine.market.indicators import calculate_indicators
from engine.periods import PERIOD_MS
from engine.program import HistoricalDataProvider
from tests.engine.factors.markets import random_market

MINUTE = 60_000
BASE = random_market(3, 5_000, MINUTE)
START = int(BASE.open_ms[0])
NOW = START + 4_321 * MINUTE + 30_000


def flow() -> FlowHistory:
    random = np.random.default_rng(5)
    times = START + 15_000 * np.arange(1, 20_000)
    rows = len(times)
    trades = TradeRows(times, *(random.lognormal(3, 1, rows) for _ in range(4)), *(np.full(rows, 100.0),) * 3)
    asks = np.where(random.random(rows) < 0.1, 0.0, random.random(rows))
    book = BookRows(times, random.random(rows), asks, times * 0.0)
    return FlowHistory(
        trades,
        book,
        open_interest=TimedValues(times, random.lognormal(9, 0.1, rows)),
        funding_rate=TimedValues(times[::40], random.normal(0, 1e-4, len(times[::40]))),
    )


FLOW = flow()
MARKET = MarketHistory([SymbolHistory("X", BASE, flow=FLOW)])


def provider_at(now: int) -> HistoricalDataProvider:
    provider = HistoricalDataProvider(MARKET)
    provider.set_current_time(now)
    return provider


def of_klines(name: str, period: str) -> float | None:
    """The definition, from what the program itself sees."""
    klines = provider_at(NOW).get_klines("X", period, 500)
    close, volume = [each.close for each in klines], [each.volume for each in klines]
    names = ("RSI14", "RSI7", "STOCH", "MACD", "ATR14", "OBV", "EMA20", "EMA50", "MA20", "VWAP", "BOLL")
    known = calculate_indicators(klines, names)
    upper, middle, lower = known["BOLL"].values()
    away = {"EMA20": "EMA20", "EMA50": "EMA50", "SMA20": "MA20", "VWAP_DEV": "VWAP"}
    if name in away:
        return (close[-1] - known[away[name]]["value"]) / close[-1]
    return {
        "RSI14": known["RSI14"]["value"],
        "RSI7": known["RSI7"]["value"],
        "STOCH_K": known["STOCH"]["k"],
        "STOCH_D": known["STOCH"]["d"],
        "MACD_HIST": known["MACD"]["histogram"],
        "MACD_SIGNAL": known["MACD"]["signal"],
        "ATR14": known["ATR14"]["value"],
        "OBV": known["OBV"]["value"],
        "BOLL_WIDTH": (upper - lower) / middle,
        "BOLL_POSITION": (close[-1] - lower) / (upper - lower),
        "ROC10": close[-1] / close[-11] - 1,
        "ROC20": close[-1] / close[-21] - 1,
        "VOLUME_SMA_RATIO": volume[-1] / (sum(volume[-21:-1]) / 20),
    }[name]


@pytest.mark.parametrize("period", ["1m", "5m", "1h"])
@pytest.mark.parametrize("name", [each.name for each in REGISTRY_FACTORS.values() if each.category != "microstructure"])
def test_factors_of_klines(name: str, period: str) -> None:
    answer = provider_at(NOW).get_factor("X", name, period)
    assert answer["value"] == pytest.approx(of_klines(name, period), abs=1e-6)
    assert answer["id"] is None
    assert "error" not in answer


def of_flow(name: str, opened: int, now: int) -> float:
    def rows(values: FlowHistory) -> list[int]:
        return [k for k, at in enumerate(values.timestamp_ms.tolist()) if opened <= at <= now]

    trades = rows(FLOW.trades)
    bought = sum(FLOW.trades.buy_notional[k] for k in trades)
    sold = sum(FLOW.trades.sell_notional[k] for k in trades)
    if name == "CVD_RATIO":
        return (bought - sold) / (bought + sold)
    if name == "TAKER_BUY_RATIO":
        return bought / (bought + sold)
    if name == "OI_CHANGE_PCT":
        interest = [FLOW.open_interest.rows.value[k] for k in rows(FLOW.open_interest.rows)]
        return (interest[-1] - interest[0]) / interest[0] * 100
    if name == "FUNDING_RATE":
        rates = [FLOW.funding_rate.rows.value[k] for k in rows(FLOW.funding_rate.rows)]
        return sum(rates) / len(rates) * 1e6
    pairs = [(FLOW.book.bid_depth[k], FLOW.book.ask_depth[k]) for k in rows(FLOW.book)]
    found = [bid / ask for bid, ask in pairs if ask > 0]
    return sum(found) / len(found)


@pytest.mark.parametrize("period", ["15m", "1h"])
@pytest.mark.parametrize("name", [each.name for each in REGISTRY_FACTORS.values() if each.category == "microstructure"])
def test_factors_of_flow_are_of_the_rows_of_the_forming_kline_up_to_now(name: str, period: str) -> None:
    opened = NOW // PERIOD_MS[period] * PERIOD_MS[period]
    answer = provider_at(NOW).get_factor("X", name, period)
    assert answer["value"] == pytest.approx(of_flow(name, opened, NOW), abs=2e-6)


def test_a_factor_without_rows_or_with_a_zero_below_is_unknown() -> None:
    bare = HistoricalDataProvider(MarketHistory.from_klines({"X": BASE}))
    bare.set_current_time(NOW)
    for each in REGISTRY_FACTORS.values():
        value = bare.get_factor("X", each.name)["value"]
        assert (value is None) == (each.category == "microstructure"), each.name
    flat = type(BASE)(MINUTE, BASE.open_ms, *[np.full(len(BASE), 5.0)] * 4, np.zeros(len(BASE)))
    still = HistoricalDataProvider(MarketHistory.from_klines({"X": flat}))
    still.set_current_time(NOW)
    found = {name: still.get_factor("X", name)["value"] for name in ("BOLL_POSITION", "VOLUME_SMA_RATIO", "VWAP_DEV")}
    assert found == dict.fromkeys(found)
    assert still.unanswered.to_list()[0]["why"] == "it has no value then"


def test_a_series_is_what_was_answered_at_each_close() -> None:
    history = MARKET.symbols["X"]
    klines = history.series("15m").columns
    factor = REGISTRY_FACTORS["RSI14"]
    values = factor_series(factor, klines, history, START + 3_000 * MINUTE)
    closes = klines.open_ms + klines.period_ms
    assert np.isnan(values[closes < START + 3_000 * MINUTE]).all()
    for row in (len(klines) - 1, len(klines) - 40):
        told = provider_at(int(closes[row])).get_factor("X", "RSI14", "15m")["value"]
        assert values[row] == pytest.approx(told, abs=1e-6)


def test_names_are_those_of_the_registry_then_ones_own_then_the_platforms() -> None:
    own = ExpressedFactor("CCI20", "close", id=7)
    catalogue = FactorCatalogue([own, ExpressedFactor("mine", "open")])
    assert catalogue.named("CCI20") is own
    assert catalogue.named("RSI14") is REGISTRY_FACTORS["RSI14"]
    assert len(catalogue) == len(REGISTRY_FACTORS) + len(BUILT_IN_FACTORS) + 1 == 22 + 64 + 1
    assert factor_value(catalogue.named("mine"), BASE, None, NOW) == BASE.open[-1]
    with pytest.raises(FactorError, match="there is no factor 'RSY14'; did you mean RSI14"):
        catalogue.named("RSY14")
    for name, text, problem in (
        ("RSI14", "close", "there already"),
        ("1x", "close", "a letter, then"),
        ("x", "clos", "factor x: there is no column clos"),
    ):
        with pytest.raises(FactorError, match=problem):
            FactorCatalogue([ExpressedFactor(name, text)])
