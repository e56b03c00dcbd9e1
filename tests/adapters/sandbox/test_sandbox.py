"""The sandbox: limits, reports that lie, workers that die, many at once, and what it says where there is none."""

import gc
import json
import os
import random
import signal
import subprocess
import sys
import threading
import time

import pytest

import adapters.sandbox.sandbox as sandbox_module
from adapters import Sandbox, SandboxLimits, SandboxUnavailable
from adapters.sandbox import jail_problem
from adapters.sandbox.frame import MOST_FRAME_BYTES, FrameError, decision_from_json, decode
from adapters.sandbox.journal import Journal
from adapters.sandbox.seccomp import instructions
from adapters.sandbox.syscalls import SYSCALL_TABLES
from adapters.sandbox.turnstile import Turnstile
from engine import (
    ConfigurationError,
    HistoricalDataProvider,
    MarketData,
    ProgramError,
    StrategyError,
    TriggerEvent,
)
from engine.account import AccountState
from processes import ProgramBacktestEngine, TriggerTimes
from tests.conftest import ROOT
from tests.support.runs import MINUTE, START, config
from tests.support.sandboxes import MEBIBYTE, NO_JAIL, TIGHT, run_code, wave

jailed = pytest.mark.skipif(NO_JAIL is not None, reason=str(NO_JAIL))
TRADER = """
class Trader:
    def init(self, params):
        self.n = params.get("n", 0)
    def should_trade(self, data):
        self.n += 1
        log("n", self.n)
        if data.positions:
            return Decision("close", "X", str(self.n))
        return Decision("buy", "X", str(self.n), target_portion_of_balance=0.5, leverage=2)
"""
HEAD = "class A:\n    def should_trade(self, data):\n"


@pytest.fixture(scope="module")
def sandbox():
    with Sandbox(TIGHT) as made:
        yield made


def figures(result):
    entry = result.to_dict(timing=False)
    del entry["config"]
    return json.dumps(entry)


@jailed
@pytest.mark.parametrize(
    "fields",
    [{}, {"params": {"n": 5}}, {"strategy_lifetime": "trigger"}, {"execution_price": "open"}, {"fee_rate": 0.1}],
    ids=str,
)
def test_a_jailed_run_is_the_same_to_the_last_byte(fields, sandbox):
    signals = [TriggerTimes("X", [START + MINUTE * 5 + 7_000], "news")]
    jailed_run = run_code(TRADER, sandbox.executor, None, 60, signals, record_queries=True, **fields)
    assert jailed_run.error is None
    assert jailed_run.total_trades > 20
    assert figures(jailed_run) == figures(run_code(TRADER, minutes=60, signals=signals, record_queries=True, **fields))


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
    assert result.error.startswith("the strategy failed at 2024-01-01 00:01:00 UTC (scheduled trigger 1): ")


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
        run_code("import os\n" + HEAD + "        return eval('1')", sandbox.executor)
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
    return MarketData(provider, trigger.timestamp, trigger, "X", AccountState(10_000.0, {}), [], ())


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
        sandbox.execute("import os", data, {})
    assert sandbox.turnstile.inside == 0


@jailed
def test_processes_that_the_jail_does_not_know_are_noticed(sandbox):
    def thief(sim):
        yield sim.at(START + 4 * MINUTE + 1)
        sim.exchange.reject_orders("closed")

    engine = ProgramBacktestEngine(wave(), executor_for=sandbox.executor)
    result = engine.run(config(TRADER, 20), prepare=lambda sim: sim.process(thief))
    assert not result.success
    assert "is another one than that of the run" in result.error


# --- reports that lie


def tampered(change):
    """A sandbox whose workers' frames go through a change before anybody reads them."""

    class Worker(sandbox_module.WorkerProcess):
        def frame(self):
            frame = super().frame()
            return change(frame) or frame

    return Worker


def on_entries(change):
    def apply(frame):
        if frame["kind"] == "triggers":
            change(frame["entries"])

    return tampered(apply)


def put(place, value):
    return on_entries(lambda entries: entries[0].__setitem__(place, value))


