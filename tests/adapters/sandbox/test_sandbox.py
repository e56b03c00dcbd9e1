"""The sandbox: the same run to the last byte, limits, errors with their line, and single calls."""

import time

import pytest

from adapters import Sandbox, SandboxLimits
from engine import ConfigurationError, HistoricalDataProvider, ProgramError, RegimeInfo, StrategyError, TriggerEvent
from engine.account import AccountState
from engine.program import ViewedRun, view_at
from processes import ProgramBacktestEngine, TriggerTimes, trusted_executor
from tests.support.attacks import attempt, resident
from tests.support.runs import MINUTE, START, config
from tests.support.sandboxes import ASKER, HEAD, TRADER, figures, jailed, run_code, wave


@jailed
@pytest.mark.parametrize(
    "fields",
    [{}, {"params": {"n": 5}}, {"strategy_lifetime": "trigger"}, {"execution_price": "open"}, {"profile": "live"}],
    ids=str,
)
def test_a_jailed_run_is_the_same_to_the_last_byte(fields, sandbox):
    signals = [TriggerTimes("X", [START + MINUTE * 5 + 7_000], "news")]
    jailed_run = run_code(TRADER, sandbox.executor, None, 60, signals, record_queries=True, **fields)
    assert jailed_run.error is None
    assert jailed_run.total_trades > 20
    assert figures(jailed_run) == figures(run_code(TRADER, minutes=60, signals=signals, record_queries=True, **fields))


TELLER = (
    HEAD
    + """
        log(repr(data.trigger_symbol), data.trigger_type, data.max_leverage)
"""
)


@jailed
def test_a_jailed_program_sees_which_symbol_woke_it_and_the_most_leverage(sandbox):
    signals = [TriggerTimes("X", [START + 2 * MINUTE, START + 3 * MINUTE + 1], "news")]
    result = run_code(TELLER, sandbox.executor, None, 4, signals, max_leverage=7)
    tick, signal = ["'' scheduled 7"], ["'X' signal 7"]
    assert [entry["logs"] for entry in result.trigger_log] == [tick, signal, tick, tick, signal, tick]


READER = """
class Reader:
    def init(self, params):
        self.params, self.fast, self.n = params, params.get("fast", 5), 0
        params["own"] = 1
    def should_trade(self, data):
        self.n += 1
        if self.n == 7:
            log(self.params["slow"], "size" in self.params)
        return None
"""


@jailed
@pytest.mark.parametrize("lifetime", ["run", "trigger"])
def test_the_parameters_that_a_jailed_program_reads_are_known(lifetime, sandbox):
    fields = {"params": {"fsat": 3, "slow": 20, "size": 1, "late": 2}, "strategy_lifetime": lifetime}
    jailed_run = run_code(READER, sandbox.executor, None, 10, **fields)
    assert jailed_run.error is None
    unread = ["late", "size", "slow"] if lifetime == "trigger" else ["late"]
    assert [text.partition(" was")[0] for text in jailed_run.warnings if "params" in text] == [
        "params: 'fsat'",
        *(f"params: {name!r}" for name in unread),
    ]
    assert "params: 'fsat' was never read by the program; it reads 'fast'" in jailed_run.warnings
    assert figures(jailed_run) == figures(run_code(READER, minutes=10, **fields))


@jailed
@pytest.mark.parametrize("fields", [{}, {"warm_up": "trade"}, {"order_latency_ms": 90_000}], ids=str)
def test_what_is_held_back_for_a_too_short_indicator_is_the_same_in_the_jail(fields, sandbox):
    jailed_run = run_code(ASKER, sandbox.executor, None, 60, record_queries=True, **fields)
    assert jailed_run.error is None
    assert (len(jailed_run.held_decisions) > 10) == ("warm_up" not in fields)
    assert jailed_run.fills > 10
    assert figures(jailed_run) == figures(run_code(ASKER, minutes=60, record_queries=True, **fields))


@jailed
@pytest.mark.parametrize(
    "fields",
    [
        {
            "venue": "hyperliquid",
            "latency_model": "lognormal",
            "order_latency_ms": 900,
            "slippage_model": "volume_share",
        },
        {"venue": "binance_um", "margin_mode": "isolated", "volume_cap_percent": 80.0, "execution_price": "vwap"},
        {"venue": "binance_um", "latency_model": "time_of_day", "latency_by_hour_ms": [250] * 24, "max_open_orders": 5},
    ],
    ids=lambda fields: "-".join(str(value) for value in fields.values())[:40],
)
def test_rule_books_and_models_work_in_the_jail_which_can_read_no_file(fields, sandbox):
    jailed_run = run_code(TRADER, sandbox.executor, None, 60, record_queries=True, **fields)
    assert jailed_run.error is None
    assert jailed_run.fills > 5
    assert figures(jailed_run) == figures(run_code(TRADER, minutes=60, record_queries=True, **fields))


