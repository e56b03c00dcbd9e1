"""Models of slippage, fees, latency and volume: their formulas, their use, and that at zero they change no byte."""

import json
import math

import numpy as np
import pytest

from engine import (
    BookRows,
    ExecutionModels,
    FlowHistory,
    MarketHistory,
    MarketOrder,
    SymbolHistory,
)
from engine.venue.models import (
    ConstantLatency,
    FeeTier,
    LognormalLatency,
    ShareOfVolume,
    SpreadSlippage,
    TieredFee,
    TimeOfDayLatency,
    TradedVolume,
    VolumeShareSlippage,
)
from processes import ProgramBacktestEngine
from tests.support.runs import (
    DAY,
    HOUR,
    MINUTE,
    START,
    Script,
    buy,
    close,
    config,
    klines,
    market,
    run_script,
    sell,
    walk,
)

STEADY = market(X=klines(*[(100.0, 100.0, 100.0, 100.0, 10.0)] * 200))


def order(size, sign=1, minute=100, history=STEADY.symbols["X"]):
    return MarketOrder("X", sign, size, 100.0, START + minute * MINUTE, history)


def test_impact_grows_with_the_square_root_of_the_share_of_volume():
    model = VolumeShareSlippage(impact_percent=2.0, percent=0.1)
    assert model.fill_price(order(6.0)) == pytest.approx(100 * (1 + (0.1 + 2 * math.sqrt(6 / 600)) / 100))
    assert model.fill_price(order(6.0, -1)) == pytest.approx(100 * (1 - (0.1 + 2 * math.sqrt(6 / 600)) / 100))
    assert model.fill_price(order(6.0, minute=10)) == pytest.approx(100 * (1 + (0.1 + 2 * math.sqrt(6 / 100)) / 100))
    assert model.fill_price(order(6.0, minute=0)) == pytest.approx(102.1)  # nothing was traded yet


def test_half_the_spread_of_a_fresh_snapshot():
    book = BookRows([START + MINUTE], [1.0], [1.0], [0.4])
    history = SymbolHistory("X", klines(*[100.0] * 5), flow=FlowHistory(book=book))
    model = SpreadSlippage(percent=1.0)
    assert model.fill_price(order(1.0, 1, 1, history)) == pytest.approx(100.2 * 1.01)
    assert model.fill_price(order(1.0, -1, 2, history)) == pytest.approx(99.8 * 0.99)
    assert model.fill_price(order(1.0, 1, 3, history)) == pytest.approx(101.0)
    assert model.fill_price(order(1.0, 1, 0, history)) == pytest.approx(101.0)


def test_fee_tiers_count_the_fourteen_days_before_today():
    traded, model = TradedVolume(), TieredFee((FeeTier(0.0, 0.045, 0.015), FeeTier(1_000.0, 0.04, 0.012)))
    traded.add(START, 1_000.0)
    assert model.percent("X", False, START, traded) == 0.045
    assert model.percent("X", False, START + DAY, traded) == 0.04
    assert model.percent("X", True, START + 14 * DAY, traded) == 0.012
    assert model.percent("X", True, START + 15 * DAY, traded) == 0.015


def test_a_run_climbs_the_tiers():
    model = TieredFee((FeeTier(0.0, 0.1, 0.1), FeeTier(9_000.0, 0.05, 0.05)))
    history = market(X=klines(*[100.0] * (2 * 1440)))
    script = Script({1: buy(), 2: close(), 1441: buy()})
    result = ProgramBacktestEngine(history, models=ExecutionModels(fees=model)).run(
        config(script, 1445, scheduled_interval=60)
    )
    assert result.fees_paid == pytest.approx(5 + 5 + 9_990 * 0.5 * 0.0005)


def test_latencies():
    assert ConstantLatency(7).delay_ms(START) == 7
    assert TimeOfDayLatency(tuple(range(24))).delay_ms(START + 5 * HOUR + 1) == 5
    model = LognormalLatency(200, 0.5, seed=3)
    delays = [model.delay_ms(START + k * MINUTE) for k in range(2_000)]
    assert delays == [LognormalLatency(200, 0.5, 3).delay_ms(START + k * MINUTE) for k in range(2_000)]
    assert np.median(delays) == pytest.approx(200, rel=0.05)
    assert np.std(np.log(delays)) == pytest.approx(0.5, rel=0.05)
    assert LognormalLatency(0).delay_ms(START) == 0


def test_an_order_meets_the_market_of_its_arrival_and_nobody_waits():
    history = market(X=klines(100.0, 101.0, 102.0, 103.0, 104.0))
    script, sim, result = run_script(history, {1: buy(), 2: buy(leverage=99)}, 4, order_latency_ms=90_000)
    (fill,) = sim.exchange.fills
    assert (fill.timestamp, fill.price) == (START + 2 * MINUTE + 30_000, 101.0)
    assert script.seen[2].open_orders[0].order_type == "In Flight"
    assert [entry["order"]["status"] for entry in result.trigger_log if "order" in entry] == ["in flight"] * 2
    assert result.rejections == {"leverage out of range": 1}
    assert result.orders_submitted == 2


