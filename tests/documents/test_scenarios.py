"""The scenarios print what they printed before.

After a wanted change: python -m scenarios.NAME > tests/golden/NAME.txt, and look at the difference.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import ROOT

GOLDEN = ROOT / "tests" / "golden"
NAMES = sorted(path.stem for path in (ROOT / "scenarios").glob("[a-z]*.py"))


def scenario(name: str, *arguments: str) -> str:
    command = [sys.executable, "-m", f"scenarios.{name}", *arguments]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, timeout=120, check=False)
    assert done.returncode == 0, done.stderr.decode()
    assert done.stderr == b""
    return done.stdout.decode()


@pytest.mark.parametrize("name", NAMES)
def test_a_scenario_prints_what_it_printed_before(name: str, tmp_path: Path) -> None:
    arguments = ("--directory", str(tmp_path)) if name == "quickstart" else ()
    assert scenario(name, *arguments) == (GOLDEN / f"{name}.txt").read_text("utf-8")
    if name == "quickstart":
        assert (tmp_path / "quickstart.png").read_bytes().startswith(b"\x89PNG")
        assert (tmp_path / "market.db").exists()


@pytest.mark.parametrize("name", NAMES)
def test_a_scenario_explains_itself(name: str) -> None:
    assert scenario(name, "--help").startswith(f"Usage: python -m scenarios.{name} ")


def test_every_golden_file_belongs_to_a_scenario() -> None:
    assert sorted(path.stem for path in GOLDEN.glob("*.txt")) == NAMES