@jailed
@pytest.mark.parametrize(
    ("body", "text"),
    [
        ("        return 1 / 0", "ZeroDivisionError: division by zero (line 3)"),
        ("        while True: pass", "TimeLimit: no answer after 0.6 s (line 3)"),
        ("        sum(range(10 ** 12))", "no answer after 0.6 s, and it could not be interrupted (line 3)"),
        ("        return [0] * 10 ** 10", "MemoryError: a program may use 192 MB (line 3)"),
        ("        return 'buy'", "StrategyError: should_trade returned str, not a Decision (line 2)"),
        ("        return Decision([], 'X')", "operation of the Decision is of the type list, not text or a number (line 2)"),
        ("        return Decision('buy', 'X', 'x' * 20_000)", "reason of the Decision is longer than 10,000"),
    ],
    ids=["exception", "timeout", "hard timeout", "memory", "wrong type", "wrong field", "long field"],
)  # fmt: skip
def test_an_error_has_the_line_of_the_program(body, text, sandbox):
    result = run_code(HEAD + body, sandbox.executor)
    assert not result.success
    assert text in result.error
    assert result.error.startswith("the strategy failed at 2024-01-01 00:01:00 UTC (scheduled trigger 0): ")


@jailed
def test_errors_can_count_as_hold_and_a_lost_worker_cannot(sandbox):
    code = HEAD + "        if time.time() % 120 < 60: raise ValueError('odd')\n        log('even')"
    assert figures(run_code(code, sandbox.executor, minutes=20, on_strategy_error="hold")) == figures(
        run_code(code, minutes=20, on_strategy_error="hold")
    )
    lost = run_code(HEAD + "        sum(range(10 ** 12))", sandbox.executor, minutes=20, on_strategy_error="hold")
    assert (lost.success, lost.total_triggers, lost.strategy_errors) == (False, 1, 1)


@jailed
def test_problems_of_the_text_are_found_in_the_jail_before_anything_runs(sandbox):
    with pytest.raises(ProgramError) as caught:
        run_code("import os\n" + HEAD + "        return eval('1')", sandbox.executor, language="platform")
    first = caught.value.problems[0]
    assert (first.line, first.column, first.severity) == (1, 1, "error")
    assert "eval() is not available" in str(caught.value)
    with pytest.raises(ConfigurationError, match=r"params\.f: a function cannot be handed"):
        run_code(TRADER, sandbox.executor, params={"f": run_code})


@jailed
def test_total_time_and_amount_of_output_are_limited():
    with Sandbox(SandboxLimits(call_s=5.0, total_s=0.5)) as slow:
        code = HEAD + "        for _ in range(3_000_000): pass"
        assert "more than 0.5 s altogether" in run_code(code, slow.executor, minutes=60).error
    with Sandbox(SandboxLimits(result_bytes=100_000)) as small:
        code = HEAD + "        for _ in range(200): log('x' * 1_000)"
        assert "reported more than 100,000 bytes" in run_code(code, small.executor, minutes=60).error


def market_data(history, minute=30):
    provider = HistoricalDataProvider(history)
    trigger = TriggerEvent(START + minute * MINUTE, "scheduled")
    return view_at(ViewedRun(provider, []), trigger.timestamp, trigger, AccountState(10_000.0, {}))


@jailed
def test_a_single_call(sandbox):
    data = market_data(wave())
    decision = sandbox.execute(TRADER, data, {"n": 41})
    assert (decision.operation, decision.symbol, decision.reason) == ("buy", "X", "42")
    price = HEAD + "        return Decision('hold', 'X', str(data.get_price('X')))"
    assert sandbox.execute(price, data, {}).reason == str(data.get_price("X"))
    assert sandbox.execute(HEAD + "        return None", data, {}) is None
    with pytest.raises(StrategyError, match=r"ZeroDivisionError.*line 3"):
        sandbox.execute(HEAD + "        return 1 / 0", data, {})
    with pytest.raises(StrategyError, match="TimeLimit"):
        sandbox.execute(HEAD + "        while True: pass", data, {})
    with pytest.raises(ProgramError):
        sandbox.execute("import os", data, {}, "platform")
    assert sandbox.turnstile.inside == 0


@jailed
def test_a_program_in_the_jail_runs_beside_processes_of_ones_own(sandbox):
    def thief(sim):
        yield sim.at(START + 4 * MINUTE + 1)
        sim.exchange.reject_orders("closed")

    jailed, trusted = (
        ProgramBacktestEngine(wave(), executor_for=each).run(
            config(TRADER, 20), prepare=lambda sim: sim.env.process(thief(sim))
        )
        for each in (sandbox.executor, trusted_executor)
    )
    assert jailed.success
    assert figures(jailed) == figures(trusted)
    assert jailed.rejections == {"closed": 16}


