"""The range of the net PnL by the rules for ambiguous klines."""

from dataclasses import replace
from threading import Lock

import pytest

from adapters import Sandbox
from engine import ConfigurationError, Decision
from processes import OtherRules, ProgramBacktestEngine, TriggerTimes, trusted_executor
from tests.support.runs import MINUTE, START, Hold, Script, buy, config, klines, market

LONG = {"take_profit_price": 110.0, "stop_loss_price": 95.0}
BOTH = (100, 111, 94, 100)  # the stop is nearer to the open
MARKET = market(X=klines(100, 100, BOTH, 100, BOTH, 100))
RULES = {"pessimistic": -493.75, "optimistic": 1025.0, "nearest_open": -493.75}


class Buys:
    """Buys at each tick without a position; a class, of which each run makes an object."""

    def should_trade(self, data):
        return None if data.positions else buy(**LONG)


SOURCE = """
class Buys:
    def should_trade(self, data):
        if data.positions:
            return None
        exits = {"take_profit_price": 110.0, "stop_loss_price": 95.0}
        return Decision("buy", "X", target_portion_of_balance=0.5, leverage=1, **exits)
"""


class Counts:
    """An object that remembers: it buys twice in its life."""

    def __init__(self):
        self.bought = 0

    def should_trade(self, data):
        if data.positions or self.bought == 2:
            return None
        self.bought += 1
        return buy(**LONG)


def ran(strategy, rule="pessimistic", executor=None, where=MARKET, signals=(), **options):
    engine = ProgramBacktestEngine(where, signals, executor_for=executor)
    fields = {"scheduled_interval": None} if signals else {}
    return engine.run(config(strategy, 6, intrabar=rule, **fields), **{"pnl_range": True, **options})


def told(result):
    return result.pnl_low, result.pnl_high, result.pnl_low_rule, result.pnl_high_rule


EXPECTED = pytest.approx(RULES["pessimistic"]), pytest.approx(RULES["optimistic"])


@pytest.mark.parametrize("rule", list(RULES))
def test_each_rule_tells_the_same_range_beside_its_own_net_pnl(rule):
    result = ran(Buys, rule)
    assert result.total_pnl == pytest.approx(RULES[rule])
    low, high, low_rule, high_rule = told(result)
    assert (low, high) == EXPECTED
    assert ({*low_rule.split(", ")}, high_rule) == ({"pessimistic", "nearest_open"}, "optimistic")
    assert result.pnl_width == pytest.approx(high - low)
    assert result.pnl_width_percent == pytest.approx((high - low) / 100.0)
    assert "by the rules for klines that touch two exits the net PnL is -493.75" in result.warnings[-1]
    assert not {name for name in result.undefined if name.startswith("pnl_")}


def test_the_digest_is_the_same_with_and_without_and_so_is_all_else():
    with_range, alone = ran(Buys), ran(Buys, pnl_range=False)
    assert with_range.digest == alone.digest
    assert told(alone) == (None,) * 4
    assert alone.undefined["pnl_width"] == "not asked for"
    assert with_range.trades[0].to_dict() == alone.trades[0].to_dict()
    assert with_range.warnings[:-1] == alone.warnings


def test_a_run_without_ambiguous_klines_is_made_once_and_has_the_width_0():
    prepared = []
    result = ran(Hold, prepare=prepared.append)
    assert len(prepared) == 1
    assert told(result) == (0.0, 0.0, "pessimistic", "pessimistic")
    assert (result.pnl_width, result.pnl_width_percent) == (0.0, 0.0)
    assert ran(Hold, pnl_range=False).to_dict(timing=False) == result.to_dict(timing=False)


def test_jailed_source_trusted_source_objects_pools_and_queries_work():
    with Sandbox() as sandbox:
        assert told(ran(SOURCE, executor=sandbox.executor))[:2] == EXPECTED
    assert told(ran(SOURCE, executor=trusted_executor))[:2] == EXPECTED
    ticks = TriggerTimes("X", [START + minute * MINUTE for minute in range(1, 6)])
    assert told(ran(Buys, signals=[ticks]))[:2] == EXPECTED
    assert told(ran(Buys, record_queries=True))[:2] == EXPECTED


def test_an_object_is_copied_for_each_further_run_and_keeps_what_the_run_itself_made_of_it():
    program = Counts()
    result = ran(program)
    assert program.bought == 2
    assert result.total_trades == 2
    assert told(result)[:2] == EXPECTED


def test_an_object_that_cannot_be_copied_is_refused_before_anything_runs():
    program = Script({1: buy(**LONG)})
    program.lock = Lock()
    with pytest.raises(ConfigurationError, match=r"cannot be copied, .*give its class"):
        ran(program)
    assert program.seen == {}


def test_processes_of_prepare_are_in_every_run():
    def halves(sim):
        yield sim.at(START + 3 * MINUTE)
        sim.exchange.reject_orders("enough")

    result = ran(Buys, prepare=lambda sim: sim.process(halves))
    assert told(result)[:2] == (pytest.approx(-250.0), pytest.approx(500.0))


@pytest.mark.parametrize("at", [1, 2])
def test_ctrl_c_stops_the_further_runs_and_keeps_the_run_itself(at):
    begun = []

    def prepare(sim):
        begun.append(sim)

    def report(sim):
        if len(begun) > at:
            raise KeyboardInterrupt

    result = ran(Buys, prepare=prepare, report=report)
    assert (result.success, result.interrupted, result.total_trades) == (True, False, 2)
    assert told(result) == (None,) * 4
    assert len(begun) == at + 1
    assert result.warnings[-1].endswith("is not known: stopped")


def test_a_run_that_was_stopped_or_has_failed_has_no_range():
    def report(sim):
        raise KeyboardInterrupt

    class Fails(Buys):
        def should_trade(self, data):
            assert data.timestamp < START + 4 * MINUTE
            return super().should_trade(data)

    assert told(ran(Fails)) == (None,) * 4
    others = OtherRules(config(Buys, 6))
    stopped = replace(ran(Buys, pnl_range=False), interrupted=True)
    assert others.told_in(stopped, lambda _: pytest.fail("nothing is run")).warnings[-1].endswith("not whole")


def test_a_rule_by_which_the_program_fails_is_named():
    class Fails:
        def should_trade(self, data):
            if data.recent_trades and data.recent_trades[-1].pnl > 0:
                raise ValueError("unexpected luck")
            return None if data.positions else buy(**LONG)

    result = ran(Fails)
    assert result.success
    assert told(result) == (None,) * 4
    assert "optimistic: " in result.warnings[-1]
    assert "unexpected luck" in result.warnings[-1]


def test_a_program_that_answers_to_what_happened_may_lie_outside():
    """After a loss it doubles: neither all stops nor all targets is the worst."""

    class Doubles:
        def should_trade(self, data):
            lost = bool(data.recent_trades) and data.recent_trades[0].pnl < 0
            return (
                None
                if data.positions
                else Decision("buy", "X", target_portion_of_balance=0.9 if lost else 0.1, leverage=1, **LONG)
            )

    result = ran(Doubles)
    assert result.pnl_low < result.pnl_high
    stop_then_target = 10_000 * (-0.1 * 0.05) + (10_000 - 50) * 0.9 * 0.1
    assert stop_then_target > result.pnl_high
