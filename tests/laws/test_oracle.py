"""The engine against the brute-force oracle: random strategies on random and on real markets give the same trades."""

import math
import random
from collections import Counter
from dataclasses import fields
from pathlib import Path

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from engine import BacktestConfig, Decision, FlowHistory, KlineColumns, MarketHistory, SymbolHistory, TimedValues
from processes import ProgramBacktestEngine
from tests.oracles.trade_oracle import Bars, Settings, run_oracle

MINUTE = 60_000
START = 1_704_067_200_000
EXECUTIONS = ("close", "open", "vwap")
INTRABAR = ("pessimistic", "optimistic", "nearest_open")
BRACKETS = ("market", "limit", "as_decided")
CLOSE = {"rel_tol": 1e-9, "abs_tol": 1e-6}


def random_bars(rng: random.Random, minutes: int, volatility: float) -> Bars:
    """Klines with missing minutes, holes beyond the stale limit, opening gaps, and levels hit exactly."""
    bars = Bars([], [], [], [], [])
    price, time = 100.0, START - 30 * MINUTE
    while time < START + minutes * MINUTE:
        time += MINUTE * rng.choice([1] * 12 + [2, 3, rng.randint(5, 25)])
        opened = price * math.exp(rng.gauss(0.0, volatility * rng.choice([0.0, 0.0, 0.3, 3.0])))
        closed = opened * math.exp(rng.gauss(0.0, volatility))
        opened, closed = round(opened, 1), round(closed, 1)
        high = round(max(opened, closed) + abs(rng.gauss(0.0, volatility)) * opened, 1)
        low = round(max(min(opened, closed) - abs(rng.gauss(0.0, volatility)) * opened, 0.1), 1)
        for name, value in {"open_ms": time, "open": opened, "high": high, "low": low, "close": closed}.items():
            getattr(bars, name).append(value)
        price = closed
    return bars


def columns(bars: Bars) -> KlineColumns:
    return KlineColumns(
        MINUTE,
        np.array(bars.open_ms),
        *(np.array(getattr(bars, name)) for name in ("open", "high", "low", "close")),
        np.ones(len(bars.open)),
    )


class RandomDecisions:
    """The same pseudo-random answer for the same (time, what is visible), whoever asks."""

    def __init__(self, seed: int, symbols: list[str], activity: float, leverages: tuple[int, ...]) -> None:
        self.seed, self.symbols, self.activity, self.leverages = seed, symbols, activity, leverages

    def __call__(self, now: int, price_of, positions) -> dict | None:
        rng = random.Random(f"{self.seed}/{now}")
        if rng.random() > self.activity:
            return None
        symbol = rng.choice(self.symbols)
        price = price_of(symbol) or 100.0
        answer = {
            "operation": rng.choice(["buy", "sell", "sell", "buy", "close", "BUY"]),
            "symbol": rng.choice([symbol] * 30 + ["NOPE"]),
            "target_portion_of_balance": rng.choice([0.1, 0.3, 0.5, 1.0, rng.uniform(0.1, 1.0), 0.05]),
            "leverage": rng.choice(self.leverages),
            "tp_execution": rng.choice(["limit", "market"]),
            "sl_execution": rng.choice(["limit", "market"]),
        }
        if answer["operation"] == "close":
            answer["target_portion_of_balance"] = rng.choice([0.0, 0.25, 0.5, 1.0, 2.0, -1.0])
        sign = -1.0 if answer["operation"] == "sell" else 1.0
        if rng.random() < 0.6:
            answer["take_profit_price"] = float(f"{price * (1 + sign * rng.choice([-0.001, 0.002, 0.01, 0.03])):.4g}")
        if rng.random() < 0.6:
            answer["stop_loss_price"] = float(f"{price * (1 - sign * rng.choice([-0.001, 0.002, 0.01, 0.03])):.4g}")
        if rng.random() < 0.3:
            answer["max_price"] = price * rng.choice([0.99, 0.999, 1.0, 1.002])
            answer["min_price"] = price * rng.choice([0.998, 1.0, 1.001, 1.01])
            answer["time_in_force"] = rng.choice(["Ioc", "Gtc", "gtc", "Alo"])
        if symbol in positions and positions[symbol].side == "long" and rng.random() < 0.3:
            answer["operation"] = "sell"
        return answer


