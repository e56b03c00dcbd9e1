"""What a worker has while a program runs in it, counted from outside, and what the next one finds of it: nothing."""

import os
import re
from pathlib import Path

import pytest

from adapters import Sandbox
from tests.support.attacks import attempt, program
from tests.support.process_facts import status
from tests.support.sandboxes import TIGHT, TRADER, figures, jailed, run_code


class Looking:
    """A sandbox whose `executor` calls `look` with the worker's process id after each answer, while that still lives."""

    def __init__(self, sandbox, look):
        self._sandbox, self._look = sandbox, look

    def executor(self, simulation, signals=()):
        inner, look = self._sandbox.executor(simulation, signals), self._look
        execute = inner.execute

        def looked_at(data):
            decision = execute(data)
            look(inner._worker._pid, data.timestamp)
            return decision

        inner.execute = looked_at
        return inner


def seen_from_outside(sandbox, look, code=TRADER, **given):
    """What `look` returns of the worker at each trigger."""
    found = []
    result = run_code(code, Looking(sandbox, lambda pid, at: found.append(look(pid, at))).executor, **given)
    assert result.error is None
    assert found
    return found


def descriptors(pid):
    """What the descriptors of a process are, as the kernel tells, by number."""
    folder = Path(f"/proc/{pid}/fd")
    return {int(path.name): re.sub(r":\[\d+\]", "", os.readlink(path)) for path in folder.iterdir()}


#: Questions and answers, the errors as standard output and standard error, the market as it is mapped, and nothing.
OPEN = ["/dev/null", "/memfd:perpsim-market (deleted)", "pipe", "pipe", "pipe", "pipe"]


@jailed
@pytest.mark.parametrize("before", ["", "import pandas, talib, zoneinfo, ctypes, sqlite3, ssl, uuid, secrets"])
def test_a_worker_has_its_pipes_and_the_market_and_no_other_descriptor(before, attacked, monkeypatch, tmp_path):
    with open(tmp_path / "secret", "w", encoding="ascii") as secret:
        os.set_inheritable(secret.fileno(), True)
        for found in seen_from_outside(attacked, lambda pid, _: descriptors(pid), program("return None", before)):
            assert sorted(found.values()) == OPEN
            assert found[0] == "/dev/null"
            assert (found[1], found[2]) == ("pipe", "pipe")


@jailed
def test_the_ends_of_a_workers_pipes_are_those_of_its_parent_alone(attacked):
    def pipes(pid, _):
        mine = {os.readlink(path) for path in Path("/proc/self/fd").iterdir() if path.is_symlink()}
        theirs = {os.readlink(path) for path in Path(f"/proc/{pid}/fd").iterdir()}
        return mine, {each for each in theirs if each.startswith("pipe")}

    for mine, theirs in seen_from_outside(attacked, pipes):
        assert len(theirs) == 3  # standard output is standard error
        assert theirs <= mine


@jailed
def test_a_worker_has_no_rights_left(attacked):
    wanted = "CapInh CapPrm CapEff CapAmb NoNewPrivs Seccomp Threads".split()
    for found in seen_from_outside(attacked, lambda pid, _: {name: status(pid, name) for name in wanted}):
        assert {int(found[name], 16) for name in wanted[:4]} == {0}
        assert (found["NoNewPrivs"], found["Seccomp"], found["Threads"]) == ("1", "2", "1")
    for uid, groups in seen_from_outside(attacked, lambda pid, _: (status(pid, "Uid"), status(pid, "Groups"))):
        assert os.geteuid() != 0 or "0" not in uid.split()
        assert os.geteuid() != 0 or groups == ""


def limits_of(pid):
    text = Path(f"/proc/{pid}/limits").read_text()
    return {row[:26].strip(): row[26:].split()[:2] for row in text.splitlines()[1:]}


@jailed
def test_a_workers_limits_are_set_as_the_kernel_tells(attacked):
    for found in seen_from_outside(attacked, lambda pid, _: limits_of(pid)):
        for name in ("core file size", "file size", "locked memory", "processes", "open files"):
            assert found[f"Max {name}"] == ["0", "0"], name
        assert found["Max cpu time"] == ["8", "10"]
        assert int(found["Max address space"][0]) < 1 << 30


@jailed
def test_a_worker_has_no_secrets(monkeypatch):
    monkeypatch.setenv("PERPSIM_SECRET", "sesame")
    code = program("log(sorted(os.environ.items())); log(sys.argv, os.getcwd() if 0 else '')", "import os, sys")
    with Sandbox(TIGHT) as fresh:
        environments = seen_from_outside(fresh, lambda pid, _: Path(f"/proc/{pid}/environ").read_bytes(), code)
        said = "\n".join(run_code(code, fresh.executor).trigger_log[0]["logs"])
    assert "PYTHONHASHSEED" in said
    assert "sesame" not in said
    assert all(b"sesame" not in each for each in environments)