def test_what_is_still_in_flight_at_the_end_is_cancelled_and_counted():
    _, sim, result = run_script(STEADY, {3: buy()}, 4, order_latency_ms=90_000)
    assert (sim.exchange.fills, result.rejections) == ([], {"end of run": 1})


def test_a_changed_decision_object_does_not_change_what_was_sent():
    decision = buy()

    def change(_):
        decision.symbol = "NOPE"

    _, sim, _ = run_script(STEADY, {1: decision, 2: change}, 5, order_latency_ms=90_000)
    assert [fill.symbol for fill in sim.exchange.fills] == ["X"]


def test_a_volume_cap_cuts_a_market_order_and_lets_a_limit_order_go_on():
    _, sim, result = run_script(STEADY, {1: buy(portion=1.0)}, 4, volume_cap_percent=10.0)
    assert [fill.size for fill in sim.exchange.fills] == [1.0]
    assert result.rejections == {"volume cap": 1}
    rows = [(100.0, 101.0, 99.0, 100.0, 10.0)] * 12
    limit = buy(portion=0.05 * 8, time_in_force="Gtc", max_price=99.5)
    _, sim, result = run_script(market(X=klines(*rows)), {1: limit}, 11, volume_cap_percent=100.0)
    assert [round(fill.size, 9) for fill in sim.exchange.fills] == [10.0, 10.0, 10.0, 10.0, round(4_000 / 99.5 - 40, 9)]
    assert result.rejections == {}


def test_a_capped_stop_goes_on_in_the_next_klines():
    rows = (
        [(100.0, 100.0, 100.0, 100.0, 1_000.0)] * 3 + [(100.0, 100.0, 90.0, 90.0, 20.0)] + [(90.0,) * 4 + (20.0,)] * 4
    )
    orders = {1: buy(stop_loss_price=95.0)}
    _, sim, _ = run_script(market(X=klines(*rows)), orders, 7, volume_cap_percent=100.0)
    stops = [(fill.price, fill.size) for fill in sim.exchange.fills[1:]]
    assert stops == [(95.0, 20.0), (90.0, 20.0), (90.0, pytest.approx(10.0))]


class Worse:
    """A user's own model: a dollar worse."""

    def fill_price(self, order):
        return order.price + order.sign


def test_a_users_own_model_is_a_few_lines():
    result = ProgramBacktestEngine(STEADY, models=ExecutionModels(slippage=Worse())).run(
        config(Script({1: buy(), 2: close()}), 4, liquidation=False)
    )
    assert (result.trades[0].entry_price, result.trades[0].exit_price) == (101.0, 99.0)


NOTHING = [
    {"slippage_model": "volume_share"},
    {"slippage_model": "spread"},
    {"latency_model": "lognormal"},
    {"latency_model": "time_of_day", "latency_by_hour_ms": [0] * 24},
    {"fee_model": "maker_taker"},
    {"volume_cap_percent": 100.0},
    {"liquidation": False},
    {"funding": False},
    {"max_position_usd": 1e12, "max_daily_loss_usd": 1e12, "max_open_orders": 10_000},
    {"margin_mode": "isolated", "liquidation": False},
]


@pytest.mark.parametrize("fields", NOTHING, ids=lambda fields: "+".join(fields))
@pytest.mark.parametrize("execution", ["close", "open", "vwap"])
def test_models_without_intensity_give_the_bytes_of_none(fields, execution):
    base = walk(400, 3, volatility=0.004)
    thick = type(base)(base.period_ms, base.open_ms, base.open, base.high, base.low, base.close, base.volume * 1e6)
    orders = {}
    for minute in range(1, 390, 6):
        kind = (buy, sell)[minute % 4 == 1]
        sign = 1 if kind is buy else -1

        def decide(data, kind=kind, sign=sign):
            price = data.get_price("X")
            return kind(
                portion=0.3,
                leverage=2,
                take_profit_price=price * (1 + sign * 0.01),
                stop_loss_price=price * (1 - sign * 0.004),
                time_in_force="Gtc",
                max_price=price * 1.0002,
                min_price=price * 0.9998,
            )

        orders[minute] = decide

    def bytes_of(**given):
        settings = {"execution_price": execution, "slippage_percent": 0.02, "fee_rate": 0.04, **given}
        _, _, result = run_script(market(X=thick), orders, 395, **settings)
        entry = result.to_dict(timing=False)
        assert entry["total_trades"] > 30
        del entry["config"], entry["warnings"]
        return json.dumps(entry)

    assert bytes_of(**fields) == bytes_of()


def test_the_models_of_a_run_without_any_are_those_of_the_configuration():
    models = ExecutionModels(volume_cap=ShareOfVolume(5.0)).completed(config(Script({}), 5, order_latency_ms=9))
    assert models.latency == ConstantLatency(9)
    assert models.volume_cap == ShareOfVolume(5.0)
    assert isinstance(MarketHistory.from_klines({}), MarketHistory)
