"""A flow metric of one's own, for programs and for signals alike: the share of purchases in what takers traded.

Touches 1 file: this one, with the metric and the line that registers it.
"""

from operator import add

import numpy as np
import pytest

from engine import (
    Decision,
    FlowHistory,
    MarketHistory,
    SignalDefinition,
    SignalPool,
    SymbolHistory,
    TradeRows,
    parse_condition,
)
from engine.market import flow
from engine.market.flow import SUM, Kept, Metric, register_metric
from processes import PoolSource
from tests.support.drills import jailed
from tests.support.runs import MINUTE, START, config, klines, wired

BUY_SHARE = Metric(
    "BUY_SHARE",
    "buy_share",
    "trades",
    (Kept("buy_notional", SUM), Kept("sell_notional", SUM)),
    lambda divide: lambda buy, sell: divide(buy, add(buy, sell)) * 100.0,
)


@pytest.fixture(autouse=True)
def registered(monkeypatch):
    for names in (flow.FLOW_METRICS, flow.SIGNAL_METRICS):
        for name in ("BUY_SHARE", "buy_share"):
            monkeypatch.delitem(names, name, raising=False)
    register_metric(BUY_SHARE)
    yield
    del flow.FLOW_METRICS["BUY_SHARE"], flow.SIGNAL_METRICS["buy_share"]


def history():
    """Ten minutes in which takers buy one part in four, but three in four from minute 5 on."""
    times = START + 15_000 * np.arange(1, 41)
    bought = np.where(times > START + 5 * MINUTE, 75.0, 25.0)
    price = np.full(40, 100.0)
    rows = TradeRows(times, bought / 100, (100 - bought) / 100, bought, 100 - bought, price, price, price)
    return MarketHistory([SymbolHistory("X", klines(*[100.0] * 10), flow=FlowHistory(trades=rows))])


class FollowsTheTakers:
    def __init__(self):
        self.seen = []

    def should_trade(self, data):
        self.seen.append(data.get_flow("X", "BUY_SHARE", "1m")["current"])
        return None if data.positions else Decision("buy", "X", target_portion_of_balance=0.5, leverage=1)


def test_programs_ask_for_it_and_signals_fire_on_it():
    condition = parse_condition({"metric": "buy_share", "operator": ">", "threshold": 60, "time_window": "1m"})
    pool = SignalPool(None, "takers buy", (SignalDefinition(None, "mostly purchases", condition),))
    program = FollowsTheTakers()
    sim = wired(history(), config(program, 9, scheduled_interval=None), [PoolSource(pool)])
    result = sim.run()
    (entry,) = sim.exchange.fills
    assert entry.timestamp == START + 5 * MINUTE + 45_000
    assert program.seen == [62.5]  # of the four rows of minute 5 the first is still the old kind
    assert result.trigger_log[0]["pool_name"] == "takers buy"


FOLLOWS = """
class Follows:
    def should_trade(self, data):
        share = data.get_flow("X", "BUY_SHARE", "1m")
        log(share.get("current"), data.get_flow("X", "NO_SHARE", "1m"), data.get_flow("Y", "BUY_SHARE", "1m"))
        return None if data.positions else Decision("buy", "X", target_portion_of_balance=0.5, leverage=1)
"""


def test_a_jailed_program_is_answered_with_it_and_woken_by_it():
    condition = parse_condition({"metric": "buy_share", "operator": ">", "threshold": 60, "time_window": "1m"})
    pool = SignalPool(None, "takers buy", (SignalDefinition(None, "mostly purchases", condition),))
    result = jailed(history(), FOLLOWS, 9, signals=[PoolSource(pool)], fields={"scheduled_interval": None})
    (entry,) = result.trigger_log
    assert (entry["pool_name"], entry["logs"]) == ("takers buy", ["62.5 {} {}"])
