"""Funding: hand-computed ledgers, ties, and what is said of missing rates."""

import tracemalloc

import numpy as np
import pytest

from engine import FlowHistory, MarketHistory, SymbolHistory, TimedValues, VenueRules, funding_schedule
from tests.support.runs import HOUR, MINUTE, START, Script, buy, close, config, klines, run_script, sell, wired


def funded(rates, *rows, **flow):
    times, values = zip(*rates, strict=True)
    flow = FlowHistory(funding_rate=TimedValues(times, values), **flow)
    return MarketHistory([SymbolHistory("X", klines(*rows), flow=flow)])


def payments(sim):
    return [
        ((post.timestamp - START) / MINUTE, pytest.approx(post.amount))
        for post in sim.account.ledger.postings
        if post.kind == "funding"
    ]


HOURLY = [(START + hour * HOUR, rate) for hour, rate in ((1, 0.001), (2, -0.002), (3, 0.003))]
FLAT = [100.0] * 200


@pytest.mark.parametrize(("entry", "sign"), [(buy, -1), (sell, 1)])
def test_one_hour_ledger(entry, sign):
    _, sim, result = run_script(funded(HOURLY, *FLAT), {1: entry(), 150: close()}, 190)
    # 50 coins at 100: 5,000 USD x rate; at 180 there is no position any more
    assert payments(sim) == [(60, sign * 5.0), (120, -sign * 10.0)]
    assert result.funding_received == pytest.approx(-sign * 5.0)
    assert result.trades[0].funding == pytest.approx(-sign * 5.0)
    assert result.trades[0].pnl == pytest.approx(-sign * 5.0)
    assert result.funding_payments == 2


def test_funding_is_on_the_price_of_the_moment():
    rows = [100.0] * 60 + [120.0] * 140
    _, sim, _ = run_script(funded([(START + HOUR + 7, 0.001), (START + 2 * HOUR, 0.001)], *rows), {1: buy()}, 190)
    assert payments(sim) == [(60, -5.0), (120, -6.0)]