LIES = {
    "another time": put(0, START),
    "another kind": put(1, "signal"),
    "another symbol": put(2, "Y"),
    "another pool": put(3, "pool"),
    "another balance": put(4, 10_001.0),
    "another number of trades": put(5, 7),
    "a decision that is none": put(6, "buy"),
    "a decision with too few values": put(6, ["buy", "X"]),
    "a decision with a list": put(6, [[]] * 13),
    "a number that is not finite": put(6, ["buy", "X", "", "", float("inf"), *[1] * 8]),
    "a text that is none": put(6, ["buy", "X", "\ud800", "", 0.5, *[1] * 8]),
    "a log that is none": put(7, "text"),
    "a log of numbers": put(7, [1]),
    "a log without end": put(7, ["x"] * 500),
    "an entry too long": on_entries(lambda entries: entries[0].extend([None] * 9)),
    "an entry that is none": on_entries(lambda entries: entries.__setitem__(0, 5)),
    "decisions in another order": on_entries(lambda entries: entries.reverse()),
    "an invented trigger": on_entries(lambda entries: entries.insert(0, list(entries[0]))),
    "a trigger at the end": on_entries(lambda entries: entries.append(list(entries[-1]))),
    "a trigger left out": on_entries(lambda entries: entries.pop()),
    "no triggers": on_entries(lambda entries: entries.clear()),
    "another count": tampered(lambda f: {**f, "first": 3} if f["kind"] == "triggers" else None),
    "another end": tampered(lambda f: {**f, "count": 1} if f["kind"] == "end" else None),
    "an end at the start": tampered(lambda f: {"kind": "end", "count": 0} if f["kind"] == "triggers" else None),
    "a kind that there is not": tampered(lambda f: {"kind": "equity", "equity": 1e9}),
    "problems that are none": tampered(lambda f: {"kind": "problems", "problems": [[1, 2]]}),
}


@jailed
@pytest.mark.parametrize("lie", LIES.values(), ids=LIES)
def test_a_report_that_lies_is_an_error(lie, sandbox, monkeypatch):
    monkeypatch.setattr(sandbox_module, "WorkerProcess", lie)
    try:
        error = run_code(TRADER, sandbox.executor, minutes=30).error
    except StrategyError as raised:
        error = str(raised)
    assert "cannot be believed" in error
    assert sandbox.turnstile.inside == 0


@pytest.mark.parametrize(
    "payload",
    [
        b"",
        b"[]",
        b"5",
        b"{}",
        b'{"kind": 5}',
        b"nonsense",
        b'{"kind": NaN}',
        b"\xff",
        b"[" * 100_000,
        b'"' + b"9" * 9_999,
    ],
    ids=lambda payload: repr(payload[:12]),
)
def test_a_payload_that_is_no_frame_is_refused(payload):
    with pytest.raises(FrameError):
        decode(payload)


def test_numbers_beyond_the_range_of_floats_are_refused():
    with pytest.raises(FrameError):
        decision_from_json(json.loads("[1e999" + ",1" * 12 + "]"))


@jailed
@pytest.mark.parametrize(
    "content", [b"\xff\xff\xff\x7f", (MOST_FRAME_BYTES + 1).to_bytes(4, "little"), b"\x02\0\0\0[]"]
)
def test_frames_written_by_the_program_itself_are_refused(content):
    code = f"""
import sys
class A:
    def should_trade(self, data):
        os = sys.modules["os"]
        for number in range(3, 20):
            try: os.write(number, {content!r} + b"x" * 2000)
            except OSError: pass
"""
    with Sandbox(TIGHT, restricted=False) as unrestricted:
        result = run_code(code, unrestricted.executor)
    assert "the program was stopped" in result.error


# --- workers that die


def descriptors():
    return len(os.listdir("/proc/self/fd"))


def workers(made):
    """The processes that a sandbox's zygote has at work."""
    pid = made._living_zygote()._process.pid
    with open(f"/proc/{pid}/task/{pid}/children", encoding="ascii") as file:
        return [int(each) for each in file.read().split()]


def kill_at_random(made, runs, seed):
    chance = random.Random(seed)
    code = HEAD + "        log(sum(range(2_000)))"
    outcomes = {"killed": 0, "finished": 0}
    for _ in range(runs):
        stop = threading.Event()

        delay = chance.random() * 0.12

        def killer(delay=delay, stop=stop):
            time.sleep(delay)
            while not stop.is_set():
                for pid in workers(made):
                    os.kill(pid, signal.SIGKILL)
                time.sleep(0.002)

        thread = threading.Thread(target=killer)
        thread.start()
        try:
            result = run_code(code, made.executor, minutes=80, scheduled_interval=1)
            error = result.error
        except StrategyError as raised:
            error = str(raised)
        stop.set()
        thread.join()
        assert error is None or "it was killed from outside" in error, error
        outcomes["finished" if error is None else "killed"] += 1
    return outcomes


