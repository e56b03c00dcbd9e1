"""What is worked out from a market may last elsewhere."""

from __future__ import annotations

import pytest

import engine.market.history
from adapters import synthetic_klines
from engine import MarketHistory
from engine.market.indicators import parse_indicator

START = 1_704_067_200_000


class Store:
    """Keeps all; notes what was made and what was asked for."""

    def __init__(self):
        self.kept, self.made, self.asked = {}, [], []

    def get(self, key, make):
        self.asked.append(key)
        if key not in self.kept:
            self.made.append(key)
            self.kept[key] = make()
        return self.kept[key]


def market(days=4):
    return MarketHistory.from_klines({"BTC": synthetic_klines("BTC", START, days * 1440, seed=3)})


def answers(found, name="MACD"):
    history = found.symbols["BTC"]
    series = history.series("15m")
    indicator = history.indicator(series, parse_indicator(name))
    forming = history.forming(15 * 60_000, START + 3 * 86_400_000 + 60_000)
    return indicator.at(200), indicator.at(250, forming), series.columns.close.tolist(), history.watch("1m").end_ms[:3]


def test_a_second_market_takes_what_the_first_one_has_made():
    store = Store()
    first, second = market(), market()
    first.keep_derived_in(store)
    second.keep_derived_in(store)
    found = [answers(each) for each in (market(), first, second)]
    assert all(each[:3] == found[0][:3] for each in found)
    assert all(each[3].tolist() == found[0][3].tolist() for each in found)
    assert len(store.made) == len({*store.made}) >= 3
    assert store.asked == store.made * 2


def test_the_parts_of_a_store_do_not_mix():
    store = Store()
    both = MarketHistory.from_klines(
        {name: synthetic_klines(name, START, 2 * 1440, seed) for seed, name in enumerate(("BTC", "ETH"))}
    )
    both.keep_derived_in(store)
    values = {
        (symbol, name, period): both.symbols[symbol]
        .indicator(both.symbols[symbol].series(period), parse_indicator(name))
        .at(40)["value"]
        for symbol in ("BTC", "ETH")
        for name in ("RSI14", "RSI7", "RSI21")
        for period in ("15m", "30m")
    }
    assert len({*values.values()}) == 12


def test_the_same_history_anew_has_its_store_and_nothing_else():
    store = Store()
    first = market()
    first.keep_derived_in(store)
    answers(first)
    made = len(store.made)
    answers(MarketHistory([first.symbols["BTC"].anew()]))
    assert len(store.made) == made
    assert len(store.asked) == 2 * made


def test_what_comes_of_a_part_of_a_market_is_kept_for_that_part_alone():
    store, end_ms = Store(), START + 3 * 86_400_000 + 120_000
    whole, cut, again = market(), market(), market()
    for each in (whole, cut, again):
        each.keep_derived_in(store)
    answers(whole)
    of_the_whole = len(store.made)
    expected = answers(market().until(end_ms))
    for found in map(answers, (cut.until(end_ms), again.until(end_ms))):
        assert found[:3] == expected[:3]
    assert len(store.made) == 2 * of_the_whole
    answers(cut.until(end_ms + 60_000))
    assert len(store.made) == 3 * of_the_whole


@pytest.mark.parametrize(("rows", "expected"), [(96 * 4 * 3, ["RSI5", "RSI2", "RSI6"]), (1, ["RSI6"])])
def test_of_many_indicators_the_last_ones_are_kept(monkeypatch, rows, expected):
    monkeypatch.setattr(engine.market.history, "_MOST_INDICATED", rows)
    history = market().symbols["BTC"]
    series = history.series("15m")
    for length in (2, 3, 4, 5, 2, 6):
        history.indicator(series, parse_indicator(f"RSI{length}"))
    assert [indicator.name for _, indicator in history._indicators] == expected
