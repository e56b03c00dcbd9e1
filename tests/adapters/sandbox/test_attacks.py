"""Hostile programs: what becomes of each in the sandbox, in the language of the platform and in any Python."""

import os
import re

import pytest

from tests.conftest import ROOT
from tests.support.attacks import attempt, resident
from tests.support.runs import MINUTE
from tests.support.sandboxes import NO_JAIL, outcome, run_code, wave

GOLDEN = ROOT / "tests" / "golden" / "sandbox" / "attacks.txt"
pytestmark = [pytest.mark.skipif(NO_JAIL is not None, reason=str(NO_JAIL)), pytest.mark.xdist_group("attacks")]

LANGUAGES = ("platform", "python")
#: Where an attack ends depends on the speed of the machine, these count as one.
ENDED = {"timed out": "ended", "killed": "ended", "out of memory": "ended"}
#: Whether these end in time does too.
SLOW = {
    "121_crash_nested_list_repr",
    "143_out_log_flood",
    "compile_finally_bomb",
    "liar_base",
    "mem_edge_host",
    "unanswered_1001",
    "validate_finally_bomb",
    "validate_finally_hang",
}
#: Scripts for the side of the parent: `test_channel` does what they do.
NO_PROGRAMS = {"forged_big_int"}


def adapted(text: str) -> str:
    """An attack written against another interface, for ours."""
    text = text.replace("data.log", "log").replace('"BTC"', '"X"')
    text = re.sub(r"Decision\('(\w+)', ", r"Decision('\1', 'X', target_portion_of_balance=", text)
    text = text.replace("Decision(S('zzz'), 1.0)", "Decision(S('zzz'), 'X')")
    text = text.replace('Decision("buy", 1.0)', 'Decision("buy", "X", target_portion_of_balance=1.0)')
    text = re.sub(r"get_klines\((5|l)\)", r"get_klines('X', '1m', \1)", text)
    text = text.replace("k[-1].ts > data.now", "k[-1].timestamp * 1000 > data.timestamp")
    text = text.replace("get_indicator(S('zzz'), 14)", "get_indicator('X', S('zzz'), '1m')")
    text = text.replace("data._src", "data._provider._market.symbols['X'].base.columns")
    text = text.replace("{0._src.close}", "{0._provider._market.symbols[X].base.columns.close}")
    text = text.replace("data._provider", "data._run.provider").replace("{0._provider", "{0._run.provider")
    text = text.replace("os.write(5, ", f"os.write({RESULTS}, ")
    return text.replace("data._i", "len(data.get_klines('X', '1m', 500)) - 1").replace("log('CHEAT lookahead')", SEEN)


#: The pipe of answers, whatever its number is.
RESULTS = "next(each for each in __import__('gc').get_objects() if type(each).__name__ == 'Channel')._results"
#: In the place of a mark that an attack sets without having seen anything: all that it could have.
SEEN = "log('CHEAT', [float(each) for each in s.close])"


@pytest.fixture(scope="module")
def collection(shared):
    folders = (shared / "attacks", shared / "cases" / "sandbox")
    paths = [path for folder in folders for path in sorted(folder.glob("*.py")) if path.stem not in NO_PROGRAMS]
    if not paths:
        pytest.skip("the collection of attacks is not there")
    return [(path.stem, adapted(path.read_text())) for path in paths]


def future_values(result, history):
    """Numbers in what a program has logged that stood in the market after it did."""
    columns = history.symbols["X"].base.columns
    found = []
    for entry in result.trigger_log:
        future = {repr(float(close)) for close in columns.close[columns.open_ms + MINUTE > entry["timestamp"]]}
        said = re.findall(r"\d+\.\d+", "\n".join(entry["logs"]))
        found += [each for each in said if each in future]
    return found


def test_a_value_of_the_future_would_be_noticed_in_what_a_program_logs(attacked):
    history = wave()
    late = float(history.symbols["X"].base.columns.close[50])
    code = "class A:\n    def should_trade(self, data): log('x', [{}])"
    assert set(future_values(run_code(code.format(late), attacked.executor), history)) == {str(late)}
    assert future_values(run_code(code.format("data.get_price('X')"), attacked.executor), history) == []


def test_every_attack_of_the_collection_fails(collection, attacked, capsys):
    lines, bad = [], []
    before = peak = resident_mb()
    for name, text in collection:
        row = []
        for language in LANGUAGES:
            kept = {}
            word, said = attempt(text, attacked, language=language, kept=kept)
            peak = max(peak, resident_mb())
            row.append("either" if name in SLOW else ENDED.get(word, word))
            forbidden = ("PWNED", "ESCAPED", "CHEAT") if language == "platform" else ("PWNED",)
            bad += [(name, language, said[:200]) for mark in forbidden if re.search(rf"^{mark} ", said, re.MULTILINE)]
            if "result" in kept and (seen := future_values(kept["result"], wave())):
                bad.append((name, language, "the future", seen[:3]))
        lines.append(f"{name:<40} {row[0]:<10} {row[1]}")
    with capsys.disabled():
        print(f"\n{len(collection)} attacks; this process took {before} MB before and {peak} MB at most after one")
    assert bad == []
    text = f"{'attack':<40} {'platform':<10} python\n" + "\n".join(lines) + "\n"
    if os.environ.get("PERPSIM_UPDATE_GOLDEN"):
        GOLDEN.write_text(text)
    assert text == GOLDEN.read_text()


def resident_mb():
    """How much memory this process has, in MB."""
    return resident("VmRSS") >> 20


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
    "a private name of the host": "        log('CHEAT', data._run.provider)",
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
def test_in_the_language_of_the_platform_what_is_not_a_programs_own_cannot_be_had_or_changed(body, attacked):
    word, said = outcome(CLASS + body, attacked, language="platform")
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


@pytest.mark.parametrize("language", LANGUAGES)
def test_objects_that_lie_about_numbers_do_not_reach_the_future(language, attacked):
    word, said = outcome(LOOK_AHEAD, attacked, language=language)
    assert (word, "CHEAT" in said) == ("harmless", False)
