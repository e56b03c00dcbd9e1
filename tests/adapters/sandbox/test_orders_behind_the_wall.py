"""Several decisions, wake-ups and what has happened are the same behind the wall and without it."""

import pytest

from adapters import Sandbox, synthetic_klines
from engine import BacktestConfig, MarketHistory
from processes import ProgramBacktestEngine, trusted_executor
from tests.support.runs import START

MAKER = '''
class Maker:
    """Quotes both sides anew at each tick, moves a stop behind its fills, and looks again half a minute later."""

    def init(self, params):
        self.seen = []

    def should_trade(self, data):
        self.seen = [(e.kind, e.tag, e.side, round(e.size, 6), e.price, e.reason, e.order_id) for e in data.events]
        log(data.trigger_type, data.trigger_symbol, self.seen)
        log([(o.order_id, o.order_type, o.size, o.price, o.trigger_price, o.tag) for o in data.open_orders])
        price = data.get_price("BTC")
        if data.trigger_type == "timer":
            return [Decision("amend", "BTC", tag="bid", size=0.05), Decision("cancel", "BTC", tag="nothing")]
        if data.trigger_type == "order":
            return Decision("amend", "BTC", tag="bid", stop_loss_price=price * 0.99)
        data.wake_at(data.timestamp + 30_000)
        data.wake_at(data.timestamp)
        return [
            Decision("cancel", "BTC"),
            Decision("buy", "BTC", size=0.1, leverage=5, max_price=price * 0.9995, post_only=True,
                     time_in_force="Gtc", tag="bid", expires_after_seconds=600),
            Decision("sell", "BTC", notional=4_000.0, leverage=5, min_price=price * 1.0005, post_only=True, tag="ask"),
            Decision("buy", "BTC", risk_percent=0.2, leverage=5, trigger_price=price * 1.004,
                     stop_loss_price=price * 0.99, tag="breakout", group="one"),
            Decision("sell", "BTC", size=0.02, leverage=5, trigger_price=price * 0.996, group="one"),
        ]
'''


@pytest.fixture(scope="module")
def market():
    return MarketHistory.from_klines({"BTC": synthetic_klines("BTC", START, 2 * 1440, 11)})


def run(market, executor_for, code=MAKER, hours=20, **fields):
    config = BacktestConfig(
        code=code,
        symbols=["BTC"],
        start_time=START,
        end_time=START + hours * 3_600_000,
        scheduled_interval="15m",
        wake_on=["fill", "cancel", "rejection"],
        **fields,
    )
    return ProgramBacktestEngine(market, executor_for=executor_for).run(config)


@pytest.mark.parametrize("fields", [{}, {"order_latency_ms": 700, "hours": 3}])  # of what comes late each wakes again
def test_a_maker_gives_the_same_bytes_jailed_and_trusted(market, fields):
    with Sandbox() as sandbox:
        jailed, trusted = run(market, sandbox.executor, **fields), run(market, trusted_executor, **fields)
    told = [each.to_dict(timing=False, all_triggers=True) for each in (jailed, trusted)]
    for each in told:
        del each["warnings"]  # of this process's random hashes only the trusted one warns
    assert told[0] == told[1]
    assert trusted.success, trusted.error
    assert trusted.total_trades > fields.get("hours", 20) / 2
    assert min(trusted.order_triggers, trusted.timer_triggers, trusted.late_wakes) > 10
    assert {"nothing to cancel", "cancelled by a decision"} <= trusted.rejections.keys()
    said = str([entry["logs"] for entry in trusted.trigger_log])
    for kind in ("fill", "rejection", "cancel"):
        assert f"('{kind}'" in said
    first = trusted.trigger_log[0]
    assert [each["decision"]["operation"] for each in first["decisions"]] == ["cancel", "buy", "sell", "buy", "sell"]
    assert first["decision"] == first["decisions"][0]["decision"]


@pytest.mark.parametrize(
    ("answer", "says"),
    [
        ("[Decision('hold', 'BTC')] * 1_001", "1,001 decisions"),
        ("[Decision('hold', 'BTC'), 5]", "a list with int in it"),
        ("{'operation': 'buy'}", "returned dict, not a Decision"),
        ("data.wake_at('soon')", "wake_at takes a time in ms"),
        ("[data.wake_at(data.timestamp + n) for n in range(1, 1_002)]", "more than 1,000 times"),
    ],
)
def test_what_is_no_answer_is_an_error_of_the_program(market, answer, says):
    code = f"class Wrong:\n    def should_trade(self, data):\n        return {answer}\n"
    with Sandbox() as sandbox:
        errors = [run(market, each, code).error for each in (sandbox.executor, trusted_executor)]
    assert errors[0] == errors[1]
    assert says in errors[0]


def test_an_empty_list_is_a_hold(market):
    code = "class Empty:\n    def should_trade(self, data):\n        return []\n"
    with Sandbox() as sandbox:
        for executor_for in (sandbox.executor, trusted_executor):
            result = run(market, executor_for, code)
            assert (result.decisions, result.quiet_triggers) == ({"none": 80}, 80)
