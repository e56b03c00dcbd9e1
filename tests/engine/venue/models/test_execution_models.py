"""The models of a run together: a user's own, those of the configuration, and that at zero they change no byte."""

import json

import pytest

from engine import ExecutionModels, MarketHistory
from engine.venue.models import ConstantLatency, ShareOfVolume
from processes import ProgramBacktestEngine
from tests.support.runs import Script, buy, close, config, klines, market, run_script, sell, walk

STEADY = market(X=klines(*[(100.0, 100.0, 100.0, 100.0, 10.0)] * 200))


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
