"""What orders cost, and how much of them fills, while execution is disturbed."""

from __future__ import annotations

import pytest

from engine import ExecutionModels
from tests.processes.faults.test_exchange_faults import FLAT, at, scripted
from tests.support.runs import MINUTE, START, Script, buy, close, config, klines, market, sell, wired

DECISIONS = {1: buy(), 4: close(), 6: buy(), 9: close(), 30: buy()}


def prices(sim):
    return [(each.price, each.fee / (each.size * each.price) * 100.0) for each in sim.exchange.fills]


def test_what_takes_fills_so_much_worse():
    sim, result, _ = scripted(FLAT, DECISIONS, 40, at(5, 20, "spread", percent=2.0), slippage_percent=1.0)
    assert [price for price, _ in prices(sim)] == pytest.approx([101, 99, 101 * 1.02, 99 * 0.98, 101])
    assert "fault spread: once, 20m in all; fills worse: 2" in result.warnings


def test_two_of_a_kind_act_both_and_end_each_by_itself():
    sim, *_ = scripted(FLAT, DECISIONS, 40, at(5, 20, "spread", percent=2.0), at(8, 40, "spread", percent=1.0))
    assert [price for price, _ in prices(sim)] == pytest.approx([100, 100, 102, 98 * 0.99, 101])


@pytest.mark.parametrize("venue", [None, "hyperliquid", "binance_um"])
def test_fees_are_so_much_higher_whoever_names_them(venue):
    history = market(BTC=klines(*[100.0] * 60))
    fields = {"fee_rate": 0.1, "venue": venue}
    decisions = {minute: each(symbol="BTC") for minute, each in ((1, buy), (4, close), (6, buy), (9, close))}
    sim, result, _ = scripted(history, decisions, 40, at(5, 20, "fees", percent=0.5), **fields)
    before, _, within, after = (fee for _, fee in prices(sim))
    assert within == pytest.approx(before + 0.5)
    assert after == pytest.approx(before + 0.5)
    assert "fault fees: once, 20m in all; fills dearer: 2" in result.warnings


def test_fees_of_an_instrument_of_ones_own_are_higher_too():
    from engine import Instrument, VenueRules

    script = Script({1: buy(), 6: close()})
    settings = config(script, 20, faults=[at(5, 10, "fees", percent=0.5, symbols=["X"])])
    rules = VenueRules(instruments={"X": Instrument("X", taker_fee=0.25, maker_fee=0.125)})
    sim = wired(FLAT, settings, rules=rules)
    sim.run()
    assert [fee for _, fee in prices(sim)] == pytest.approx([0.25, 0.75])


@pytest.mark.parametrize("cap", [None, 50.0])
def test_no_more_of_a_kline_fills(cap):
    history = market(X=klines(*[(100, 100, 100, 100, 10)] * 60))
    decisions = {1: buy(portion=0.04), 6: buy(portion=0.04), 7: buy("X", portion=0.0, size=1.0)}
    sim, result, _ = scripted(history, decisions, 8, at(5, 20, "partial_volume", percent=10.0), volume_cap_percent=cap)
    assert [each.size for each in sim.exchange.fills if each.timestamp == START + MINUTE] == [pytest.approx(4.0)]
    assert [each.size for each in sim.exchange.fills if each.timestamp == START + 6 * MINUTE] == [1.0]
    assert any("fills capped" in text for text in result.warnings)


def test_half_the_intensity_lets_twice_as_much_fill():
    history = market(X=klines(*[(100, 100, 100, 100, 10)] * 60))
    fault = at(5, 20, "partial_volume", percent=10.0, intensity=0.5)
    sim, *_ = scripted(history, {6: buy(portion=0.9)}, 6, fault)
    assert [each.size for each in sim.exchange.fills] == [2.0]


@pytest.mark.parametrize("own", [None, 30_000])
def test_orders_are_under_way_for_so_much_longer(own):
    class Slow:
        def delay_ms(self, decided_at_ms):
            return own

    models = None if own is None else ExecutionModels(latency=Slow())
    script = Script({1: buy(), 6: close(), 30: sell()})
    sim = wired(FLAT, config(script, 40, faults=[at(5, 20, "latency", delay="90s")]), models=models)
    sim.run()
    late = (own or 0) / MINUTE
    assert [(each.timestamp - START) / MINUTE for each in sim.exchange.fills] == [1 + late, 7.5 + late, 30 + late]


def test_nothing_is_left_of_them_when_they_are_over():
    kinds = ("spread", "fees", "partial_volume", "latency", "rejects", "cancel_only")
    sim, *_ = scripted(FLAT, DECISIONS, 40, *(at(5 + place, 10, kind) for place, kind in enumerate(kinds)))
    adjusted = sim.exchange.adjusted
    assert [adjusted.fees, adjusted.prices, adjusted.volumes, adjusted.delays, sim.exchange.checks] == [[]] * 5


def test_each_fill_that_is_capped_counts_once():
    history = market(X=klines(*[(100, 100, 100, 100, 10)] * 60))
    sim, result, _ = scripted(history, {1: buy(portion=0.05)}, 40, at(0, 4, "partial_volume", percent=10.0))
    assert [round(fill.size, 6) for fill in sim.exchange.fills] == [1.0, 1.0, 1.0, 2.0]
    assert "fault partial_volume: once, 4m in all; fills capped: 3" in result.warnings