def check_random_kills(runs):
    with Sandbox() as made:
        run_code(TRADER, made.executor)
        gc.collect()
        before = descriptors()
        outcomes = kill_at_random(made, runs, runs)
        gc.collect()
        assert outcomes["killed"] > runs // 4
        assert descriptors() == before
        assert workers(made) == []
        assert made.turnstile.inside == 0
        assert run_code(TRADER, made.executor).success
        zygote = made._living_zygote()._process
    assert zygote.returncode is not None


@jailed
def test_killing_workers_at_random_moments():
    check_random_kills(20)


@jailed
@pytest.mark.soak
def test_killing_workers_at_random_moments_two_hundred_times():
    check_random_kills(200)


@jailed
def test_a_zygote_that_dies_is_replaced():
    with Sandbox(TIGHT) as made:
        assert run_code(TRADER, made.executor).success
        made._living_zygote()._process.kill()
        made._living_zygote()._process.wait()
        assert run_code(TRADER, made.executor).success


@jailed
def test_no_worker_outlives_its_parent():
    code = f"""
import os, threading, time
from adapters.sandbox import Sandbox, SandboxLimits
from tests.sandbox_for_tests import run_code
from tests.test_sandbox import workers
made = Sandbox(SandboxLimits(call_s=60.0))
threading.Thread(target=lambda: run_code({HEAD + "        while True: pass"!r}, made.executor), daemon=True).start()
while not workers(made): time.sleep(0.01)
print(*workers(made), made._zygote._process.pid, flush=True)
os.kill(os.getpid(), 9)
"""
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, timeout=60, check=False
    )
    pids = [int(each) for each in done.stdout.split()]
    assert len(pids) == 2, done.stderr
    until = time.monotonic() + 10
    while time.monotonic() < until and any(is_running(pid) for pid in pids):
        time.sleep(0.02)
    assert [pid for pid in pids if is_running(pid)] == []


def is_running(pid):
    try:
        with open(f"/proc/{pid}/stat", encoding="ascii") as file:
            return file.read().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


# --- many at once


@jailed
def test_several_runs_at_once_with_a_cap_and_a_queue():
    with Sandbox(SandboxLimits(call_s=30.0), most_runs=2) as made:
        code = HEAD + "        for _ in range(400_000): pass\n        return Decision('hold', 'X', 'done')"
        most, results = [], []

        def one():
            results.append(run_code(code, made.executor, minutes=4))

        threads = [threading.Thread(target=one) for _ in range(6)]
        for thread in threads:
            thread.start()
        while any(thread.is_alive() for thread in threads):
            most.append((made.turnstile.inside, made.turnstile.waiting))
            time.sleep(0.005)
    assert [result.error for result in results] == [None] * 6
    assert max(inside for inside, _ in most) == 2
    assert max(waiting for _, waiting in most) >= 3


def test_a_turnstile_lets_people_in_by_the_order_in_which_they_came():
    turnstile, order = Turnstile(1), []
    place = turnstile.enter()

    def come(number):
        mine = turnstile.enter()
        order.append(number)
        turnstile.leave(mine)

    threads = []
    for number in range(5):
        threads.append(threading.Thread(target=come, args=(number,)))
        threads[-1].start()
        while turnstile.waiting <= number:
            time.sleep(0.001)
    assert turnstile.enter(timeout_s=0.01) is None
    turnstile.leave(place)
    for thread in threads:
        thread.join()
    assert order == [0, 1, 2, 3, 4]
    assert (turnstile.inside, turnstile.waiting) == (0, 0)


# --- users and machines


UNPRIVILEGED = """
import os, sys
os.setgroups([]); os.setresgid(65534, 65534, 65534); os.setresuid(65534, 65534, 65534)
from adapters.sandbox import Sandbox
from tests.sandbox_for_tests import TIGHT, run_code
sys.executable = {python!r}
with Sandbox(TIGHT) as made:
    from tests.test_sandbox import TRADER, HEAD
    print(run_code(TRADER, made.executor, minutes=20).error, os.getuid())
    print(run_code(HEAD + "        while True: pass", made.executor).error)
    print(run_code(HEAD + "        sum(range(10 ** 12))", made.executor).error)
with Sandbox(TIGHT, restricted=False) as made:
    code = "import sys\\nclass A:\\n    def should_trade(self, data):\\n        sys.modules['os'].kill(sys.modules['os'].getppid(), 0)"
    print(run_code(code, made.executor).error)
"""


