"""The policy of the language: fuzzed, and what `perpsim validate` says by it."""

import ast
import random

import pytest
from click.testing import CliRunner
from hypothesis import given, settings
from hypothesis import strategies as st

from adapters import main
from engine import validate_program
from engine.program import PRIVATE_MARK, is_special
from engine.program.language.limits import MAX_DEPTH, MAX_NODES, MAX_SOURCE_BYTES
from engine.program.language.names import DENIED_ATTRIBUTES
from engine.program.language.policy import check_program
from engine.program.language.scope import ProgramScope
from engine.program.program_text import NAMED_TUPLE_NAMES
from tests.conftest import ROOT

PROGRAMS = [path.read_text() for path in sorted((ROOT / "tests" / "programs").glob("*.py"))]
FRAGMENTS = (
    "__class__ __subclasses__ __globals__ __init__ __builtins__ _provider _market __name__ gi_frame f_back tb_frame "
    "mro format format_map obj __getattribute__ super type object data self Decision MarketData math getattr eval "
    "log ｅｖａｌ __dict__ __del__ __call__ _asdict _ __ ___ match case"
).split()
CLASS = "class A:\n    def should_trade(self, data):\n"
names = st.sampled_from(FRAGMENTS)
expressions = st.recursive(
    st.one_of(names, st.sampled_from(["1", "'x'", "[]", "()", "{}", "None"])),
    lambda inner: st.one_of(
        st.tuples(inner, names).map(lambda pair: f"({pair[0]}).{pair[1]}"),
        st.tuples(inner, inner).map(lambda pair: f"({pair[0]})({pair[1]})"),
        st.tuples(inner, inner).map(lambda pair: f"({pair[0]})[{pair[1]}]"),
        st.tuples(names, inner).map(lambda pair: f"[{pair[1]} for {pair[0]} in {pair[1]}]"),
        st.tuples(names, inner).map(lambda pair: f"(lambda {pair[0]}, /: {pair[1]})"),
        st.tuples(names, inner).map(lambda pair: f"({pair[0]} := {pair[1]})"),
        inner.map(lambda each: f'f"{{{each}!r:>{{1}}}}"' if '"' not in each and "'" not in each else each),
        st.tuples(inner, names).map(lambda pair: f"log({pair[1]}={pair[0]})"),
    ),
    max_leaves=12,
)
statements = st.one_of(
    expressions,
    st.tuples(expressions, names, expressions).map(lambda t: f"({t[0]}).{t[1]} = {t[2]}"),
    st.tuples(names, expressions).map(lambda t: f"{t[0]} = {t[1]}"),
    st.tuples(names, expressions).map(lambda t: f"del {t[0]}, ({t[1]}).x"),
    st.tuples(names, names).map(lambda t: f"def {t[0]}({t[1]}): return {t[1]}"),
    st.tuples(names, expressions).map(lambda t: f"class {t[0]}({t[1]}): pass"),
    st.tuples(expressions, names).map(lambda t: f"match {t[0]}:\n            case object({t[1]}=x): pass"),
    st.tuples(names, names).map(lambda t: f"try: pass\n        except {t[0]} as {t[1]}: pass"),
    st.tuples(names, expressions).map(lambda t: f"for {t[0]} in {t[1]}: pass"),
    st.tuples(names, names).map(lambda t: f"import {t[0]} as {t[1]}"),
)


def names_in(code):
    """Every name and attribute in compiled code, those of inner functions too."""
    found = {*code.co_names, *code.co_varnames, *code.co_freevars, *code.co_cellvars}
    for each in code.co_consts:
        if hasattr(each, "co_names"):
            found |= names_in(each)
    return found


def forbidden_in(code):
    """What no compiled program may contain."""
    allowed = {"__init__", "__name__", "__module__", "__qualname__", "__class__", "__classcell__", "__doc__", *SPECIAL}
    found = set()
    for name in names_in(code):
        special = is_special(name.rstrip(PRIVATE_MARK)) and name not in allowed and name.strip("_") != ""
        private = name.startswith("_") and not is_special(name) and name not in NAMED_TUPLE_NAMES and name != "_"
        if special or name in DENIED_ATTRIBUTES or (private and not name.endswith(PRIVATE_MARK)):
            found.add(name)
    return found


SPECIAL = "__annotations__ __repr__ __call__ __len__ __getitem__ __iter__ __contains__".split()


@settings(max_examples=400, deadline=None)
@given(st.lists(statements, min_size=1, max_size=4))
def test_what_is_compiled_names_nothing_of_the_hosts(lines):
    source = CLASS + "".join(f"        {line}\n" for line in lines)
    checked = check_program(source)
    if checked.code is not None:
        assert forbidden_in(checked.code) <= NAMES_OF_VARIABLES
    else:
        assert any(problem.severity == "error" for problem in checked.problems)


