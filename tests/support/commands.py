"""The commands in tests: in this process, and in one of their own."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from click.testing import CliRunner, Result

import adapters
from adapters import main

ROOT = Path(adapters.__file__).parents[1]


def perpsim(*arguments: object) -> Result:
    return CliRunner().invoke(main, [str(argument) for argument in arguments], catch_exceptions=False)


def process(*arguments: object) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "adapters", *map(str, arguments)]
    return subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
