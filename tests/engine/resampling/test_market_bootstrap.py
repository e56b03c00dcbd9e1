"""A market drawn anew: every minute is a recorded one, for all symbols and all that was recorded of it at once."""

from __future__ import annotations

import math
import pickle

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine import BookRows, DataError, FlowHistory, KlineColumns, MarketHistory, SymbolHistory, TimedValues, TradeRows
from engine.errors import ConfigurationError
from engine.market import aggregate
from engine.market.flow import LATEST_VALUES, back_filled
from engine.resampling import bootstrapped_market
from tests.support.klines import random_klines

START_MS = 1_704_067_200_000  # 2024-01-01T00:00:00Z
MINUTE, HOUR, DAY = 60_000, 3_600_000, 86_400_000
WARM_UP = 120


def gapped(klines: KlineColumns, *missing: int) -> KlineColumns:
    return klines.where(~np.isin(np.arange(len(klines)), missing))


def flow_of(klines: KlineColumns, seed: int) -> FlowHistory:
    """Return rows each 15 seconds, in some minutes fewer, with a rate settled each hour, in all their bits."""
    random = np.random.default_rng(seed)
    times = (klines.open_ms[:, None] + 15_000 * np.arange(1, 5)).reshape(-1)
    times = times[random.random(len(times)) < 0.9]
    price = np.repeat(klines.close, 4)[: len(times)]

    def values(scale: float = 1.0) -> np.ndarray:
        return scale * (1 + random.random(len(times)))

    settled = np.arange(-(-klines.open_ms[0] // HOUR) * HOUR, klines.open_ms[-1] + 1, HOUR)
    return FlowHistory(
        TradeRows(times, values(), values(), values(9), values(9), price, price * 1.1, price * 0.9),
        BookRows(times, values(), values(), values(0.01)),
        TimedValues(times, price * 1.001),
        TimedValues(times[::3], values()[::3]),
        TimedValues(settled, random.random(len(settled)) * 1e-4),
        TimedValues(times[1::2], price[1::2]),
    )


def recorded_market(count: int = 900) -> MarketHistory:
    begin = START_MS - WARM_UP * MINUTE
    btc = gapped(random_klines(count, 1, start_ms=begin), 150, 151, 152, 400)
    eth = gapped(random_klines(count, 2, start_ms=begin), 300, 301, 700)
    values = np.random.default_rng(5).random(count)
    mood = TimedValues(begin + MINUTE * np.arange(1, count + 1), values)
    marks = KlineColumns(MINUTE, btc.open_ms, *(column * 1.01 for column in btc.figures))
    return MarketHistory(
        [
            SymbolHistory("BTC", btc, (), flow_of(btc, 11), marks, {"mood": mood}),
            SymbolHistory("ETH", eth, (), flow_of(eth, 12)),
        ]
    )


END_MS = START_MS + (900 - WARM_UP) * MINUTE


def drawn_anew(market: MarketHistory, seed: int = 3, mean_block_ms: float = 20 * MINUTE) -> MarketHistory:
    return bootstrapped_market(market, START_MS, END_MS, mean_block_ms, np.random.default_rng(seed))


def source_places(recorded: KlineColumns, made: KlineColumns) -> list[int]:
    """Return which recorded kline each made one is: by its volume, of which there are no two alike."""
    place_of = {volume: place for place, volume in enumerate(recorded.volume.tolist())}
    assert len(place_of) == len(recorded)
    return [place_of[volume] for volume in made.volume.tolist()]


def first_drawn(klines: KlineColumns) -> int:
    return int(np.searchsorted(klines.open_ms, START_MS))


def retold(recorded: KlineColumns, sources: list[int]) -> list[tuple[float, float, float, float]]:
    """Return prices, one kline after another: each as it was beside the close before it."""
    before, made = recorded.close.item(first_drawn(recorded) - 1), []
    for source in sources[first_drawn(recorded) :]:
        beside = recorded.close.item(source - 1)
        prices = [getattr(recorded, name).item(source) / beside * before for name in ("open", "high", "low", "close")]
        made.append(tuple(prices))
        before = prices[-1]
    return made


def rows_in(times: np.ndarray, open_ms: int) -> list[int]:
    return [place for place, time_ms in enumerate(times.tolist()) if open_ms < time_ms <= open_ms + MINUTE]


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_every_kline_is_a_recorded_one_beside_the_close_before_it(seed: int) -> None:
    market = recorded_market()
    made = drawn_anew(market, seed)
    for symbol in ("BTC", "ETH"):
        recorded, new = (each.symbols[symbol].base.columns for each in (market, made))
        assert new.open_ms.tolist() == recorded.open_ms.tolist()  # gaps in their places
        first = first_drawn(new)
        for one, other in zip(new.figures, recorded.figures, strict=True):
            assert one[:first].tobytes() == other[:first].tobytes()  # the warm-up
        sources = source_places(recorded, new)
        assert min(sources[first:]) >= first_drawn(recorded)
        assert sources[first:] != list(range(first, len(new)))
        expected = np.array(retold(recorded, sources))
        found = np.stack([new.open, new.high, new.low, new.close], axis=1)[first:]
        np.testing.assert_allclose(found, expected, rtol=1e-11)
        assert (new.high >= np.maximum(new.open, new.close)).all()
        assert (new.low <= np.minimum(new.open, new.close)).all()


def test_all_symbols_take_the_same_minutes_in_blocks() -> None:
    market = recorded_market()
    made = drawn_anew(market)
    minutes = []
    for symbol in ("BTC", "ETH"):
        recorded, new = (each.symbols[symbol].base.columns for each in (market, made))
        sources = source_places(recorded, new)
        minutes.append({time: recorded.open_ms.item(place) for time, place in zip(new.open_ms, sources, strict=True)})
    both = minutes[0].keys() & minutes[1].keys()
    assert len(both) > 800
    assert all(minutes[0][time] == minutes[1][time] for time in both)
    steps = [minutes[0][time + MINUTE] - minutes[0][time] for time in sorted(both) if time + MINUTE in minutes[0]]
    assert 0.9 < np.mean([step == MINUTE for step in steps if step]) < 0.99  # blocks of 20, cut by gaps


def test_the_log_returns_and_their_pairs_are_recorded_ones() -> None:
    market = recorded_market()
    made = drawn_anew(market)
    joint = []
    for each in (market, made):
        found = {}
        for symbol in ("BTC", "ETH"):
            columns = each.symbols[symbol].base.columns
            returns = np.diff(np.log(columns.close))
            for time, value in zip(columns.open_ms[1:].tolist(), returns.tolist(), strict=True):
                found.setdefault(time, []).append(round(value, 9))
        joint.append({tuple(pair) for time, pair in found.items() if time >= START_MS and len(pair) == 2})
    assert len(joint[1]) > 300
    assert joint[1] <= joint[0]


def test_what_was_recorded_of_a_minute_moves_with_it() -> None:
    market = recorded_market()
    made = drawn_anew(market)
    for symbol in ("BTC", "ETH"):
        old, new = market.symbols[symbol], made.symbols[symbol]
        recorded, columns = old.base.columns, new.base.columns
        sources, first = source_places(recorded, columns), first_drawn(columns)
        tables = [
            (old.flow.trades, new.flow.trades, ("buy_volume", "sell_volume"), ("buy_notional", "vwap", "high", "low")),
            (old.flow.book, new.flow.book, ("bid_depth", "ask_depth"), ("spread",)),
            (old.flow.mark_price.rows, new.flow.mark_price.rows, (), ("value",)),
            (old.flow.oracle_price.rows, new.flow.oracle_price.rows, (), ("value",)),
        ]
        for before, after, kept, scaled in tables:
            count = int((before.timestamp_ms <= START_MS).sum())
            for place in range(first, len(columns)):
                source = sources[place]
                opened, from_ms = columns.open_ms.item(place), recorded.open_ms.item(source)
                factor = columns.close.item(place) / recorded.close.item(source)
                moved, rows = rows_in(after.timestamp_ms, opened), rows_in(before.timestamp_ms, from_ms)
                count += len(rows)
                assert [after.timestamp_ms.item(row) - opened for row in moved] == [
                    before.timestamp_ms.item(row) - from_ms for row in rows
                ]
                for name in kept:
                    assert getattr(after, name)[moved].tolist() == getattr(before, name)[rows].tolist()
                for name in scaled:
                    expected = getattr(before, name)[rows] * factor
                    np.testing.assert_allclose(getattr(after, name)[moved], expected, rtol=1e-11)
            assert len(after) == count


def test_mark_klines_keep_their_distance_to_the_price() -> None:
    market = recorded_market()
    made = drawn_anew(market).symbols["BTC"]
    assert made.mark_klines.open_ms.tolist() == made.base.columns.open_ms.tolist()
    for mark, traded in zip(made.mark_klines.figures[:4], made.base.columns.figures[:4], strict=True):
        np.testing.assert_allclose(mark, traded * 1.01, rtol=1e-12)


def test_open_interest_is_chained_as_prices_are() -> None:
    market = recorded_market()
    made = drawn_anew(market)
    old, new = market.symbols["ETH"], made.symbols["ETH"]
    recorded, columns = old.base.columns, new.base.columns
    rows, found = old.flow.open_interest.rows, new.flow.open_interest.rows
    sources, first = source_places(recorded, columns), first_drawn(columns)
    level = rows.value[rows.timestamp_ms <= columns.open_ms[first]][-1]
    expected = {}
    for place in range(first, len(columns)):
        opened, from_ms = columns.open_ms.item(place), recorded.open_ms.item(sources[place])
        before = rows.value[rows.timestamp_ms <= from_ms][-1]
        start = level
        for row in rows_in(rows.timestamp_ms, from_ms):
            level = start * rows.value.item(row) / before
            expected[rows.timestamp_ms.item(row) - from_ms + opened] = level
    drawn = found.timestamp_ms > START_MS
    assert found.timestamp_ms[drawn].tolist() == [*expected]
    np.testing.assert_allclose(found.value[drawn], [*expected.values()], rtol=1e-10)


def test_a_settled_rate_is_what_its_minutes_have_brought() -> None:
    market = recorded_market()
    made = drawn_anew(market)
    old, new = market.symbols["ETH"], made.symbols["ETH"]
    recorded, columns = old.base.columns, new.base.columns
    rates, found = old.flow.funding_rate.rows, new.flow.funding_rate.rows
    assert found.timestamp_ms.tolist() == rates.timestamp_ms.tolist()
    source_of = dict(zip(columns.open_ms.tolist(), source_places(recorded, columns), strict=True))
    rate_of = dict(zip(rates.timestamp_ms.tolist(), rates.value.tolist(), strict=True))
    differ = 0
    for settled, rate in zip(found.timestamp_ms.tolist(), found.value.tolist(), strict=True):
        if settled <= START_MS:
            assert rate == rate_of[settled]
            continue
        brought = 0.0
        for minute in range(settled - HOUR, settled, MINUTE):
            place = source_of.get(minute)
            if place is None:  # a minute without a kline of this symbol is that of the others
                place_of_btc = dict(
                    zip(
                        made.symbols["BTC"].base.columns.open_ms.tolist(),
                        source_places(market.symbols["BTC"].base.columns, made.symbols["BTC"].base.columns),
                        strict=True,
                    )
                )[minute]
                from_ms = market.symbols["BTC"].base.columns.open_ms.item(place_of_btc)
            else:
                from_ms = recorded.open_ms.item(place)
            due = min(-(-(from_ms + MINUTE) // HOUR) * HOUR, max(rate_of))
            brought += rate_of[due] / 60
        assert rate == pytest.approx(brought, rel=1e-9)
        differ += rate != rate_of[settled]
    assert differ > 5


def test_a_feature_tells_what_was_known_at_the_same_place_of_its_source() -> None:
    market = recorded_market()
    made = drawn_anew(market)
    old, new = market.symbols["BTC"], made.symbols["BTC"]
    recorded, columns = old.base.columns, new.base.columns
    before, after = old.feature("mood").rows, new.feature("mood").rows
    assert after.timestamp_ms.tolist() == before.timestamp_ms.tolist()
    value_at = dict(zip(before.timestamp_ms.tolist(), before.value.tolist(), strict=True))
    new_at = dict(zip(after.timestamp_ms.tolist(), after.value.tolist(), strict=True))
    for opened, source in zip(columns.open_ms.tolist(), source_places(recorded, columns), strict=True):
        assert new_at[opened + MINUTE] == value_at[recorded.open_ms.item(source) + MINUTE]


def bytes_of(market: MarketHistory) -> bytes:
    return pickle.dumps([market.symbols[name].__reduce__()[1] for name in market.symbols])


def test_the_same_seed_makes_the_same_bytes() -> None:
    market = recorded_market()
    assert bytes_of(drawn_anew(market, 3)) == bytes_of(drawn_anew(market, 3))
    assert bytes_of(drawn_anew(market, 3)) != bytes_of(drawn_anew(market, 4))


def test_the_market_says_that_it_is_not_recorded() -> None:
    recorded = recorded_market()
    market = MarketHistory(recorded.symbols, recorded.regime, remarks=["as it came"])
    first, said = drawn_anew(market).remarks
    assert first == "as it came"
    assert said == (
        "no recorded market: the klines between 2024-01-01 00:00:00 UTC and 2024-01-01 13:00:00 UTC are drawn anew "
        "from the recorded ones of that time, in blocks of 20m on average"
    )


def test_what_cannot_be_right_is_left_out_with_a_remark() -> None:
    klines = random_klines(300, start_ms=START_MS)
    times = klines.open_ms + MINUTE
    flow = FlowHistory(
        open_interest=TimedValues(times, np.arange(300.0)), day_notional_volume=TimedValues(times, np.ones(300))
    )
    hours = random_klines(5, 4, "1h", START_MS)
    daily = TimedValues(START_MS + np.array([0, 120, 240]) * MINUTE, np.ones(3))
    other = SymbolHistory("BTC", klines, (), flow, hours, {"slow": daily})
    made = bootstrapped_market(MarketHistory([other]), START_MS, START_MS + 300 * MINUTE, 30 * MINUTE, generator())
    btc = made.symbols["BTC"]
    assert btc.mark_klines is None
    assert btc.flow.day_notional_volume is None
    assert btc.flow.open_interest is None
    assert [each.split(":")[0] for each in made.remarks[1:4]] == ["BTC"] * 3
    for text in ("traded in 24 hours", "longer than the base ones", "not above 0", "feature slow has a value every 2h"):
        assert sum(text in each for each in made.remarks) == 1, text


def generator(seed: int = 1) -> np.random.Generator:
    return np.random.default_rng(seed)


def test_sampled_funding_rates_move_with_their_minutes() -> None:
    klines = random_klines(400, start_ms=START_MS)
    times, values = klines.open_ms + MINUTE, np.random.default_rng(1).random(400)
    flow = FlowHistory(funding_rate=TimedValues(times, values))
    made = bootstrapped_market(
        MarketHistory([SymbolHistory("BTC", klines, (), flow)]), START_MS, START_MS + 400 * MINUTE, HOUR, generator()
    ).symbols["BTC"]
    rows = made.flow.funding_rate.rows
    assert rows.timestamp_ms.tolist() == times.tolist()
    assert rows.value.tolist() == [values[place] for place in source_places(klines, made.base.columns)]


def test_whole_minutes_among_the_rows_are_told_apart_where_they_come_to_stand() -> None:
    klines = random_klines(200, start_ms=START_MS)
    times = klines.open_ms + MINUTE
    ones, filled = np.ones(200), np.arange(200) < 100
    vwap = np.where(filled, np.nan, 5.0)
    rows = TradeRows(times, np.arange(200.0), ones, ones, ones, vwap, ones, ones)
    assert back_filled(times, vwap, 0 * ones)[:100].all()
    flow = FlowHistory(rows, back_filled_ms=times[filled])
    market = MarketHistory([SymbolHistory("BTC", klines, (), flow)])
    made = bootstrapped_market(market, START_MS, START_MS + 200 * MINUTE, 10 * MINUTE, generator()).symbols["BTC"]
    expected = made.flow.trades.timestamp_ms[made.flow.trades.buy_volume < 100]
    assert made.flow.back_filled_ms.tolist() == expected.tolist()
    assert 0 < len(expected) < 200


def test_longer_klines_are_those_of_the_base_from_the_start_on() -> None:
    base = random_klines(10 * 60, 1, start_ms=START_MS)
    hours = random_klines(30, 2, "1h", START_MS - 20 * HOUR)
    made = bootstrapped_market(
        MarketHistory([SymbolHistory("BTC", base, (hours,))]), START_MS, START_MS + 10 * HOUR, HOUR, generator()
    ).symbols["BTC"]
    found, minutes = made.series("1h").columns, made.base.columns
    assert found.open_ms.tolist() == hours.open_ms.tolist()
    assert found.close[:20].tolist() == hours.close[:20].tolist()
    for place in range(20, 30):
        part = slice((place - 20) * 60, (place - 19) * 60)
        assert found.high[place] == minutes.high[part].max()
        assert found.close[place] == minutes.close[part][-1]
        assert found.volume[place] == pytest.approx(minutes.volume[part].sum())
    assert made.disagreements() == {}


def test_longer_klines_that_cannot_be_made_of_the_base_end_at_the_start() -> None:
    base = random_klines(200, 1, "3m", START_MS)
    fives = random_klines(140, 2, "5m", START_MS - 20 * 5 * MINUTE)
    made = bootstrapped_market(
        MarketHistory([SymbolHistory("BTC", base, (fives,))]), START_MS, START_MS + 600 * MINUTE, HOUR, generator()
    )
    assert made.symbols["BTC"].series("5m").columns.open_ms.tolist() == fives.open_ms[:20].tolist()
    assert made.remarks[1] == "BTC: 5m klines end at the start: they cannot be made of the base ones"


def test_klines_shorter_than_the_base_are_left_out_and_that_is_said() -> None:
    minutes = random_klines(1_200, 1, start_ms=START_MS)
    base = aggregate(minutes, HOUR)
    market = MarketHistory([SymbolHistory("BTC", base, finer=[minutes])])
    made = bootstrapped_market(market, START_MS, START_MS + 20 * HOUR, HOUR, generator())
    assert made.symbols["BTC"].finer == ()
    assert "BTC: klines shorter than the base are not drawn: drill_down has none of them" in made.remarks


def test_a_symbol_that_is_listed_later_costs_the_others_none_of_their_minutes() -> None:
    count = 600
    btc = random_klines(count, 1, start_ms=START_MS)
    new = random_klines(100, 2, start_ms=START_MS + 500 * MINUTE)
    market = MarketHistory([SymbolHistory("BTC", btc), SymbolHistory("NEW", new)])
    made = bootstrapped_market(market, START_MS, START_MS + count * MINUTE, 5 * MINUTE, generator())
    alone = source_places(btc, made.symbols["BTC"].base.columns)
    assert len({place for place in alone[:500] if place < 500}) > 200
    assert min(alone[500:]) >= 500  # where both are recorded, both come from minutes of both
    listed = source_places(new, made.symbols["NEW"].base.columns)
    assert [place + 500 for place in listed] == alone[500:]


def test_flow_that_is_recorded_of_a_part_only_comes_from_that_part() -> None:
    klines = random_klines(600, start_ms=START_MS)
    times = klines.open_ms[400:500] + MINUTE
    flow = FlowHistory(open_interest=TimedValues(times, 5 + np.arange(100.0)))
    market = MarketHistory([SymbolHistory("BTC", klines, (), flow)])
    made = bootstrapped_market(market, START_MS, START_MS + 600 * MINUTE, 5 * MINUTE, generator()).symbols["BTC"]
    sources = np.array(source_places(klines, made.base.columns))
    assert set(sources[400:500] // 100) == {4}
    assert set(sources[:400] // 100) == {*range(6)}
    inside = made.flow.open_interest.rows.timestamp_ms
    assert np.isin(times, inside).all()


def test_symbols_of_different_base_periods_take_the_same_stretches() -> None:
    minutes = random_klines(600, 1, "1m", START_MS)
    fives = random_klines(120, 2, "5m", START_MS)
    market = MarketHistory([SymbolHistory("BTC", gapped(minutes, 33), ()), SymbolHistory("ETH", fives)])
    made = bootstrapped_market(market, START_MS, START_MS + 600 * MINUTE, HOUR, generator())
    btc, eth = (made.symbols[name].base.columns for name in ("BTC", "ETH"))
    assert btc.open_ms.tolist() == gapped(minutes, 33).open_ms.tolist()
    sources = dict(zip(eth.open_ms.tolist(), source_places(fives, eth), strict=True))
    for opened, source in zip(btc.open_ms.tolist(), source_places(minutes, btc), strict=True):
        assert source // 5 == sources[opened // (5 * MINUTE) * 5 * MINUTE]
        assert source % 5 == opened // MINUTE % 5
    assert 6 not in sources.values()  # in which a minute is missing


def test_a_range_that_is_longer_than_the_data_is_that_of_the_data() -> None:
    klines = random_klines(100, start_ms=START_MS)
    market = MarketHistory([SymbolHistory("BTC", klines)])
    one = bootstrapped_market(market, START_MS - 9 * DAY, START_MS + 40_000 * DAY, HOUR, generator())
    other = bootstrapped_market(market, START_MS, START_MS + 100 * MINUTE, HOUR, generator())
    assert bytes_of(one) == bytes_of(other)
    assert one.remarks == other.remarks


def test_the_kline_that_opens_at_the_end_is_drawn_and_none_comes_after() -> None:
    klines = random_klines(300, start_ms=START_MS)
    made = bootstrapped_market(
        MarketHistory([SymbolHistory("BTC", klines)]), START_MS, START_MS + 100 * MINUTE, HOUR, generator()
    ).symbols["BTC"]
    assert len(made.base.columns) == 101
    assert max(source_places(klines, made.base.columns)) < 100


@pytest.mark.parametrize(
    ("start", "end", "block", "error", "text"),
    [
        (0, 0, HOUR, ConfigurationError, "the end does not come after the start"),
        (0, 100, 30_000, ConfigurationError, "blocks of 30 s are shorter than a kline: give 60 s or more"),
        (0, 100, math.nan, ConfigurationError, "shorter than a kline"),
        (5000, 6000, HOUR, DataError, "no kline opens between"),
    ],
)
def test_what_cannot_be_drawn_is_refused(start: int, end: int, block: float, error: type[Exception], text: str) -> None:
    market = MarketHistory([SymbolHistory("BTC", random_klines(100, start_ms=START_MS))])
    with pytest.raises(error, match=text):
        bootstrapped_market(market, START_MS + start * MINUTE, START_MS + end * MINUTE, block, generator())


def test_a_market_without_symbols_is_refused() -> None:
    with pytest.raises(ConfigurationError, match="no symbols"):
        bootstrapped_market(MarketHistory([]), START_MS, END_MS, HOUR, generator())


def test_symbols_without_a_common_minute_are_refused() -> None:
    klines = random_klines(100, start_ms=START_MS)
    even, odd = (gapped(klines, *range(first, 100, 2)) for first in (1, 0))
    market = MarketHistory([SymbolHistory("BTC", even), SymbolHistory("ETH", odd)])
    with pytest.raises(DataError, match="no stretch of 60 s has the klines of all of BTC, ETH in it"):
        bootstrapped_market(market, START_MS, START_MS + 100 * MINUTE, HOUR, generator())


def test_prices_that_are_not_above_zero_are_refused() -> None:
    klines = random_klines(100, start_ms=START_MS)
    low = np.where(np.arange(100) == 50, 0.0, klines.low)
    broken = KlineColumns(MINUTE, klines.open_ms, klines.open, klines.high, low, klines.close, klines.volume)
    with pytest.raises(DataError, match="BTC: a price is not above 0"):
        bootstrapped_market(
            MarketHistory([SymbolHistory("BTC", broken)]), START_MS, START_MS + 100 * MINUTE, HOUR, generator()
        )


def test_klines_that_do_not_follow_their_period_are_refused() -> None:
    klines = random_klines(100, start_ms=START_MS)
    opened = klines.open_ms + np.where(np.arange(100) > 50, 7_000, 0)
    broken = KlineColumns(MINUTE, opened, *klines.figures)
    with pytest.raises(DataError, match="does not open a whole number of periods after the others"):
        bootstrapped_market(
            MarketHistory([SymbolHistory("BTC", broken)]), START_MS, START_MS + 101 * MINUTE, HOUR, generator()
        )


@settings(max_examples=60, deadline=None)
@given(
    seed=st.integers(0, 2**32 - 1),
    missing=st.sets(st.integers(1, 118), max_size=60),
    scale=st.floats(1e-6, 1e6),
    block=st.floats(1.0, 500.0),
)
def test_prices_stay_positive_finite_and_in_their_order(
    seed: int, missing: set[int], scale: float, block: float
) -> None:
    klines = random_klines(120, seed, start_ms=START_MS)
    scaled = KlineColumns(MINUTE, klines.open_ms, *(scale * each for each in klines.figures))
    recorded = gapped(scaled, *missing)
    made = bootstrapped_market(
        MarketHistory([SymbolHistory("X", recorded)]),
        START_MS,
        START_MS + 120 * MINUTE,
        block * MINUTE,
        generator(seed),
    ).symbols["X"]
    new = made.base.columns
    prices = np.stack(new.figures[:4])
    assert np.isfinite(prices).all()
    assert (prices > 0).all()
    assert (new.high >= np.maximum(new.open, new.close)).all()
    assert (new.low <= np.minimum(new.open, new.close)).all()
    assert new.open_ms.tolist() == recorded.open_ms.tolist()
    assert set(new.volume.tolist()) <= set(recorded.volume.tolist())


def test_the_tables_that_move_are_all_that_are_recorded() -> None:
    from engine.resampling.drawn_minutes import MOVED_TABLES

    assert {*MOVED_TABLES, "day_notional_volume"} == {"trades", "book", *LATEST_VALUES}
