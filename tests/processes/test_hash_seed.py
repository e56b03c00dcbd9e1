"""A strategy in a process with random hashes bears a warning, and nothing else does."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from processes import HASH_SEED_WARNING
from tests.conftest import ROOT
from tests.support.sandboxes import jailed, run_code

GO_THROUGH = """
import sys
from processes import HASH_SEED_WARNING, ProgramBacktestEngine, trusted_executor
from tests.support.runs import Hold, config
from tests.support.sandboxes import TRADER, wave

strategies = {"class": Hold, "object": Hold(), "source": TRADER}
own = ProgramBacktestEngine(wave(), executor_for=trusted_executor)
results = [own.run(config(strategies[sys.argv[1]], 5)) for _ in range(2)]
print([result.warnings.count(HASH_SEED_WARNING) for result in results])
"""


@pytest.mark.parametrize("kind", ["class", "object", "source"])
@pytest.mark.parametrize(("seed", "told"), [("0", [0, 0]), ("random", [1, 1]), ("7", [1, 1])])
def test_a_strategy_in_a_process_with_random_hashes_is_a_warning_once(kind: str, seed: str, told: list[int]) -> None:
    done = subprocess.run(
        [sys.executable, "-c", GO_THROUGH, kind],
        cwd=ROOT, env={**os.environ, "PYTHONHASHSEED": seed}, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert (done.stdout, done.stderr) == (f"{told}\n", "")


@jailed
def test_the_sandbox_has_one_hash_seed_and_no_warning() -> None:
    from adapters import Sandbox

    code = "class A:\n    def should_trade(self, data):\n        log(*{'a', 'b', 'c', 'd', 'e', 'f'})\n"
    logs = set()
    for _ in range(2):
        with Sandbox() as sandbox:
            result = run_code(code, sandbox.executor, None, 3)
        assert result.error is None
        assert HASH_SEED_WARNING not in result.warnings
        logs.add(str([entry["logs"] for entry in result.trigger_log]))
    assert len(logs) == 1
