"""Many runs in one process: what each leaves behind in it, printed as JSON, one line a run.

``python -m tests.support.many_runs RUNS CONFIGURATION DATABASE`` runs the command, every fifth time with the jail.
"""

from __future__ import annotations

import gc
import hashlib
import json
import os
import sys
import tempfile
import threading
from pathlib import Path

from click.testing import CliRunner

from adapters import main
from tests.support.process_facts import children, status


def facts(output: bytes) -> dict[str, object]:
    """Return what this process has of what may grow, and the hash of a result."""
    gc.collect()
    return {
        "result": hashlib.sha256(output).hexdigest(),
        "memory_kb": int(status(os.getpid(), "VmRSS").split()[0]),
        "descriptors": len(os.listdir("/proc/self/fd")),
        "threads": threading.active_count(),
        "tasks": len(os.listdir("/proc/self/task")),
        "children": len(children(os.getpid())),
    }


def run_many(runs: int, configuration: str, database: str) -> None:
    """Run the command so often."""
    with tempfile.TemporaryDirectory() as folder:
        told = Path(folder) / "result.json"
        for number in range(runs):
            words = ["run", configuration, "--database", database, "--quiet", "--no-timing", "--json", str(told)]
            done = CliRunner().invoke(main, [*words, *(["--trust"] if number % 5 else [])], catch_exceptions=False)
            assert done.exit_code == 0, done.output
            print(json.dumps(facts(told.read_bytes())), flush=True)


if __name__ == "__main__":
    run_many(int(sys.argv[1]), sys.argv[2], sys.argv[3])