def test_eight_hours_and_a_change_to_one_hour():
    rates = [(START + hour * HOUR + 3, 0.001) for hour in (0, 8, 16, 17, 18)]
    assert funding_schedule(TimedValues(*zip(*rates, strict=True)), HOUR).missing(START, START + 18 * HOUR) == (0, 0)
    _, sim, _ = run_script(funded(rates, *[100.0] * 1_200), {1: buy()}, 1_190, scheduled_interval=3600 // 60)
    assert [minute for minute, _ in payments(sim)] == [hour * 60 for hour in (8, 16, 17, 18)]


@pytest.mark.parametrize("late_ms", [0, 79, -3, 24 * MINUTE])
def test_an_entry_at_the_settlement_pays_nothing_and_an_exit_there_does_however_late_the_stamp(late_ms):
    rates = [(START + hour * HOUR + late_ms, rate) for hour, rate in ((1, 0.007), (2, 0.001), (3, 0.02))]
    _, sim, _ = run_script(funded(rates, *FLAT), {60: buy(), 120: close()}, 150)
    assert payments(sim) == [(120, -5.0)]


@pytest.mark.parametrize("doubled", [range(6), range(2, 3), range(1, 5)])
@pytest.mark.parametrize("late_ms", [3, 79, MINUTE])
def test_a_rate_that_two_sources_recorded_is_paid_once(doubled, late_ms):
    times = [START + place * 8 * HOUR for place in range(6)]
    rates = sorted((time, 0.001) for time in times + [times[place] + late_ms for place in doubled])
    _, sim, result = run_script(funded(rates, *[100.0] * 2_200), {1: buy()}, 36 * 60, scheduled_interval=60)
    assert payments(sim) == [(hours * 60, -5.0) for hours in (8, 16, 24, 32)]
    assert not any("rates" in text for text in result.warnings)


def test_of_two_different_rates_of_one_settlement_the_first_one_counts_and_is_warned_about():
    rates = [(START + HOUR - 4, 0.001), (START + HOUR, 0.002), (START + 2 * HOUR, 0.001), (START + 3 * HOUR, 0.001)]
    _, sim, result = run_script(funded(rates, *FLAT), {1: buy()}, 180)
    assert payments(sim) == [(60, -5.0), (120, -5.0), (180, -5.0)]
    assert [text for text in result.warnings if "rates" in text] == [
        "X: different funding rates are recorded for 1 settlements, the first at 2024-01-01 01:00:00 UTC; the first "
        "recorded one counts: delete those of the source that is wrong"
    ]
    _, _, later = run_script(funded(rates, *FLAT), {1: buy()}, 180, start_time=START + 61 * MINUTE)
    assert not any("rates" in text for text in later.warnings)


def test_rates_between_the_hours_stay_where_they_are_stamped():
    rates = TimedValues([START + hour * HOUR + 26 * MINUTE for hour in (0, 8, 16)], [0.001] * 3)
    assert funding_schedule(rates, HOUR).settlements.timestamp_ms.tolist() == rates.timestamp_ms.tolist()


def test_a_partial_close_takes_its_share_of_the_funding():
    _, _, result = run_script(funded(HOURLY, *FLAT), {1: buy(), 70: close(portion=0.25), 80: close()}, 100)
    assert [trade.funding for trade in result.trades] == [pytest.approx(-1.25), pytest.approx(-3.75)]


@pytest.mark.parametrize(
    ("begin", "end", "missing"),
    [
        (0, 7, (1, 4)),
        (3, 4, (1, 4)),
        (4, 7, (0, 0)),
        (0, 3, (0, 0)),
        (0, 10, (4, 4)),
        (5, 10, (3, 8)),
        (-3, 2, (2, -2)),
        (-5, -2, (3, -4)),
        (20, 22, (2, 21)),
    ],
)
def test_missing_settlements_are_counted_in_the_range_of_the_run(begin, end, missing):
    rates = TimedValues([START + hour * HOUR + 5 for hour in (0, 1, 2, 3, 5, 6, 7)], [0.001] * 7)
    count, hour = missing
    found = funding_schedule(rates, HOUR).missing(START + begin * HOUR, START + end * HOUR)
    assert found == (count, START + hour * HOUR if count else 0)


def test_a_century_of_missing_rates_is_counted_without_a_list_of_them():
    rates = TimedValues([START, START + HOUR, START + 876_000 * HOUR, START + 876_001 * HOUR], [0.001] * 4)
    tracemalloc.start()
    assert funding_schedule(rates, HOUR).missing(START, START + 876_001 * HOUR) == (875_998, START + 2 * HOUR)
    assert tracemalloc.get_traced_memory()[1] < 100_000
    tracemalloc.stop()


def test_missing_rates_are_a_warning_of_the_run_and_dense_rates_are_sampled():
    hours = [0, 1, 2, 3, 5, 6, 7]
    history = funded([(START + hour * HOUR, 0.0) for hour in hours], *[100.0] * 500)
    _, _, result = run_script(history, {1: buy()}, 479)
    assert any(
        text.startswith("X: 1 funding rates are missing between start and end, the first near 2024-01-01 04:00:00")
        for text in result.warnings
    )
    _, _, early = run_script(history, {1: buy()}, 230)
    assert not any("funding rates" in text for text in early.warnings)
    dense = TimedValues(START + 15_000 * np.arange(1_000), np.arange(1_000) / 1e6)
    sampled = funding_schedule(dense, HOUR).settlements
    assert sampled.timestamp_ms.tolist() == [START + k * HOUR for k in range(5)]
    assert sampled.value.tolist() == [k * 240 / 1e6 for k in range(5)]


@pytest.mark.parametrize(
    ("fields", "text"), [({}, "X: no funding rates are recorded"), ({"funding": False}, "funding is off")]
)
def test_the_result_says_that_no_funding_was_paid(fields, text):
    _, _, result = run_script(MarketHistory([SymbolHistory("X", klines(*FLAT))]), {1: buy()}, 20, **fields)
    assert any(text in warning for warning in result.warnings)
    _, _, idle = run_script(MarketHistory([SymbolHistory("X", klines(*FLAT))]), {}, 20, **fields)
    assert not any("funding" in warning for warning in idle.warnings)


def test_a_venue_that_reckons_on_the_oracle_price():
    oracle = TimedValues([START + 59 * MINUTE + 30_000], [110.0])
    history = funded([(START + HOUR, 0.001)], *FLAT, oracle_price=oracle)
    sim = wired(history, config(Script({1: buy()}), 100), rules=VenueRules(funding_price="oracle"))
    sim.run()
    assert payments(sim) == [(60, -5.5)]


@pytest.mark.parametrize("coin", ["BTC", "ETH", "SOL", "XRP", "DOGE", "BNB", "LTC"])
def test_a_month_of_real_rates_is_paid_on_the_recorded_mark_price(shared_data, coin):
    from pyarrow import parquet

    from engine import KlineColumns

    name = f"binance_um_{coin}USDT"
    table = parquet.read_table(shared_data / f"{name}_1m_2023_07_08.parquet")
    names = ("timestamp_ms", "open", "high", "low", "close", "volume")
    base = KlineColumns(MINUTE, *(table[each].to_numpy() for each in names))
    rates = parquet.read_table(shared_data / f"{name}_funding_8h_2023_07_08.parquet")
    marks = parquet.read_table(shared_data / f"{name}_mark_8h_2023_07_08.parquet")
    mark_at = dict(zip(marks["timestamp_ms"].to_pylist(), marks["open"].to_pylist(), strict=True))
    flow = FlowHistory(
        funding_rate=TimedValues(rates["timestamp_ms"].to_numpy(), rates["funding_rate"].to_numpy()),
        mark_price=TimedValues(marks["timestamp_ms"].to_numpy(), marks["open"].to_numpy()),
    )
    history = MarketHistory([SymbolHistory("X", base, flow=flow)])
    start, end = int(base.open_ms[0]), int(base.open_ms[-1]) + MINUTE

    class Long:
        def should_trade(self, data):
            return None if data.positions else buy()

    sim = wired(history, config(Long(), 0, start_time=start, end_time=end, scheduled_interval=3600))
    result = sim.run()
    size = sim.exchange.fills[0].size
    opened = sim.exchange.fills[0].timestamp
    due = [
        (time - time % HOUR, -size * mark_at[time - time % HOUR] * rate)
        for time, rate in zip(rates["timestamp_ms"].to_pylist(), rates["funding_rate"].to_pylist(), strict=True)
        if opened < time <= end
    ]
    paid = [(post.timestamp, post.amount) for post in sim.account.ledger.postings if post.kind == "funding"]
    assert [time for time, _ in paid] == [time for time, _ in due]
    assert [amount for _, amount in paid] == pytest.approx([amount for _, amount in due])
    assert len(paid) > 80
    assert result.funding_received == pytest.approx(sum(amount for _, amount in due))