class Asked:
    """The engine's strategy: asks the same decisions."""

    def __init__(self, decide: RandomDecisions) -> None:
        self.decide = decide

    def should_trade(self, data) -> Decision | None:
        answer = self.decide(data.timestamp, data.get_price, data.positions)
        return None if answer is None else Decision(**answer)


def compare(bars: dict[str, Bars], setting: Settings, decide: RandomDecisions) -> int:
    """Run both, assert that they agree in everything, and return the number of trades."""
    expected = run_oracle(bars, setting, lambda now, view: decide(now, view.price, view.positions))
    shared = {each.name for each in fields(Settings)} - {"start", "end", "interval_ms", "funding_rates"}
    config = BacktestConfig(
        strategy=Asked(decide),
        start_time=setting.start,
        end_time=setting.end,
        scheduled_interval=setting.interval_ms // 1000,
        **{name: getattr(setting, name) for name in shared},
    )
    market = MarketHistory(
        SymbolHistory(symbol, columns(each), flow=funding_history(setting.funding_rates.get(symbol, [])))
        for symbol, each in bars.items()
    )
    result = ProgramBacktestEngine(market).run(config)
    assert result.error is None
    assert len(result.trades) == len(expected.trades)
    for ours, theirs in zip(result.trades, expected.trades, strict=True):
        for name, value in theirs.items():
            if name == "opened_ms" or (name == "leverage" and theirs["size"] * theirs["entry_price"] < 1e-3):
                continue  # the leverage of what rounding leaves of a position is rounding too
            mine = getattr(ours, name)
            same = math.isclose(mine, value, **CLOSE) if isinstance(value, float) else mine == value
            assert same, f"{name} of the trade at {theirs['exit_timestamp']}: {mine!r}, the oracle says {value!r}"
    assert result.rejections == expected.rejections
    assert result.ambiguous_klines == expected.ambiguous_klines
    assert len(result.liquidations) == expected.liquidations
    assert math.isclose(result.liquidation_shortfall, expected.shortfall, **CLOSE)
    assert result.funding_payments == expected.funding_payments
    assert math.isclose(result.final_equity, expected.final_equity, **CLOSE)
    assert {each["symbol"] for each in result.open_positions} == set(expected.open_positions)
    times, equity = zip(*expected.equity_curve, strict=True)
    assert result.equity.timestamp_ms.tolist() == list(times)
    np.testing.assert_allclose(result.equity.equity, equity, rtol=1e-9, atol=1e-6)
    SEEN.update(
        trades=len(result.trades),
        liquidations=expected.liquidations,
        shortfalls=expected.shortfall > 0,
        funding=expected.funding_payments,
        resting=expected.resting_fills,
    )
    return len(result.trades)


#: How often each thing has happened in all comparisons so far.
SEEN: Counter[str] = Counter()


def funding_history(rates: list[tuple[int, float]]) -> FlowHistory | None:
    if not rates:
        return None
    times, values = zip(*rates, strict=True)
    return FlowHistory(funding_rate=TimedValues(np.array(times), np.array(values)))


def random_funding(rng: random.Random, minutes: int) -> list[tuple[int, float]]:
    """Rates at intervals of at least half an hour, off by some milliseconds."""
    interval = rng.choice([31, 60, 60, 95])
    times = range(START, START + minutes * MINUTE, interval * MINUTE)
    return [(time + rng.choice([0, 0, 12, 250]), rng.gauss(0.0, 0.003)) for time in times]


def random_case(seed: int) -> int:
    rng = random.Random(seed)
    symbols = ["AAA", "BBB"]
    minutes = rng.choice([60, 240, 600])
    bars = {symbol: random_bars(rng, minutes, rng.choice([0.0005, 0.003, 0.01, 0.03])) for symbol in symbols}
    offset = rng.choice([0, 0, 17_000])
    setting = Settings(
        symbols=symbols,
        start=START + offset,
        end=START + minutes * MINUTE - rng.choice([0, 30_000]),
        interval_ms=rng.choice([MINUTE, 5 * MINUTE, 45_000]),
        slippage_percent=rng.choice([0.0, 0.05]),
        fee_rate=rng.choice([0.0, 0.035]),
        maker_fee_rate=rng.choice([None, 0.01]),
        execution_price=rng.choice(EXECUTIONS),
        intrabar=rng.choice(INTRABAR),
        bracket_execution=rng.choice(BRACKETS),
        fill_on=rng.choice(["through", "touch"]),
        price_stale_ms=rng.choice([600_000, 120_000]),
        liquidation=rng.random() < 0.8,
        order_latency_ms=rng.choice([0, 0, 0, 400, 30_000, 75_000]),
        funding_rates={symbol: random_funding(rng, minutes) for symbol in symbols if rng.random() < 0.7},
    )
    return compare(bars, setting, RandomDecisions(seed, symbols, rng.choice([0.1, 0.5, 0.9]), (1, 2, 5, 10, 50, 51)))