@jailed
def test_everything_works_for_an_unprivileged_user_too():
    if os.geteuid() != 0:
        pytest.skip("the tests run as an unprivileged user already")
    python = next((each for each in (sys.executable, "/usr/bin/python3.11", "/usr/bin/python3") if usable(each)), None)
    if python is None:
        pytest.skip("no Python of this version can be run by the user nobody")
    code = UNPRIVILEGED.format(python=python)
    environment = {
        **os.environ,
        "PYTHONPATH": os.pathsep.join([str(ROOT), *(each for each in sys.path if "site-packages" in each)]),
        "PYTHONDONTWRITEBYTECODE": "1",
    }
    done = subprocess.run(
        [python, "-c", code], cwd=ROOT, env=environment, capture_output=True, text=True, timeout=120, check=False
    )
    lines = done.stdout.splitlines()
    assert len(lines) == 4, done.stderr
    assert lines[0] == "None 65534"
    assert "TimeLimit" in lines[1]
    assert "could not be interrupted (line 3)" in lines[2]
    assert "system call that programs may not make" in lines[3]


def usable(python):
    """Tell whether the user nobody can run this Python, of our version."""
    code = f"import sys; sys.exit(sys.version_info[:2] != {sys.version_info[:2]!r})"
    try:
        return subprocess.run([python, "-c", code], user=65534, group=65534, cwd="/", check=False).returncode == 0
    except OSError:
        return False


def test_source_text_needs_a_sandbox_or_trust():
    with pytest.raises(ConfigurationError, match=r"Sandbox\(\)\.executor.*trusted_executor"):
        ProgramBacktestEngine(wave()).run(config(TRADER, 5))


def test_a_machine_without_a_jail_says_so(monkeypatch):
    monkeypatch.setattr(sys, "platform", "darwin")
    monkeypatch.setattr("platform.system", lambda: "Darwin")
    assert "Darwin has no way to lock up a process" in jail_problem()
    with pytest.raises(SandboxUnavailable, match="--trust"):
        Sandbox()


def test_a_kernel_without_landlock_says_so(monkeypatch):
    monkeypatch.setattr("adapters.sandbox.landlock.landlock_version", lambda: 0)
    if sys.platform == "linux":
        assert "Landlock" in jail_problem()


@pytest.mark.parametrize("machine", SYSCALL_TABLES)
def test_the_filter_of_each_machine_answers_every_call_once(machine):
    table = SYSCALL_TABLES[machine]
    groups = (table.allowed, table.without_exec, table.own_process, table.refused, table.unknown)
    numbers = [number for group in groups for number in group.values()]
    assert len(numbers) == len(set(numbers))
    code = instructions(table, 1234)
    assert len(code) < 4_096
    assert evaluate(code, table.audit_arch, table.allowed["write"]) == 0x7FFF0000
    assert evaluate(code, table.audit_arch, table.without_exec["mmap"], (0, 0, 7)) == 0x00050001
    assert evaluate(code, table.audit_arch, table.without_exec["mmap"], (0, 0, 3)) == 0x7FFF0000
    assert evaluate(code, table.audit_arch, table.own_process["kill"], (1234, 0, 0)) == 0x7FFF0000
    assert evaluate(code, table.audit_arch, table.own_process["kill"], (1, 0, 0)) == 0x80000000
    assert evaluate(code, table.audit_arch, 9_999) == 0x80000000
    assert evaluate(code, 0x40000003, table.allowed["write"]) == 0x80000000


def evaluate(code, architecture, number, arguments=(0, 0, 0)):
    """What the kernel would answer."""
    words = {0: number, 4: architecture, **{16 + 8 * place: value for place, value in enumerate(arguments)}}
    accumulator = place = 0
    while True:
        operation, if_true, if_false, operand = code[place]
        place += 1
        if operation == 0x20:
            accumulator = words[operand]
        elif operation == 0x06:
            return operand
        else:
            hit = {0x15: accumulator == operand, 0x35: accumulator >= operand, 0x45: bool(accumulator & operand)}
            place += if_true if hit[operation] else if_false


def test_a_journal_writes_what_waits(tmp_path):
    with open(tmp_path / "journal", "wb") as file:
        journal = Journal(file.fileno())
        for number in range(300):
            journal.add([number])
        journal.send("end", count=journal.count)
    content, frames = (tmp_path / "journal").read_bytes(), []
    while content:
        size = int.from_bytes(content[:4], "little")
        frames.append(decode(content[4 : 4 + size]))
        content = content[4 + size :]
    assert [entry for frame in frames[:-1] for entry in frame["entries"]] == [[number] for number in range(300)]
    assert frames[-1] == {"kind": "end", "count": 300}
    assert MEBIBYTE > 0
