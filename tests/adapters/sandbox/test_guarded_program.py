"""Programs that try to run on after their time, beside their call, or to say more than they may."""

import re

import pytest

from adapters import Sandbox, SandboxLimits
from engine.market.indicators import ta_lib
from tests.support.attacks import LIMITS, attempt, program
from tests.support.runs import market, walk
from tests.support.sandboxes import jailed

LATE = f"no answer after {LIMITS.call_s:g} s"
FOREVER = "while True: pass"

#: What runs for ever, in which way, and what is then said.
ENDLESS = {
    "a busy loop": (FOREVER, LATE),
    "one that swallows everything": (
        "while True:\n    try:\n        while True: pass\n    except BaseException: pass",
        LATE,
    ),
    "one that begins again in its end": (f"try:\n    {FOREVER}\nfinally:\n    {FOREVER}", LATE),
    "one in C": ("sum(iter(int, 1))", LATE),
    "one in a key of a sort": (f"def key(x):\n    {FOREVER}\nsorted([2, 1], key=key)", LATE),
    "a pattern": ("import re; re.match('(a*)*b', 'a' * 60)", LATE),
    "a number": ("10 ** 10 ** 9", f"{LATE}|MemoryError"),
    "a comparison": (f"class E:\n    def __eq__(self, o):\n        {FOREVER}\n[E()].index(1)", LATE),
    "the end of an object": (f"class E:\n    def __del__(self):\n        {FOREVER}\nE()", LATE),
    "the ends of many objects": (
        f"class E:\n    def __del__(self):\n        {FOREVER}\nself.kept = [E() for _ in range(99)]; self.kept.clear()",
        LATE,
    ),
    "an end that makes another": (
        "class E:\n    def __del__(self): E()\nE()\nimport gc; gc.collect()",
        f"{LATE}|MemoryError|crashed|^$",
    ),
    "a generator that is freed with the data": (
        f"def g():\n    try: yield\n    finally:\n        {FOREVER}\nmine = g(); next(mine); data.positions['z'] = mine",
        LATE,
    ),
    "a cycle that is freed later": (
        f"class E:\n    def __del__(self):\n        {FOREVER}\ne = E(); e.e = e; del e\nimport gc; gc.collect()",
        LATE,
    ),
    "a decision's text": (f"class S(str):\n    def encode(self, *a):\n        {FOREVER}\nreturn Decision('buy', S('X'))",
                          "type S, not text"),
    "a logged object": (f"class E:\n    def __str__(self):\n        {FOREVER}\nlog(E())", LATE),
    "a separator": (f"class E:\n    def __str__(self):\n        {FOREVER}\nlog('a', 'b', sep=E())", LATE),
    "an error's text": (f"class E(Exception):\n    def __str__(self):\n        {FOREVER}\nraise E", LATE),
    "an error's traceback": (
        f"class E(Exception):\n    @property\n    def __traceback__(self):\n        {FOREVER}\nraise E",
        f"{LATE}|E: ",
    ),
    "an error's class": (
        f"class M(type):\n    @property\n    def __name__(self):\n        {FOREVER}\nclass E(Exception, metaclass=M): pass\nraise E",
        f"{LATE}|E: ",
    ),
    "a name that is asked for": (
        f"class S(str):\n    def __hash__(self):\n        {FOREVER}\ndata.get_price(S('X'))",
        LATE,
    ),
    "a recorded argument": (f"class E:\n    def __repr__(self):\n        {FOREVER}\ndata.get_price(E())", f"{LATE}|TypeError|^$"),
    "an asyncio loop": ("import asyncio\nasync def f():\n    while True: await asyncio.sleep(0)\nasyncio.run(f())", LATE),
    "an error in the place of the interruption": (f"try:\n    {FOREVER}\nexcept BaseException: raise ValueError('mine')", LATE),
    "a lock": ("import threading; l = threading.Lock(); l.acquire(); l.acquire()", LATE),
    "a queue": ("import queue; queue.Queue().get()", LATE),
    "an event": ("import threading; threading.Event().wait()", LATE),
    "a signal that never comes": ("import signal; signal.pause()", f"{LATE}|may not make"),
    "a read of the parent": ("import os; [os.read(n, 1) for n in range(3, 20) if can(os.lseek, n)]", LATE),
    "poll": ("import select; select.poll().poll()", LATE),
    "a real sleep": ("import ctypes; ctypes.CDLL(None).sleep(10 ** 6)", LATE),
    "sleeps one after another": ("import ctypes\nwhile True: ctypes.CDLL(None).usleep(10)", LATE),
    "blocked signals": (f"import signal; signal.pthread_sigmask(signal.SIG_BLOCK, range(1, 65))\n{FOREVER}", LATE),
    "a tracer": (f"import sys\ndef t(*a):\n    {FOREVER}\nsys.settrace(t)\n(lambda: 0)()", LATE),
    "a profiler": (f"import sys\ndef t(*a):\n    {FOREVER}\nsys.setprofile(t)\n(lambda: 0)()", LATE),
    "a hook of the collector": (
        f"import gc\ndef t(*a):\n    {FOREVER}\ngc.callbacks.append(t); gc.collect()",
        f"{LATE}|^$",
    ),
    "a guard that is told to look away": (
        f"guard().is_inside = False\n{FOREVER}",
        LATE,
    ),
    "a guard that is shielded": (f"guard()._is_shielded = True\n{FOREVER}", LATE),
    "a guard that raises nothing": (f"type(guard())._interrupt = lambda *a: None\n{FOREVER}", LATE),
    "a parent that is asked again and again": (
        "n = 0\nwhile True:\n    n += 1\n    data.get_klines('X', '%dm' % (n % 7), n)",
        LATE,
    ),
    "a timer against the guard": (f"import signal; signal.setitimer(signal.ITIMER_REAL, 0.01, 0.01)\n{FOREVER}", "unexpectedly"),
    "a timer of processor time": (f"import signal; signal.setitimer(signal.ITIMER_PROF, 0.01)\n{FOREVER}", "unexpectedly"),
    "an import at the end": (f"import atexit\natexit.register(lambda: None)\n{FOREVER}", LATE),
}  # fmt: skip

