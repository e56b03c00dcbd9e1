"""Funding: hand-computed ledgers, ties, and what is said of missing rates."""

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
    assert payments(sim) == [(pytest.approx(60 + 7 / MINUTE), -5.0), (120, -6.0)]


def test_eight_hours_and_a_change_to_one_hour():
    rates = [(START + hour * HOUR + 3, 0.001) for hour in (0, 8, 16, 17, 18)]
    assert funding_schedule(TimedValues(*zip(*rates, strict=True)), HOUR).missing == ()
    _, sim, _ = run_script(funded(rates, *[100.0] * 1_200), {1: buy()}, 1_190, scheduled_interval=3600 // 60)
    assert [minute for minute, _ in payments(sim)] == [
        pytest.approx(hour * 60 + 3 / MINUTE) for hour in (8, 16, 17, 18)
    ]


def test_an_entry_at_the_stamp_pays_nothing_and_an_exit_there_does():
    rates = [(START + 60 * MINUTE, 0.001), (START + 120 * MINUTE, 0.001)]
    _, sim, _ = run_script(funded(rates, *FLAT), {60: buy(), 120: close()}, 150)
    assert payments(sim) == [(120, -5.0)]


def test_a_partial_close_takes_its_share_of_the_funding():
    _, _, result = run_script(funded(HOURLY, *FLAT), {1: buy(), 70: close(portion=0.25), 80: close()}, 100)
    assert [trade.funding for trade in result.trades] == [pytest.approx(-1.25), pytest.approx(-3.75)]


def test_a_missing_rate_in_the_middle_is_a_warning_and_dense_rates_are_sampled():
    hours = [0, 1, 2, 3, 5, 6, 7]
    rates = TimedValues([START + hour * HOUR for hour in hours], [0.001] * 7)
    schedule = funding_schedule(rates, HOUR)
    assert schedule.missing == (START + 4 * HOUR,)
    history = funded([(START + hour * HOUR, 0.0) for hour in hours], *[100.0] * 500)
    _, _, result = run_script(history, {1: buy()}, 490)
    assert any("1 funding rates are missing in the middle" in text for text in result.warnings)
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
        (time, -size * mark_at[time - time % HOUR] * rate)
        for time, rate in zip(rates["timestamp_ms"].to_pylist(), rates["funding_rate"].to_pylist(), strict=True)
        if opened < time <= end
    ]
    paid = [(post.timestamp, post.amount) for post in sim.account.ledger.postings if post.kind == "funding"]
    assert [time for time, _ in paid] == [time for time, _ in due]
    assert [amount for _, amount in paid] == pytest.approx([amount for _, amount in due])
    assert len(paid) > 80
    assert result.funding_received == pytest.approx(sum(amount for _, amount in due))
