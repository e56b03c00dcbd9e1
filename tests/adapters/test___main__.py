"""The process from its first moment: Ctrl-C is one line, also while everything is imported, and when all is done."""

from __future__ import annotations

import random
import signal
import subprocess
import sys
import time
import tomllib
from collections import Counter
from pathlib import Path

import pytest

from tests.conftest import ROOT
from tests.support.command_files import fill_market

PRESSES = [pytest.param(10, id="small"), pytest.param(200, id="whole", marks=pytest.mark.soak)]
SEED = 12
WITHIN_S = 0.4
INTERRUPTED = 130
#: A console script, and `python -m`; each tells when it begins to import what is not its first module.
BEGINNING = """
import os, runpy, sys
begins = iter(["adapters.commands"])
def tell(event, about):
    if event == "import" and about[0] == "adapters.commands":
        os.write(1, next(begins, "").encode())
sys.addaudithook(tell)
"""
ENTRIES = {
    "console script": "import importlib; getattr(importlib.import_module('{module}'), '{name}')()",
    "python -m": "runpy.run_module('adapters', run_name='__main__', alter_sys=True)",
}


def entry(kind: str) -> str:
    """A program that does what starts the command."""
    scripts = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["scripts"]
    module, name = scripts["perpsim"].split(":")
    return BEGINNING + ENTRIES[kind].format(module=module, name=name)


@pytest.mark.parametrize("presses", PRESSES)
@pytest.mark.parametrize("kind", ENTRIES)
def test_ctrl_c_at_any_moment_of_the_start_is_one_line(tmp_path: Path, kind: str, presses: int) -> None:
    market = fill_market(f"sqlite:///{tmp_path / 'market.db'}")
    chance, seen = random.Random(SEED), Counter[str]()
    for words in (["--help"], ["results", "--database", market]):
        for _ in range(presses):
            process = subprocess.Popen(
                [sys.executable, "-c", entry(kind), *words], cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE
            )
            assert process.stdout is not None
            process.stdout.read(1)
            time.sleep(chance.random() * WITHIN_S)
            process.send_signal(signal.SIGINT)
            _, errors = process.communicate(timeout=60)
            assert (process.returncode, errors) in ((INTERRUPTED, b"Interrupted.\n"), (0, b""), (-signal.SIGINT, b""))
            seen[f"{words[0]}, {process.returncode}"] += 1
    print(f"{presses} presses in the start of each command: {dict(seen)}")
    assert seen["results, 130"]


def test_what_is_to_be_ignored_stays_ignored() -> None:
    ignoring = "import signal; signal.signal(signal.SIGINT, signal.SIG_IGN);" + entry("python -m")
    process = subprocess.Popen(
        [sys.executable, "-c", ignoring, "fields"], cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )
    assert process.stdout is not None
    process.stdout.read(1)
    process.send_signal(signal.SIGINT)
    _, errors = process.communicate(timeout=60)
    assert (process.returncode, errors) == (0, b"")