FIND = """
import gc
def guard():
    return next(each for each in gc.get_objects() if type(each).__name__ == "TimeGuard")
def can(call, number):
    try:
        call(number, 0, 1)
    except OSError as error:
        return error.errno == 29
    return False
"""


@jailed
@pytest.mark.parametrize(("body", "expected"), ENDLESS.values(), ids=ENDLESS)
def test_what_does_not_end_is_ended(body, expected, attacked):
    result = attempt(program(body, FIND), attacked, minutes=1)
    assert re.search(expected, result.said.partition("\n")[0]), result


#: What changes the worker under its own feet, and what is then said.
IN_THE_WORKER = {
    "another handler of the guard's signal": (
        "import signal; signal.signal(signal.SIGUSR1, signal.SIG_IGN)",
        "not permitted",
    ),
    "no handler of faults": ("import faulthandler; faulthandler.disable(); faulthandler.cancel_dump_traceback_later()", "^$"),
    "no handler of its own dump": ("import faulthandler, signal; log(faulthandler.unregister(signal.SIGUSR2))", "^$|not permitted"),
    "another marshal": ("import marshal; marshal.loads = lambda b: ('ask',)", "^$|unexpectedly"),
    "another json": ("import json; json.dumps = json.loads = None; json.JSONEncoder.encode = None", "^$"),
    "another write": ("import os; os.write = lambda *a: 0", LATE),
    "a write that writes too much": ("import os; w = os.write; os.write = lambda n, b: w(n, bytes(b) * 2)", "^$|believed|unexpectedly"),
    "another read": ("import os; os.read = lambda *a: b''", "unexpectedly|^$"),
    "another encoder": (
        "import sys; sys.modules['adapters.sandbox.channel'].encode = lambda v: b'[' * 9_999",
        "cannot be believed|^$",
    ),
    "another class of decisions": (
        "import sys\nclass D: pass\nfor m in list(sys.modules.values()):\n"
        "    if hasattr(m, 'Decision'): m.Decision = D\nreturn D()",
        "StrategyError|cannot be believed|unexpectedly",
    ),
    "another provider": ("type(data._run.provider).take_queries = lambda s: [{'query': float('nan')}] * 9", "^$|cannot be believed|another form|unexpectedly"),
    "another log": ("import sys; sys.modules['engine.program'].ProgramLog.take = lambda s: ['x' * 9_999_999]", "too long|at once|^$"),
    "a log of numbers": ("import sys; sys.modules['engine.program'].ProgramLog.take = lambda s: [5]", "unexpectedly|^$"),
    "no modules": ("import sys; sys.modules.clear()", "^$|unexpectedly"),
    "no builtins": ("import builtins; vars(builtins).clear()", "unexpectedly|crashed|believed|^$|Error"),
    "a wider recursion": (
        "import sys; sys.setrecursionlimit(10 ** 9)\ndef f(): return f()\nf()",
        f"crashed|MemoryError|RecursionError|{LATE}",
    ),
    "a narrow recursion": ("import sys; sys.setrecursionlimit(60)", "^$|unexpectedly|Error"),
    "a switch that is long": ("import sys; sys.setswitchinterval(1e9)", "^$"),
    "what happens at the end": ("import atexit; atexit.register(print, 'PWNED')", "^$"),
    "an exit": ("import sys; sys.exit('bye')", "SystemExit: bye"),
    "an exit with a lie": ("import os; os._exit(0)", r"its process ended unexpectedly \(status 0\)"),
    "an interrupt": ("raise KeyboardInterrupt", "KeyboardInterrupt"),
    "a generator's exit": ("raise GeneratorExit", "GeneratorExit"),
    "the guard's own error": ("raise type(next(iter(())), (), {})", "StopIteration|RuntimeError|TypeError"),
    "an error as its own cause": ("e = ValueError('x'); e.__cause__ = e; e.__context__ = e\nraise e", "ValueError: x"),
    "a group of errors": ("raise ExceptionGroup('a\\\\nb', [ValueError('c\\\\x1b[2J')])", r"ExceptionGroup: a\\nb"),
    "an error whose text is no text": ("class E(Exception):\n    def __str__(self): return 5\nraise E", r"E \(its message cannot be shown\)"),
    "an error whose text is an error": ("class E(Exception):\n    def __str__(self): raise self\nraise E", "E: |E$|E \\("),
    "an error of many lines": ("raise ValueError('a\\\\r\\\\n' * 999 + '\\\\u2028\\\\u202e')", r"ValueError: a\\r\\n"),
    "an error of another's line": ("exec(compile('\\\\n' * 998 + 'raise KeyError(1)', '<program>', 'exec'))", "KeyError"),
    "an error of a million characters": ("raise ValueError('x' * 10 ** 6)", "ValueError: x"),
    "a traceback of a million lines": (
        "def f(n):\n    if n: f(n - 1)\n    raise ValueError('deep')\nimport sys; sys.setrecursionlimit(10 ** 5); f(9_000)",
        "ValueError: deep|crashed|MemoryError",
    ),
    "a lone surrogate in the log": ("log('\\\\ud800')", "^$"),
    "nothing in the log": ("log('a\\\\0b\\\\x1b[2J\\\\u2028')", "^$"),
    "a lone surrogate as a reason": ("return Decision('hold', 'X', '\\\\udfff')", "^$"),
    "a number that is none": ("return Decision('buy', 'X', leverage=float('nan'))", "^$"),
    "a number without end": ("return Decision('buy', 'X', leverage=10 ** 10_000)", "too large"),
    "a truth value that lies": ("class E:\n    def __bool__(self): raise KeyError\nreturn E()", "StrategyError|KeyError"),
    "a class that lies": (
        "class E:\n    __class__ = property(lambda s: Decision)\nreturn E()",
        "StrategyError|not a Decision",
    ),
    "a decision that loses its fields": ("d = Decision('buy', 'X'); del d.leverage\nreturn d", "leverage"),
    "a text of another class": ("class S(str): pass\nreturn Decision('buy', S('X'))", "of the type S"),
    "an operation that is a class": ("return Decision(int, 'X')", "of the type type"),
}  # fmt: skip


