"""Real clusters for tests: a scheduler and workers of Dask in processes of their own, on loopback."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from pathlib import Path

from distributed import utils

from tests.conftest import ROOT
from tests.support.patience import until
from tests.support.process_facts import children, status

_QUIET = ("--host", "127.0.0.1", "--no-dashboard")


class RealCluster:
    """A scheduler; `add` starts workers of it. Their logs are in `folder`; `tls` are the words for certificates."""

    def __init__(self, folder: Path, tls: Sequence[str] = ()) -> None:
        self.folder, self._tls = folder, tls
        self._processes: list[subprocess.Popen[bytes]] = []
        told = folder / "scheduler.json"
        protocol = ("--protocol", "tls") if tls else ()
        self.scheduler = self._start("scheduler", "--port", "0", "--scheduler-file", str(told), *protocol)
        self.address: str = until(lambda: told.exists() and told.read_text() and json.loads(told.read_text()))[
            "address"
        ]

    def _start(self, kind: str, *words: str, code: Path = ROOT) -> subprocess.Popen[bytes]:
        with open(self.folder / f"{kind}-{len(self._processes)}.log", "wb") as log:
            process = subprocess.Popen(
                [sys.executable, "-m", f"distributed.cli.dask_{kind}", *_QUIET, *self._tls, *words],
                stdout=log, stderr=log, cwd=self.folder, start_new_session=True,
                env={**os.environ, "PYTHONPATH": str(code), "TMPDIR": str(self.folder)},
            )  # fmt: skip
        self._processes.append(process)
        return process

    def add(self, threads: int = 1, code: Path = ROOT, nanny: bool = False) -> subprocess.Popen[bytes]:
        """Start a worker; it is there a moment later."""
        words = ["--nthreads", str(threads), *([] if nanny else ["--no-nanny"])]
        return self._start("worker", self.address, *words, code=code)

    def children(self) -> list[int]:
        """The processes that its workers have started and that have not ended."""
        found = [child for process in self._processes[1:] for child in children(process.pid)]
        return [pid for pid in found if status(pid, "State")[:1] not in ("", "Z")]

    def close(self) -> None:
        """End everything."""
        for process in self._processes:
            process.kill()
            process.wait()


@contextmanager
def real_cluster(folder: Path, workers: int, tls: Sequence[str] = ()) -> Iterator[RealCluster]:
    """A cluster with so many workers that are on their way."""
    with ExitStack() as stack:
        cluster = RealCluster(folder, tls)
        stack.callback(cluster.close)
        for _ in range(workers):
            cluster.add()
        yield cluster


def end_threads() -> None:
    """End the thread of this process that dask starts and keeps: a process with threads cannot be copied by other
    tests. Another one takes its place where it is needed again.
    """
    utils._offload_executor.shutdown()
    utils._offload_executor = ThreadPoolExecutor(1, "Dask-Offload")


def killed(process: subprocess.Popen[bytes]) -> None:
    """Kill a process and wait for its end."""
    process.send_signal(signal.SIGKILL)
    process.wait()
