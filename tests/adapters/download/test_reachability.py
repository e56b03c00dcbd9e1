"""Without a way to a venue a download says so within 5 s, in one sentence, and makes no file."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.conftest import ROOT

#: 5 s, as promised, and the start of a busy machine's next process with all of ccxt.
WITHIN_S = 5.0 + 4.0


@pytest.fixture
def full_port() -> Iterator[int]:
    """A port whose queue is full: further connections get no answer, as behind a wall that drops packets."""
    with socket.socket() as server:
        server.bind(("127.0.0.1", 0))
        server.listen(0)
        waiting = []
        for _ in range(4):
            each = socket.socket()
            each.setblocking(False)
            each.connect_ex(server.getsockname())
            waiting.append(each)
        yield server.getsockname()[1]
        for each in waiting:
            each.close()


def started(tmp_path: Path, url: str, **environment: str) -> subprocess.Popen[str]:
    words = ["download", "--database", f"sqlite:///{tmp_path / 'market.db'}", "--venue", "binanceusdm"]
    words += ["--symbol", "BTC/USDT:USDT", "--start", "2024-01-01", "--url", url]
    return subprocess.Popen(
        [sys.executable, "-m", "adapters", *words],
        cwd=ROOT, env={**os.environ, **environment}, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("url", "proxy", "problem"),
    [
        ("https://venue.invalid", "", "venue.invalid: "),
        ("http://127.0.0.1:1", "", "127.0.0.1: Connection refused"),
        ("http://127.0.0.1:{full}", "", "127.0.0.1: "),
        ("https://venue.invalid", "http://127.0.0.1:1", "127.0.0.1: Connection refused"),
        ("https://venue.invalid", "127.0.0.1:1", "127.0.0.1: Connection refused"),
    ],
    ids=["no such name", "refused", "black hole", "proxy", "proxy without scheme"],
)
def test_without_a_way_to_the_venue_that_is_said_within_5_s(
    tmp_path: Path, full_port: int, url: str, proxy: str, problem: str
) -> None:
    began = time.monotonic()
    none = {"HTTPS_PROXY": proxy, "https_proxy": proxy, "HTTP_PROXY": "", "http_proxy": "", "NO_PROXY": "127.0.0.1"}
    running = started(tmp_path, url.format(full=full_port), **none)
    _, errors = running.communicate(timeout=60)
    assert time.monotonic() - began < WITHIN_S
    assert running.returncode == 1
    assert errors.startswith(f"Error: binanceusdm cannot be reached ({problem}")
    assert errors.endswith("); check the network, HTTPS_PROXY and --url\n")
    assert errors.count("\n") == 1
    assert not (tmp_path / "market.db").exists()


def test_ctrl_c_is_heard_while_nobody_answers(tmp_path: Path, full_port: int) -> None:
    running = started(tmp_path, f"http://127.0.0.1:{full_port}", NO_PROXY="127.0.0.1")
    time.sleep(3.0)
    began = time.monotonic()
    running.send_signal(signal.SIGINT)
    _, errors = running.communicate(timeout=60)
    assert time.monotonic() - began < 2.0
    assert running.returncode in (1, 130)
    assert errors.count("\n") == 1