@settings(max_examples=60, deadline=None)
@example(398307275)  # a stop in the instant of its entry at a vwap takes the account below zero
@given(st.integers(0, 2**48))
def test_random_strategies_on_random_markets_trade_as_the_oracle_does(seed):
    random_case(seed)


def test_the_random_cases_do_trade():
    SEEN.clear()
    assert sum(random_case(seed) for seed in range(40)) > 500
    assert min(SEEN[name] for name in ("liquidations", "shortfalls", "funding", "resting")) > 3, SEEN


@pytest.mark.soak
def test_a_thousand_random_cases_trade_as_the_oracle_does():
    for seed in range(1000):
        random_case(seed)


REAL_SETS = (
    "binance_spot_BTCUSDT_1m_20240726_20240825",
    "binance_spot_ETHUSDT_1m_20240726_20240825",
    *(f"binance_um_{coin}USDT_1m_2023_07_08" for coin in ("BTC", "ETH", "SOL", "XRP", "DOGE", "BNB", "LTC")),
    *(f"binanceus_spot_BTC{quote}_1m_202303" for quote in ("USD", "USDT", "USDC")),
    "bitfinex_spot_BTCUSD_1m_2019",
    "bitfinex_spot_ETHUSD_1m_2019H1",
    "ftx_BTC-PERP_1m_20211231_20220201",
    "hyperliquid_BTC_1m",
    "hyperliquid_ETH_1m",
    "hyperliquid_SOL_1m",
)


#: The funding rates that belong to a set of klines.
FUNDING = {
    **{
        f"binance_um_{coin}USDT_1m_2023_07_08": f"binance_um_{coin}USDT_funding_8h_2023_07_08"
        for coin in ("BTC", "ETH", "SOL", "XRP", "DOGE", "BNB", "LTC")
    },
    **{f"hyperliquid_{coin}_1m": f"hyperliquid_{coin}_funding_1h" for coin in ("BTC", "ETH", "SOL")},
}


@pytest.mark.parametrize("name", REAL_SETS)
def test_a_month_of_real_klines_trades_as_the_oracle_does(shared_data: Path, name: str):
    from pyarrow import parquet

    table = parquet.read_table(shared_data / f"{name}.parquet").slice(0, 31 * 1440)
    times, opened, high, low, close = (
        table[column].to_pylist() for column in ("timestamp_ms", "open", "high", "low", "close")
    )
    bars = {"X": Bars(times, opened, high, low, close)}
    funding = shared_data / f"{FUNDING.get(name, name)}.parquet"
    rates: list[tuple[int, float]] = []
    if funding.exists() and name in FUNDING:
        columns_ = parquet.read_table(funding)
        both = zip(columns_["timestamp_ms"].to_pylist(), columns_["funding_rate"].to_pylist(), strict=True)
        rates = [(time, rate) for time, rate in both if times[0] <= time <= times[-1]]
        assert len(rates) > 80
    for seed, execution in enumerate(EXECUTIONS):
        setting = Settings(
            symbols=["X"],
            start=times[0] + 60 * MINUTE,
            end=times[-1] + MINUTE,
            interval_ms=15 * MINUTE,
            execution_price=execution,
            intrabar=INTRABAR[seed],
            bracket_execution=BRACKETS[seed],
            funding_rates={"X": rates},
            order_latency_ms=(0, 500, 61_000)[seed],
        )
        SEEN.clear()
        assert compare(bars, setting, RandomDecisions(seed, ["X"], 0.5, (1, 2, 3, 30))) > 20
        assert bool(SEEN["funding"]) == bool(rates)
