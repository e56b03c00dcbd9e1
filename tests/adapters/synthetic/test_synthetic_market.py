from __future__ import annotations

import math
import tracemalloc

import numpy as np
import pytest

from adapters import SyntheticSymbol, synthetic_klines, synthetic_symbol
from adapters.synthetic import synthetic_pieces
from engine import ConfigurationError, KlineColumns
from tests.support.klines import START_MS, assert_same

YEAR = 525_600
SYMBOLS = ("BTC", "ETH", "SOL", "DOGE", "1000PEPE")


@pytest.fixture(scope="module")
def year() -> dict[str, KlineColumns]:
    return {symbol: synthetic_klines(symbol, START_MS, YEAR, 7) for symbol in SYMBOLS}


def test_the_same_seed_gives_the_same_market_and_another_one_another() -> None:
    assert_same(synthetic_klines("BTC", START_MS, 5000, 7), synthetic_klines("BTC", START_MS, 5000, 7))
    for other in (synthetic_klines("BTC", START_MS, 5000, 8), synthetic_klines("ETH", START_MS, 5000, 7)):
        assert np.mean(other.close == synthetic_klines("BTC", START_MS, 5000, 7).close) < 0.01


@pytest.mark.parametrize("minutes", [1, 2, 239, 240, 241, 1440, 10_007, 100_000, YEAR - 1])
def test_a_longer_market_begins_with_the_shorter_one(year: dict[str, KlineColumns], minutes: int) -> None:
    for symbol in SYMBOLS:
        assert_same(synthetic_klines(symbol, START_MS, minutes, 7), year[symbol].slice(0, minutes))


def test_klines_are_consistent_and_without_a_gap(year: dict[str, KlineColumns]) -> None:
    for klines in year.values():
        assert np.all(np.diff(klines.open_ms) == 60_000)
        assert np.all(klines.high >= np.maximum(klines.open, klines.close))
        assert np.all(klines.low <= np.minimum(klines.open, klines.close))
        assert np.all(klines.low > 0)
        assert np.all(klines.volume > 0)


def test_a_kline_opens_at_the_last_close_but_for_small_gaps(year: dict[str, KlineColumns]) -> None:
    klines = year["BTC"]
    gap = klines.open[1:] / klines.close[:-1] - 1
    assert 0.002 < np.mean(gap != 0) < 0.02
    assert np.max(np.abs(gap)) < 0.005


def test_numbers_fit_the_columns_of_every_database(year: dict[str, KlineColumns]) -> None:
    for klines in year.values():
        for name, decimals in (("open", 6), ("high", 6), ("low", 6), ("close", 6), ("volume", 2)):
            texts = [f"{value:.{decimals}f}" for value in getattr(klines, name)[::97].tolist()]
            assert [float(text) for text in texts] == getattr(klines, name)[::97].tolist()


def test_the_market_moves_as_it_is_told(year: dict[str, KlineColumns]) -> None:
    for symbol, klines in year.items():
        returns = np.diff(np.log(klines.close))
        told = synthetic_symbol(symbol).annual_volatility_pct / 100
        assert 0.7 < np.std(returns) * math.sqrt(YEAR) / told < 1.4
        assert 4 < np.mean((returns / np.std(returns)) ** 4) < 60  # fat tails
        daily = np.abs(np.diff(np.log(klines.close[::1440])))
        assert np.max(daily) < 0.5


def test_there_are_regimes_a_daily_rhythm_and_jumps(year: dict[str, KlineColumns]) -> None:
    returns = np.diff(np.log(year["ETH"].close), prepend=np.log(year["ETH"].open[0])).reshape(-1, 1440)
    by_day, by_hour = np.std(returns, axis=1), np.std(returns.reshape(-1, 24, 60), axis=(0, 2))
    assert np.quantile(by_day, 0.95) > 2 * np.quantile(by_day, 0.05)
    assert np.max(by_hour) > 1.3 * np.min(by_hour)
    assert 10 < np.count_nonzero(np.abs(returns) > 6 * np.median(np.abs(returns)) / 0.6745) < 2000


def test_parameters_change_the_market() -> None:
    quiet = synthetic_klines("BTC", START_MS, 5000, 7, SyntheticSymbol(50.0, annual_volatility_pct=1.0))
    wild = synthetic_klines("BTC", START_MS, 5000, 7, SyntheticSymbol(50.0, annual_volatility_pct=500.0))
    assert quiet.open[0] == wild.open[0] == 50.0
    assert np.std(np.diff(np.log(wild.close))) > 5 * np.std(np.diff(np.log(quiet.close)))


def test_prices_stay_positive_in_a_crash() -> None:
    falling = SyntheticSymbol(0.001, annual_volatility_pct=300.0, annual_drift_pct=-1000.0)
    klines = synthetic_klines("X", START_MS, 200_000, 7, falling)
    assert klines.low.min() == 1e-6


def test_an_unknown_symbol_has_a_price_that_its_name_decides() -> None:
    assert synthetic_symbol("XYZ") == synthetic_symbol("XYZ")
    prices = {synthetic_symbol(f"S{n}").initial_price for n in range(50)}
    assert len(prices) > 40
    assert min(prices) >= 1
    assert max(prices) <= 1000


def test_wrong_arguments_are_all_named() -> None:
    with pytest.raises(ConfigurationError) as caught:
        synthetic_klines("", START_MS + 1, 0, -1)
    assert [problem.split()[0] for problem in caught.value.problems] == ["symbol", "start_ms", "minutes", "seed"]
    with pytest.raises(ConfigurationError) as caught:
        SyntheticSymbol(math.nan, -1.0, 1e9)
    assert len(caught.value.problems) == 3


def test_pieces_are_the_whole_and_take_the_memory_of_one() -> None:
    years = 8 * 366 * 1440
    tracemalloc.start()
    pieces = [piece.close[-1] for piece in synthetic_pieces("BTC", START_MS, years, 7)]
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert len(pieces) > 20
    assert peak < 8 * years * 2  # two columns of all of it
    some = synthetic_klines("BTC", START_MS, years // 8, 7)
    first, second, *_ = synthetic_pieces("BTC", START_MS, years // 8, 7)
    assert_same(some.slice(0, len(first)), first)
    assert_same(some.slice(len(first), len(first) + len(second)), second)