#: Variables of a program may be called as attributes that it may not use: `format = 1`.
NAMES_OF_VARIABLES = {*DENIED_ATTRIBUTES}


@settings(max_examples=200, deadline=None)
@given(expressions)
def test_an_accepted_expression_reads_no_denied_attribute(expression):
    source = CLASS + f"        return {expression}\n"
    if check_program(source).code is not None:
        attributes = {node.attr for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Attribute)}
        assert not attributes & set(DENIED_ATTRIBUTES)
        assert not {name for name in attributes if is_special(name)} - {"__init__", "__name__", "__class__"}


@settings(max_examples=200, deadline=None)
@given(st.text(max_size=200))
def test_any_text_is_judged_without_an_exception(text):
    assert check_program(text).code is None or "class" in text


@settings(max_examples=100, deadline=None)
@given(st.integers(0, 10**9))
def test_broken_programs_are_judged_without_an_exception(seed):
    chance = random.Random(seed)
    text = chance.choice(PROGRAMS)
    for _ in range(chance.randrange(1, 6)):
        place = chance.randrange(len(text))
        text = text[:place] + chance.choice(FRAGMENTS) + text[place + chance.randrange(4) :]
    for problem in check_program(text).problems:
        assert problem.line >= 1
        assert problem.column >= 1


SIZES = {
    "long": "x = 1\n" * MAX_SOURCE_BYTES,
    "wide": "x = [" + "1," * MAX_NODES + "]",
    "deep": "x = " + "-" * (MAX_DEPTH + 10) + "1",
    "a chain": "x = a" + ".b" * 5_000,
    "a sum": "x = 1" + "+1" * 5_000,
    "brackets": "x = " + "(" * 5_000 + ")" * 5_000,
    "blocks": "\n".join(" " * depth + "if 1:" for depth in range(99)) + "\n" + " " * 99 + "pass",
}


@pytest.mark.parametrize("text", SIZES.values(), ids=SIZES)
def test_a_program_of_absurd_size_is_refused(text):
    assert check_program(text).code is None


@pytest.mark.parametrize("target", ["(await x).y", "(await x)[0]"])
def test_what_cannot_be_used_is_a_finding_also_where_something_is_written_to_it(target):
    problems = check_program(f"{CLASS}        {target} = 1").problems
    errors = [problem.message for problem in problems if problem.severity == "error"]
    assert errors == ["await cannot be used in programs"]


def scope_of(body):
    lines = []
    scope = ProgramScope(lambda: 0, lambda *parts: lines.append(parts))
    checked = check_program(body + "\n" + CLASS + "        pass")
    assert checked.code is not None, checked.problems
    scope.run(checked.code)
    return lines


def test_private_names_are_a_programs_own():
    text = """
class B:
    def __init__(self):
        self._a, self.__b, self._c_ = 1, 2, 3
    def total(self, _by=1):
        return (self._a + self.__b + self._c_) * _by
log(B().total(_by=2), type(B()).__name__, B().__class__.__name__, __name__)
"""
    assert scope_of(text) == [(12, "B", "B", "program")]


def test_a_type_of_a_type_is_no_means_to_make_types():
    assert scope_of("log(type(1) is int, type(int) is type, type(type) is type)") == [(True, True, False)]


def test_problems_have_places_and_hints():
    found = validate_program(CLASS + '        return "{}".format(1)\n', "platform")
    assert [(p.line, p.column, p.severity) for p in found] == [(2, 5, "warning"), (3, 16, "error")]
    assert found[1].hint == 'use an f-string: f"{price:.2f}"; language = "python" allows it'


def test_validate_says_everything_at_once(tmp_path):
    path = tmp_path / "bad.py"
    path.write_text("import os\n" + CLASS + "        return eval('1') or data.__class__\n")
    done = CliRunner().invoke(main, ["validate", str(path), "--platform"])
    assert done.exit_code == 1
    lines = done.stdout.splitlines()
    assert [line.split(": ")[0] for line in lines] == [f"{path}:{place}" for place in ("1:1", "3:5", "4:16", "4:29")]
    assert done.stderr == "3 errors: the program cannot be run\n"
    path.write_text(PROGRAMS[0])
    assert CliRunner().invoke(main, ["validate", "--platform", "--trust", str(path)]).exit_code == 0
    path.write_bytes(b"\xff")
    done = CliRunner().invoke(main, ["validate", str(path)])
    assert (done.exit_code, done.stderr) == (1, f"Error: {path} is no UTF-8 text (byte 1)\n")
    assert CliRunner().invoke(main, ["validate", str(tmp_path / "absent.py")]).exit_code == 2