@jailed
@pytest.mark.parametrize(("body", "expected"), IN_THE_WORKER.values(), ids=IN_THE_WORKER)
def test_what_a_program_breaks_in_its_worker_breaks_nothing_else(body, expected, attacked):
    result = attempt(program(body.replace("\\\\", "\\"), FIND), attacked, record_queries=True)
    assert re.search(expected, result.said.partition("\n")[0]), result


#: What a program says without end, the most that the run may take of this process, and what is then said.
FLOODS = {
    "reasons": ("return Decision('hold', 'X', 'r' * 10_000)", "^$"),
    "log lines": ("for n in range(10_000): log('x' * 10_000)", "^$|TimeLimit"),
    "errors": ("raise ValueError('e' * 10_000)", "^$"),
    "recorded queries": ("for n in range(300): data.get_price('q' * 300)", "^$|reported more than"),
    "unanswered queries": ("for n in range(2_000): data.get_price('%d' % n + 'q' * 300)", "^$|TimeLimit|reported more"),
    "columns": ("for n in range(20, 400): data.get_indicator('X', f'EMA{n}', '1m')", "^$|TimeLimit|MB of indicators"),
    "names of parameters": ("for n in range(3_000): self.params.get('%d' % n + 'p' * 300)", "^$"),
    "forged queries": (
        "say('answer', queries=[{'query': 'q', 'arguments': [], 'answer': [[[{}] * 50] * 50]} for _ in range(400)])",
        "a value that is too large",
    ),
    "forged reasons": (
        "say('answer', decision=dict(operation='hold', symbol='X', reason='r' * 100_000, "
        "trading_strategy='s' * 100_000, tp_execution='l' * 100_000, sl_execution='l' * 100_000))",
        "reported more than 167,772,160 bytes|^$",
    ),
    "forged causes": (
        "say('answer', news=[['q', '%d %d' % (n, data.timestamp) + 'w' * 500, 1] for n in range(2_000)])",
        "reported more than|^$",
    ),
    "forged names": ("say('answer', read=['%d %d' % (n, data.timestamp) for n in range(100_000)])", "or too long"),
    "forged names, a few at once": (
        "say('answer', read=['%d %d' % (n, data.timestamp) for n in range(1_000)])",
        "^$|reported more",
    ),
}  # fmt: skip
SAYER = """
import gc, json, os
channel = next(each for each in gc.get_objects() if type(each).__name__ == "Channel")
def say(kind, **values):
    payload = json.dumps({"kind": kind, **values}).encode()
    content = memoryview(len(payload).to_bytes(4, "little") + payload)
    while content:
        content = content[os.write(channel._results, content):]
    raise SystemExit  # what is said of it is the answer to the next question
"""


