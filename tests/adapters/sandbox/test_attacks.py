"""Hostile programs: what becomes of each in the sandbox, with the policy of the language and without it."""

import os
import re
from pathlib import Path

import pytest

from adapters import Sandbox
from tests.conftest import ROOT
from tests.support.sandboxes import NO_JAIL, TIGHT, outcome

GOLDEN = ROOT / "tests" / "golden" / "sandbox" / "attacks.txt"
pytestmark = [pytest.mark.skipif(NO_JAIL is not None, reason=str(NO_JAIL)), pytest.mark.xdist_group("attacks")]

#: Where an attack ends depends on the speed of the machine, these count as one.
ENDED = {"timed out": "ended", "killed": "ended", "out of memory": "ended"}


def adapted(text: str) -> str:
    """An attack written against another interface, for ours."""
    text = text.replace("data.log", "log")
    text = re.sub(r"Decision\('(\w+)', ", r"Decision('\1', 'X', target_portion_of_balance=", text)
    text = text.replace("Decision(S('zzz'), 1.0)", "Decision(S('zzz'), 'X')")
    text = text.replace('Decision("buy", 1.0)', 'Decision("buy", "X", target_portion_of_balance=1.0)')
    text = re.sub(r"get_klines\((5|l)\)", r"get_klines('X', '1m', \1)", text)
    text = text.replace("k[-1].ts > data.now", "k[-1].timestamp * 1000 > data.timestamp")
    text = text.replace("get_indicator(S('zzz'), 14)", "get_indicator('X', S('zzz'), '1m')")
    text = text.replace("data._src", "data._provider._market.symbols['X'].base.columns")
    return text.replace("{0._src.close}", "{0._provider._market}")


@pytest.fixture(scope="module")
def sandboxes():
    with Sandbox(TIGHT) as restricted, Sandbox(TIGHT, restricted=False) as open_language:
        yield restricted, open_language


def test_every_attack_of_the_collection_fails(shared, sandboxes, record_property, capsys):
    paths = sorted((shared / "attacks").glob("*.py"))
    if not paths:
        pytest.skip("the collection of attacks is not there")
    before = {path.name for folder in ("/", "/tmp", "/dev/shm", str(ROOT)) for path in Path(folder).glob("sandbox_*")}
    lines, bad = [], []
    for path in paths:
        row = [path.stem]
        for sandbox, forbidden in zip(sandboxes, (("ESCAPED", "PWNED", "CHEAT"), ("PWNED", "CHEAT")), strict=True):
            word, said = outcome(adapted(path.read_text()), sandbox)
            row.append(ENDED.get(word, word))
            bad += [(path.stem, said[:200]) for mark in forbidden if re.search(rf"^{mark} ", said, re.MULTILINE)]
        lines.append(f"{row[0]:<40} {row[1]:<10} {row[2]}")
    with capsys.disabled():
        print("\n" + "\n".join(lines))
    after = {path.name for folder in ("/", "/tmp", "/dev/shm", str(ROOT)) for path in Path(folder).glob("sandbox_*")}
    assert bad == []
    assert after == before
    text = "attack                                   restricted any Python\n" + "\n".join(lines) + "\n"
    if os.environ.get("PERPSIM_UPDATE_GOLDEN"):
        GOLDEN.write_text(text)
    assert text == GOLDEN.read_text()


CLASS = "class A:\n    def should_trade(self, data):\n"
REFUSED = {
    "a class by the type of a type": "        T = type(type(1)); T('X', (), {'__del__': lambda s: 0})",
    "an enumeration's type": "        type(ActionType)('X', (), {})",
    "an abstract class's type": "        type(type(data.get_klines('X', '1m')))('X', (), {})",
    "the host's class": "        type(data).get_price = lambda *a: 1.0",
    "the decision's class": "        Decision.action = lambda self: 'buy'",
    "a module's function": "        math.sqrt = lambda x: 1.0",
    "a kline": "        data.get_klines('X', '1m')[-1].close = 1.0",
    "a position": "        data.get_regime('X', '5m').conf = 1.0",
    "a field of the data": "        data.trigger_symbol = 'Y'",
    "a private name of the host": "        log('CHEAT', data._provider)",
    "a mangled private name": "        class MarketData:\n            def f(self): return data.__provider\n"
    "        log('CHEAT', MarketData().f())",
    "a class of the host's through another name": "        T = type(data)\n        class X(T): pass",
    "text as a base": "        S = str\n        class X(S): pass",
    "a full-width name": "        log('CHEAT', data.＿＿class＿＿)",
    "a property's function": "        log('CHEAT', type(data).positions.fget)",
    "an error's object": "        try:\n            data.x\n        except AttributeError as e:\n            log('CHEAT', e.obj)",
    "the builtins": "        log('CHEAT', __builtins__)",
    "a decorator's frame": "        g = (x for x in [1])\n        log('CHEAT', g.gi_frame)",
}  # fmt: skip


