"""A real server in a process of its own, on a small made-up market, for tests that talk to it over HTTP."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx

from adapters import create_database, open_database, synthetic_klines, write_klines

START = 1_704_067_200_000  # 2024-01-01T00:00:00Z
DAYS = 20
ROOT = Path(__file__).resolve().parents[2]

DIPS = """class Dips:
    def init(self, params):
        self.threshold = params.get("threshold", 45)

    def should_trade(self, data):
        for symbol in ("BTC", "ETH"):
            rsi = data.get_indicator(symbol, "RSI14", "1h")
            if symbol in data.positions or not rsi or rsi["value"] > self.threshold:
                continue
            price = data.get_price(symbol)
            log(f"{symbol}: RSI {rsi['value']:.1f}")
            return Decision(
                operation="buy",
                symbol=symbol,
                target_portion_of_balance=0.3,
                leverage=2,
                take_profit_price=price * 1.01,
                stop_loss_price=price * 0.99,
                reason=f"<script>alert(1)</script> RSI {rsi['value']:.1f}",
            )
        return None
"""

SLOW = """class Slow:
    def should_trade(self, data):
        total = 0
        for each in range(1_000_000):
            total = total + each
        return None
"""

ENDLESS = """class Endless:
    def should_trade(self, data):
        while True:
            pass
"""


def make_market(folder: Path, days: int = DAYS) -> Path:
    """Make a database with BTC and ETH and all tables."""
    path = folder / "market.db"
    database = open_database(path, create=True)
    create_database(database)
    for symbol in ("BTC", "ETH"):
        write_klines(database, "hyperliquid", symbol, "1m", synthetic_klines(symbol, START, days * 1440, seed=5))
    return path


def copied(market: Path, folder: Path) -> Path:
    """Return a copy of a market of one's own; there are no side files once all connections are closed."""
    return Path(shutil.copy(market, folder / "market.db"))


class Server:
    """A running server; `client` talks to it. It and its workers run as if the library `lacking` was not installed."""

    def __init__(
        self, market: Path, *options: str, token: str | None = None, url: str | None = None, lacking: str = ""
    ) -> None:
        surroundings = {**os.environ, "PYTHONPATH": os.pathsep.join((*_without(lacking, market.parent), str(ROOT)))}
        surroundings.pop("PERPSIM_TOKEN", None)
        if token is not None:
            surroundings["PERPSIM_TOKEN"] = token
        self.market = market
        self.log = market.with_suffix(".log")
        command = [
            sys.executable,
            "-m",
            "adapters",
            "serve",
            "--database",
            url or f"sqlite:///{market}",
            "--port",
            "0",
            *options,
        ]
        with self.log.open("w") as errors:
            self.process = subprocess.Popen(
                command, stdout=subprocess.PIPE, stderr=errors, text=True, env=surroundings, cwd=ROOT
            )
        assert self.process.stdout is not None
        line = self.process.stdout.readline()
        assert "://" in line, self.log.read_text()
        self.url = line.split()[2].replace("0.0.0.0", "127.0.0.1")
        headers = {} if token is None else {"Authorization": f"Bearer {token}"}
        self.client = httpx.Client(base_url=self.url, timeout=60, headers=headers, trust_env=False, verify=False)

    def close(self) -> None:
        """End it as Ctrl-C does."""
        self.client.close()
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGINT)
            try:
                self.process.wait(30)
            except subprocess.TimeoutExpired:
                self.kill()
        assert self.process.stdout is not None
        self.process.stdout.close()

    def kill(self) -> None:
        """End it without a chance to tidy up."""
        self.process.kill()
        self.process.wait()

    def start(self, query: str = "", **changes: Any) -> int:
        """Start a back-test and return its id."""
        answer = self.client.post(f"/api/backtests{query}", json=configuration(**changes))
        assert answer.status_code == 202, answer.text
        found: int = answer.json()["id"]
        return found

    def run(self, query: str = "", **changes: Any) -> int:
        """Run a back-test to its end and return its id."""
        run_id = self.start(query, **changes)
        last = list(self.events(run_id))[-1]
        assert last[1] in ("complete", "error")
        return run_id

    def events(self, run_id: int, after: int | None = None) -> Iterator[tuple[int, str, dict[str, Any]]]:
        """Yield (number, kind, data) of the events of a run."""
        headers = {} if after is None else {"Last-Event-ID": str(after)}
        with self.client.stream("GET", f"/api/backtests/{run_id}/events", headers=headers) as answer:
            assert answer.status_code == 200
            yield from read_events(answer)

    def get(self, path: str, **query: Any) -> Any:
        """Return the JSON of an answer that must be a good one."""
        answer = self.client.get(path, params=query or None)
        assert answer.status_code == 200, answer.text
        return answer.json()


def _without(library: str, folder: Path) -> list[str]:
    """Return where Python finds, as it starts, that a library is not there."""
    if not library:
        return []
    place = folder / f"without_{library}"
    place.mkdir()
    (place / "sitecustomize.py").write_text(f"import sys\nsys.modules[{library!r}] = None\n")
    return [str(place)]


def read_events(answer: httpx.Response) -> Iterator[tuple[int, str, dict[str, Any]]]:
    """Yield the events of a stream."""
    entry: dict[str, str] = {}
    for line in answer.iter_lines():
        name, _, value = line.partition(": ")
        if name in ("id", "event", "data"):
            entry[name] = value
        elif not line and entry:
            yield int(entry["id"]), entry["event"], json.loads(entry["data"])
            entry = {}


def configuration(**changes: Any) -> dict[str, Any]:
    """Return a configuration that runs in about a second."""
    return {
        "code": DIPS,
        "symbols": ["BTC", "ETH"],
        "start_time": "2024-01-05T00:00:00Z",
        "end_time": "2024-01-15T00:00:00Z",
        "scheduled_interval": "15m",
        **changes,
    }
