"""A process starts itself anew with the fixed hash seed: once, with everything that it was given."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import ROOT

PROGRAM = """
import os, sys, time
from adapters import fix_hash_seed

print("began", os.getpid(), flush=True)
fix_hash_seed()
print("went on", os.getpid(), sys.flags.hash_randomization, sys.argv[1:], sys.stdin.read(), sys.warnoptions, flush=True)
sys.exit(7)
"""


def run(words: list[str], given: str = "text", **environment: str) -> tuple[int, list[list[str]], str]:
    without = {name: value for name, value in os.environ.items() if name != "PYTHONHASHSEED"}
    surroundings = {**without, "PYTHONPATH": str(ROOT), **environment}
    done = subprocess.run(
        [sys.executable, *words], input=given, env=surroundings, capture_output=True, text=True, timeout=60, check=False
    )
    return done.returncode, [line.split(" ", 2) for line in done.stdout.splitlines()], done.stderr


@pytest.fixture
def script(tmp_path: Path) -> str:
    place = tmp_path / "program.py"
    place.write_text(PROGRAM)
    return str(place)


@pytest.mark.parametrize("environment", [{}, {"PYTHONHASHSEED": "random"}, {"PYTHONHASHSEED": "7"}], ids=str)
def test_it_starts_anew_once_with_arguments_input_options_and_exit_status(
    script: str, environment: dict[str, str]
) -> None:
    status, lines, errors = run(["-W", "default", script, "a b", "--c=é"], **environment)
    number = lines[0][1].split()[0]
    assert (status, errors) == (7, "")
    assert [" ".join(line) for line in lines] == [
        f"began {number}",
        f"began {number}",
        f"went on {number} 0 ['a b', '--c=é'] text ['default']",
    ]


def test_with_the_fixed_seed_nothing_happens(script: str) -> None:
    status, lines, _ = run([script], PYTHONHASHSEED="0")
    assert (status, len(lines)) == (7, 2)


def test_where_the_seed_is_ignored_it_does_not_go_round_for_ever(tmp_path: Path) -> None:
    inside = tmp_path / "program.py"
    inside.write_text(f"import sys; sys.path.insert(0, {str(ROOT)!r})\n{PROGRAM}")
    status, lines, errors = run(["-I", str(inside)])
    assert (status, errors) == (7, "")
    assert [" ".join(line).partition(" ")[0] for line in lines] == ["began", "began", "went"]


def test_a_program_from_standard_input_is_not_lost() -> None:
    status, lines, errors = run(["-"], given=PROGRAM)
    assert (status, errors, len(lines)) == (7, "", 2)


def test_a_host_with_other_arguments_is_left_alone(script: str) -> None:
    host = f"import runpy, sys; sys.argv = ['x', 'other']; runpy.run_path({script!r}, run_name='__main__')"
    status, lines, errors = run(["-c", host, "mine"])
    assert (status, errors, len(lines)) == (7, "", 2)
