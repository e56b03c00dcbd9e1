"""What `perpsim validate` says, and how it ends."""

import time

import pytest
from click.testing import CliRunner

from adapters import main
from tests.support.sandboxes import jailed

MEANT = """class A:
    def init(self, params):
        pass

    def should_trade(self, data):
        if data.get_price("ETH") > data.get_indicator("BTC", "SMA20", "1h")["value"]:
            return Decison("buy", "BTC")
        return Decision("hodl", "BTC", leverage=0)
"""


def validate(tmp_path, text, *options):
    path = tmp_path / "program.py"
    path.write_text(text)
    done = CliRunner().invoke(main, ["validate", str(path), *options])
    return done.exit_code, done.stdout.replace(f"{path}", "P").splitlines(), done.stderr


EXPECTED = [
    "P:6:62: error: there is no indicator 'SMA20' (did you mean MA20?)",
    "P:7:20: error: Decison is not defined (did you mean Decision?)",
    "P:8:25: error: there is no operation 'hodl' (did you mean hold?)",
    "P:8:49: error: leverage = 0: leverage out of range (a whole number from 1 to the highest that is allowed)",
]
OTHER_SYMBOL = "P:6:27: error: the symbol 'ETH' is not configured (configured: BTC)"


def test_mistakes_are_errors_in_the_order_of_the_text(tmp_path):
    code, lines, last = validate(tmp_path, MEANT)
    assert (code, lines) == (1, EXPECTED)
    assert last == "4 errors: the program can be run, but not as it is meant\n"


def test_symbols_are_judged_where_they_are_given(tmp_path):
    config = tmp_path / "run.toml"
    config.write_text('symbols = ["BTC"]\nstrategy = "program.py"\n')
    for options in (["--symbol", "BTC"], ["--config", str(config)]):
        assert validate(tmp_path, MEANT, *options)[:2] == (1, [OTHER_SYMBOL, *EXPECTED])
    assert validate(tmp_path, MEANT, "--symbol", "BTC", "--symbol", "ETH")[:2] == (1, EXPECTED)


@pytest.mark.parametrize("way", ["option", "config"])
def test_what_the_platform_refuses_names_the_way_out(tmp_path, way):
    text = "import json\n" + MEANT[: MEANT.index("        if")] + '        return log("{}".format(data.prices))\n'
    config = tmp_path / "run.toml"
    config.write_text('language = "platform"\n')
    code, lines, last = validate(tmp_path, text, *(["--platform"] if way == "option" else ["--config", str(config)]))
    assert (code, last) == (1, "3 errors: the program cannot be run\n")
    assert lines == [
        "P:1:1: error: imports are not allowed (only math, time, statistics exist, without import)"
        ' (language = "python" allows it)',
        "P:7:20: error: the attribute format cannot be used in programs"
        ' (use an f-string: f"{price:.2f}"; language = "python" allows it)',
        "P:7:32: error: data has no attribute prices (use data.get_price(symbol))",
    ]
    assert validate(tmp_path, text)[1] == ["P:7:32: error: data has no attribute prices (use data.get_price(symbol))"]


def test_a_program_without_mistakes_can_be_run(tmp_path):
    text = MEANT.replace("SMA20", "MA20").replace("Decison", "Decision").replace("hodl", "hold")
    assert validate(tmp_path, text, "--symbol", "BTC", "--symbol", "ETH") == (0, ["P can be run"], "")


ANY_PYTHON = "import collections\n" + MEANT.replace("SMA20", "MA20").replace("Decison", "Decision").replace(
    "hodl", "hold"
)
#: Every level is compiled twice.
BOMB = "class A:\n    def should_trade(self, data):\n" + "".join(
    f"{' ' * (8 + level)}try: pass\n{' ' * (8 + level)}finally:\n" for level in range(26)
) + " " * 40 + "pass\n"  # fmt: skip


@pytest.mark.parametrize("where", [pytest.param([], marks=jailed), ["--trust"]])
def test_any_python_can_be_run_and_the_platform_takes_less(tmp_path, where):
    assert validate(tmp_path, ANY_PYTHON, *where) == (0, ["P can be run"], "")
    code, lines, last = validate(tmp_path, ANY_PYTHON, "--platform", *where)
    assert (code, len(lines), last) == (1, 1, "1 error: the program cannot be run\n")
    assert lines[0].startswith("P:1:1: error: imports are not allowed")


@jailed
@pytest.mark.parametrize("options", [[], ["--platform"]])
def test_a_text_that_would_take_hours_to_compile_is_one_problem_soon(tmp_path, options):
    began = time.monotonic()
    code, lines, _ = validate(tmp_path, BOMB, *options)
    assert time.monotonic() - began < 3.0 + 5.0  # and the start of a sandbox on a busy machine
    assert (code, len([line for line in lines if ": error: " in line])) == (1, 1)


def test_without_a_sandbox_it_is_looked_at_only_if_it_is_trusted(tmp_path, monkeypatch):
    monkeypatch.setattr("adapters.sandbox.sandbox.jail_problem", lambda: "the kernel has no Landlock")
    code, lines, said = validate(tmp_path, ANY_PYTHON)
    assert (code, lines, len(said.splitlines())) == (1, [], 1)
    assert "there is none on this machine: the kernel has no Landlock" in said
    assert "--trust" in said
    assert validate(tmp_path, ANY_PYTHON, "--trust")[0] == 0