def flood(name, sandbox, triggers):
    body, expected = FLOODS[name]
    code = program(body, SAYER).replace("class A:", "class A:\n    def init(self, params): self.params = params")
    given = {"minutes": triggers / 60, "scheduled_interval": 1, "on_strategy_error": "hold", "record_queries": True}
    result = attempt(code, sandbox, **given)
    assert re.search(expected, result.said.partition("\n")[0]), result.said[:500]


@jailed
@pytest.mark.parametrize("name", FLOODS)
def test_a_program_that_says_without_end_does_not_make_its_parent_grow(name, attacked):
    flood(name, attacked, 40)


@jailed
@pytest.mark.soak
@pytest.mark.parametrize("name", FLOODS)
def test_a_program_that_says_without_end_for_long_does_not_make_its_parent_grow(name):
    with Sandbox(SandboxLimits()) as made:
        flood(name, made, 2_500)


@jailed
@pytest.mark.soak
@pytest.mark.parametrize("name", ["EMA", "RSI"])
def test_columns_without_end_of_a_long_market_do_not_make_the_parent_grow(name):
    ta_lib()  # takes memory of this process, which is no attack's
    code = program(f"for n in range(20, 5_000): data.get_indicator('X', f'{name}{{n}}', '1m')")
    with Sandbox(SandboxLimits()) as made:
        given = {"history": market(X=walk(60_000)), "minutes": 59_000, "scheduled_interval": 58_000 * 60}
        assert "MB of indicators and other columns" in attempt(code, made, **given).said