@pytest.mark.parametrize("body", REFUSED.values(), ids=REFUSED)
def test_what_is_not_a_programs_own_cannot_be_had_or_changed(body, sandboxes):
    word, said = outcome(CLASS + body, sandboxes[0])
    assert word in ("refused", "stopped")
    assert "CHEAT" not in said.replace("'CHEAT'", "")


LOOK_AHEAD = """
class Liar:
    def __init__(self, n): self.n = n
    def __add__(self, o): return self
    def __sub__(self, o): return self
    def __mul__(self, o): return self
    def __lt__(self, o): return False
    def __le__(self, o): return True
    def __gt__(self, o): return True
    def __ge__(self, o): return True
    def __eq__(self, o): return True
    def __hash__(self): return self.n
class A:
    def should_trade(self, data):
        for value in (Liar(70), -5, True, 10 ** 18, 2.5, "5", None):
            for ask in (lambda: data.get_klines("X", "1m", value), lambda: [data.get_klines("X", "1m", 5)[value]],
                        lambda: data.get_klines("X", "1m", 5)[value:], lambda: data.get_klines(value, "1m", 5),
                        lambda: data.get_klines("X", value, 5)):
                try:
                    found = list(ask())
                except (TypeError, IndexError, ValueError):
                    continue
                for k in found:
                    if k.timestamp * 1000 > data.timestamp:
                        log("CHEAT", k)
"""


def test_objects_that_lie_about_numbers_do_not_reach_the_future(sandboxes):
    word, said = outcome(LOOK_AHEAD, sandboxes[0])
    assert (word, "CHEAT" in said) == ("harmless", False)


UNJAILED = """
import sys
class A:
    def should_trade(self, data):
        os = sys.modules["os"]
        {0}
"""
WALLS = {
    "files": "log('PWNED', os.open('/etc/hostname', 0))",
    "a listing": "log('PWNED', os.listdir('/'))",
    "the memory of the parent": "log('PWNED', os.open('/proc/%d/mem' % os.getppid(), 0))",
    "a signal to the parent": "os.kill(os.getppid(), 0); log('PWNED')",
    "a signal to everybody": "os.kill(-1, 0); log('PWNED')",
    "a fork": "log('PWNED', os.fork())",
    "more rights": "sys.modules['resource'].setrlimit(7, (99, 99)); log('PWNED')",
    "another user": "os.setuid(0); log('PWNED')",
    "a link": "os.symlink('/etc', 'sandbox_link'); log('PWNED')",
    "a terminal": "os.ioctl(0, 0) if hasattr(os, 'ioctl') else sys.modules['fcntl'].ioctl(0, 0x5412, b'x'); log('PWNED')",
    "executable memory": "m = sys.modules['mmap'].mmap(-1, 4096, prot=7); log('PWNED', m)",
    "a shared file": "log('PWNED', os.memfd_create('x'))",
    "a pipe": "log('PWNED', os.pipe())",
    "many processors": "os.sched_setaffinity(0, [0]); log('PWNED')",
    "a larger market file": "os.ftruncate(3, 1 << 30); log('PWNED')",
}  # fmt: skip


@pytest.mark.parametrize("statement", WALLS.values(), ids=WALLS)
def test_without_the_policy_the_kernel_refuses(statement, sandboxes):
    word, said = outcome(UNJAILED.format(statement), sandboxes[1])
    assert word in ("stopped", "killed")
    assert "PWNED" not in said


def test_a_worker_has_no_secrets_and_no_descriptors(sandboxes, monkeypatch):
    monkeypatch.setenv("PERPSIM_SECRET", "sesame")
    text = UNJAILED.format("log(dict(os.environ)); log(os.getuid(), os.getgroups() if os.getuid() == 0 else '')")
    with Sandbox(TIGHT, restricted=False) as fresh:
        word, said = outcome(text, fresh)
    assert "sesame" not in said
    assert word == "harmless"
    assert os.geteuid() != 0 or "\n0 " not in said
    open_ones = "        for n in range(3, 256):\n            try:\n                os.fstat(n); log('open', n)\n            except OSError: pass"
    word, said = outcome(UNJAILED.format("pass") + open_ones, sandboxes[1])
    assert word == "harmless"
    assert said.count("open") // 3 <= 3  # the result pipe and the two maps of memory files
