"""Zygotes: how the process starts from which workers are forked, also before anybody asks for one."""

import os
import select
import subprocess
import sys

import pytest

from tests.conftest import ROOT
from tests.support.patience import PATIENCE_S
from tests.support.sandboxes import jailed

pytestmark = jailed

AHEAD = """
from adapters.sandbox import Sandbox, start_ahead
from adapters.sandbox.zygote_client import _ahead
start_ahead()
(started,) = _ahead
"""


def said_by(code):
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    return done.stdout


def test_the_first_sandbox_takes_the_zygote_that_was_started_ahead_and_the_next_one_starts_its_own():
    code = """
with Sandbox() as first, Sandbox() as second:
    assert first.validate("a = (") and second.validate("a = (")
    print(first._zygote._process is started.process, second._zygote._process is started.process)
"""
    assert said_by(AHEAD + code) == "True False\n"


def test_a_zygote_that_nobody_takes_ends_with_its_process():
    with subprocess.Popen(
        [sys.executable, "-c", AHEAD + "print(started.process.pid, flush=True); input()"],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as parent:
        descriptor = os.pidfd_open(int(parent.stdout.readline()))
        parent.stdin.write("\n")
    ended = select.poll()
    ended.register(descriptor, select.POLLIN)
    assert ended.poll(PATIENCE_S * 1_000)
    os.close(descriptor)


LOADED = """
import sys
import adapters.sandbox.zygote
from adapters.sandbox.warming import warm_up
warm_up()
print(len(sys.modules), *sorted(sys.modules))
"""


def test_a_zygote_loads_little():
    count, *names = said_by(LOADED).split()
    for absent in ("pandas", "sqlalchemy", "subprocess", "concurrent", "processes", "engine.result", "engine.signals"):
        assert absent not in names
    assert int(count) < 480


@pytest.mark.parametrize(
    ("arguments", "expected"), [(["validate"], 1), (["validate", "--trust"], 0), (["run", "-h"], 0)]
)
def test_a_command_starts_its_sandbox_ahead_unless_it_needs_none(arguments, expected, tmp_path):
    program = tmp_path / "program.py"
    program.write_text("class A:\n    def should_trade(self, data):\n        return None\n")
    code = f"""
import atexit, sys
from adapters.commands.command_line import main
sys.argv[1:] = {[*arguments, str(program)]!r}
started = []
sys.addaudithook(lambda event, given: event == "subprocess.Popen" and started.append(given))
atexit.register(lambda: print(len(started)))
main()
"""
    assert said_by(code).splitlines()[-1] == str(expected)
