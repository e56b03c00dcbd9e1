"""``perpsim validate``: a program is looked at in the sandbox, for either language, within its time."""

from __future__ import annotations

import time
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from adapters import main
from tests.support.sandboxes import jailed

ANY_PYTHON = """import collections
class A:
    def init(self, params):
        self.seen = collections.deque(maxlen=3)

    def should_trade(self, data):
        with self.lock:
            return None
"""
#: Every level is compiled twice.
BOMB = "class A:\n    def should_trade(self, data):\n" + "".join(
    f"{' ' * (8 + level)}try: pass\n{' ' * (8 + level)}finally:\n" for level in range(26)
) + " " * 40 + "pass\n"  # fmt: skip


@pytest.fixture
def program(tmp_path: Path) -> Path:
    (tmp_path / "program.py").write_text(ANY_PYTHON)
    return tmp_path / "program.py"


def validate(program: Path, *options: str) -> Result:
    return CliRunner().invoke(main, ["validate", str(program), *options])


@pytest.mark.parametrize("where", [pytest.param([], marks=jailed), ["--trust"]])
def test_any_python_can_be_run_and_the_platform_takes_less(program: Path, where: list[str]) -> None:
    done = validate(program, *where)
    assert (done.exit_code, done.stdout, done.stderr) == (0, f"{program} can be run\n", "")
    done = validate(program, "--platform", *where)
    assert done.exit_code == 1
    assert [line.split(": ")[:2] for line in done.stdout.splitlines()] == [
        [f"{program}:1:1", "error"],
        [f"{program}:7:9", "error"],
    ]
    assert done.stderr == "2 errors: the program cannot be run\n"


@jailed
@pytest.mark.parametrize("options", [[], ["--platform"]])
def test_a_text_that_would_take_hours_to_compile_is_one_problem_soon(tmp_path: Path, options: list[str]) -> None:
    (tmp_path / "bomb.py").write_text(BOMB)
    began = time.monotonic()
    done = validate(tmp_path / "bomb.py", *options)
    assert time.monotonic() - began < 3.0 + 5.0  # and the start of a sandbox on a busy machine
    errors = [line for line in done.stdout.splitlines() if ": error: " in line]
    assert (done.exit_code, len(errors)) == (1, 1)


def test_without_a_sandbox_it_is_looked_at_only_if_it_is_trusted(
    program: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("adapters.sandbox.sandbox.jail_problem", lambda: "the kernel has no Landlock")
    done = validate(program)
    assert (done.exit_code, done.stdout) == (1, "")
    assert "there is none on this machine: the kernel has no Landlock" in done.stderr
    assert "--trust" in done.stderr
    assert len(done.stderr.splitlines()) == 1
    assert validate(program, "--trust").exit_code == 0