def nested(head, depth):
    """Blocks in each other, each of which has the next one in its end."""
    lines = [f"{' ' * (8 + n)}{each}" for n in range(depth) for each in head]
    return HEAD + "\n".join(lines) + f"\n{' ' * (8 + depth)}pass"


#: Texts against whoever reads, parses or compiles them.
BOMBS = {
    "ends in ends": nested(["try: pass", "finally:"], 26),
    "loops in loops": nested(["for x in y:"], 90),
    "functions in functions": nested(["def f(x=lambda: 0):"], 80),
    "brackets": HEAD + "        x = " + "(" * 30_000,
    "closed brackets": HEAD + "        x = " + "[" * 3_000 + "]" * 3_000,
    "signs": HEAD + "        x = " + "-" * 60_000 + "1",
    "attributes": HEAD + "        x = data" + ".a" * 30_000,
    "calls": HEAD + "        x = data" + "()" * 30_000,
    "sums": HEAD + "        x = " + "+".join("1" for _ in range(30_000)),
    "comparisons": HEAD + "        x = " + "<".join("1" for _ in range(30_000)),
    "strings in strings": HEAD + "        x = " + "f'{" * 9_000,
    "a number that is worked out": HEAD + "        x = 9 ** 9 ** 9 ** 9",
    "a text that is worked out": HEAD + "        x = ('a' * 10 ** 9) * 10 ** 9",
    "a number of many digits": HEAD + "        x = " + "9" * 60_000,
    "many names": HEAD + "".join(f"        a{n} = {n}\n" for n in range(3_000)),
    "many branches": HEAD + "        if 0: pass\n" + "        elif 0: pass\n" * 3_000,
    "a nothing": "\0" * 9_999,
    "a nothing in the middle": HEAD + "        x = '\0'",
    "half a character": HEAD + "        x = '\ud800'",
    "names of strange letters": HEAD + "        " + "\u2126" * 9_999 + " = 1",
    "an unknown coding": "# coding: rot13\n" + HEAD + "        pass",
    "an escape": HEAD + "        x = '\\N{" + "A" * 50_000 + "}'",
    "a huge text": "x = 1\n" * 1_000_000,
    "the end of a line, many times": "\r" * 60_000,
    "decorators": "@f\n" * 30_000 + HEAD + "        pass",
    "a comprehension in a comprehension": HEAD + "        x = " + "[a for a in " * 60 + "b" + "]" * 60,
    "alternatives": HEAD + "        match data:\n            case " + "|".join(map(str, range(9_000))) + ": pass",
}


@jailed
@pytest.mark.parametrize("text", BOMBS.values(), ids=BOMBS)
def test_a_text_against_the_compiler_harms_nobody_and_is_judged_in_time(text, attacked):
    result = attempt(text, attacked, minutes=1)
    assert result.word in ("refused", "killed", "out of memory", "timed out", "stopped", "harmless")
    for language in ("python", "platform"):
        before, began = resident("VmRSS"), time.monotonic()
        problems = attacked.validate(text, language)
        assert time.monotonic() - began < 3.0 + 1.0  # it may start for a second
        assert resident("VmRSS") - before < 64 << 20
        assert all(problem.message.isprintable() and len(str(problem)) < 1_000 for problem in problems)
        assert problems or result.word in ("harmless", "stopped", "out of memory")


def test_source_text_needs_a_sandbox_or_trust():
    with pytest.raises(ConfigurationError, match=r"Sandbox\(\)\.executor.*trusted_executor"):
        ProgramBacktestEngine(wave()).run(config(TRADER, 5))


class Announcer:
    """A source that tells a market regime of its own with each trigger."""

    def triggers(self, market, symbols, start_ms, end_ms):
        regimes = [None, RegimeInfo("trend", 0.25, "long", "as seen", {"z": 0.1, "n": 3}), RegimeInfo()]
        return [
            TriggerEvent(START + minute * MINUTE + 7_000, "signal", "X", 1, "own", market_regime=regimes[minute % 3])
            for minute in range(1, 50)
        ]


LISTENER = HEAD + "        log(repr(data.trigger_market_regime), data.trigger_type)\n"


@jailed
def test_a_market_regime_that_a_source_tells_is_the_same_in_the_jail(sandbox):
    jailed_run = run_code(LISTENER, sandbox.executor, None, 60, [Announcer()])
    assert jailed_run.error is None
    assert jailed_run.strategy_errors == 0
    assert sum("0.25" in each["logs"][0] for each in jailed_run.trigger_log if each["logs"]) == 17
    assert figures(jailed_run) == figures(run_code(LISTENER, minutes=60, signals=[Announcer()]))