LEAVER = """
import builtins, decimal, gc, json, locale, logging, math, os, random, signal, statistics, sys, time, warnings
import numpy as np
import engine, engine.program, adapters.sandbox.channel
class Everywhere(dict):
    def should_trade(self, data):
        left = "LEFT"
        builtins.left = math.left = json.left = engine.left = sys.left = np.left = left
        math.pi = 3.0
        math.sqrt = statistics.mean = json.dumps = time.time = lambda *_: 5.0
        os.environ["LEFT"] = sys.argv[:] = left
        sys.path.append(left)
        sys.modules["left"] = sys.modules["json"] = math
        sys.meta_path.clear()
        sys.setrecursionlimit(222), sys.setswitchinterval(1.0), gc.disable(), gc.set_threshold(1)
        random.seed(left), np.random.seed(5), np.seterr(all="raise"), np.set_printoptions(precision=1)
        decimal.getcontext().prec, decimal.DefaultContext.prec = 3, 3
        warnings.simplefilter("error"), logging.getLogger().addHandler(logging.NullHandler())
        Decision.left = type(data).left = type(data._run.provider).left = engine.program.SimulatedWorld.left = left
        type(data).get_price = lambda *_: 1.0
        Decision.operation = property(lambda self: "buy")
        adapters.sandbox.channel.encode = lambda value: b"{}"
        sys.excepthook = sys.unraisablehook = sys.displayhook = lambda *_: None
        sys.settrace(lambda *_: None), sys.setprofile(lambda *_: None)
        sys.stdout = sys.stderr = None
        for number in range(1, 65):
            for leave in (lambda: signal.signal(number, signal.SIG_IGN), lambda: signal.pthread_sigmask(0, [number])):
                try: leave()
                except (OSError, ValueError, TypeError): pass
        for way in ("/tmp/perpsim_attack_left", "/dev/shm/perpsim_attack_left", "perpsim_attack_left"):
            try: os.close(os.open(way, os.O_CREAT | os.O_WRONLY))
            except OSError: pass
        for number in range(3, 30):
            try: os.lseek(number, 4096, 0)
            except OSError: pass
        self.kept = bytearray(b"LEFT" * 1_000_000)
        builtins.sum = builtins.len = lambda *_: 99
"""
SPY = """
import builtins, decimal, gc, json, locale, logging, math, os, random, signal, statistics, sys, time, warnings, uuid
import numpy as np
import engine, engine.program, adapters.sandbox.channel
class Spy:
    def should_trade(self, data):
        for module in (builtins, math, json, engine, engine.program, sys, np, os, random, statistics, time, decimal):
            log(module.__name__, hash(tuple(sorted(vars(module)))), len(vars(module)))
        for kind in (Decision, type(data), type(data._run.provider), engine.program.SimulatedWorld):
            log(kind.__name__, sorted(vars(kind)))
        log(sum([1, 2]), len("ab"), math.pi, math.sqrt(4), statistics.mean([1, 2]), json.dumps([1]), time.time())
        log(sorted(os.environ.items()), sys.argv, sys.path, sorted(sys.modules), [type(each).__name__ for each in sys.meta_path])
        log(sys.getrecursionlimit(), sys.getswitchinterval(), gc.isenabled(), gc.get_threshold(), gc.get_count()[2])
        log(random.random(), np.random.random(), np.geterr(), repr(np.float64(1) / 3), os.urandom(4), uuid.uuid4())
        log(decimal.Decimal(1) / 3, warnings.filters, logging.getLogger().handlers, sys.gettrace(), sys.getprofile())
        log([str(signal.getsignal(number)).partition(" at ")[0] for number in range(1, 65)], signal.pthread_sigmask(0, []))
        log([os.lseek(number, 0, 1) for number in range(3, 20) if is_file(number)], hash("x"))
        log(data.get_price("X"), data.positions, sys.stdout.name, sys.excepthook, adapters.sandbox.channel.encode(1))
        return Decision("sell" if data.positions else "buy", "X", target_portion_of_balance=0.5)
def is_file(number):
    try:
        os.lseek(number, 0, 1)
        return True
    except OSError:
        return False
"""


@jailed
def test_a_run_finds_nothing_of_what_one_before_it_in_the_same_sandbox_left_everywhere(attacked):
    with Sandbox(TIGHT) as made:
        spied = run_code(SPY, made.executor)
        assert spied.error is None
        zygote = made._living_zygote()._process.pid
        left = attempt(LEAVER, made)
        assert left.word == "killed"  # at the end of it all, when not even the length of its answer is right any more
        after = run_code(SPY, made.executor)
        assert figures(after) == figures(spied)
        assert made._living_zygote()._process.pid == zygote
        assert "LEFT" not in str([entry["logs"] for entry in after.trigger_log])
    with Sandbox(TIGHT) as another:
        assert figures(run_code(SPY, another.executor)) == figures(spied)


@jailed
def test_what_a_run_left_would_be_seen_by_the_spy(monkeypatch):
    before = figures(run_code(SPY))
    monkeypatch.setattr("math.left", 1, raising=False)
    assert figures(run_code(SPY)) != before
