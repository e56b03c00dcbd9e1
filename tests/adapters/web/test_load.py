"""The server with a large result and many clients: answers stay quick, memory stays where it is.

The whole of it (50 clients, a minute, 100,000 triggers, a year of minutes) is marked soak; the default is smaller.
"""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import count
from pathlib import Path

import httpx
import numpy as np
import pytest
from sqlalchemy import insert

from adapters import open_database
from adapters.database import backtest_results, backtest_trades, backtest_trigger_logs
from adapters.results.trigger_log_rows import utc_time
from tests.support.web_server import START, Server, make_market

MINUTE = 60_000


@dataclass(frozen=True)
class Size:
    """How large the stored result is, and how hard it is asked for."""

    days: int
    triggers: int
    trades: int
    clients: int
    seconds: float


SMALL = Size(days=30, triggers=10_000, trades=1_000, clients=10, seconds=4)
WHOLE = Size(days=365, triggers=100_000, trades=9_000, clients=50, seconds=60)
SIZES = [pytest.param(SMALL, id="small"), pytest.param(WHOLE, id="whole", marks=pytest.mark.soak)]


@pytest.fixture(scope="module", params=SIZES)
def loaded(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[Server, Size, int]]:
    size: Size = request.param
    market = make_market(tmp_path_factory.mktemp("load"), days=size.days)
    server = Server(market, "--runs", "1")
    run_id = server.run(end_time="2024-01-08T00:00:00Z")
    enlarge(market, run_id, size)
    server.close()
    server = Server(market)
    yield server, size, run_id
    server.close()


def enlarge(market: Path, run_id: int, size: Size) -> None:
    """Repeat what is stored of a run until it has as many triggers and trades as wanted, over the whole market."""
    database = open_database(market)
    with database.writing() as connection:
        log, trades = backtest_trigger_logs, backtest_trades
        rows = [dict(row) for row in connection.execute(log.select().where(log.c.backtest_id == run_id)).mappings()]
        first = connection.execute(trades.select().where(trades.c.backtest_id == run_id)).mappings().first()
        assert first is not None
        trade = json.loads(first["trade"])
        connection.execute(log.delete().where(log.c.backtest_id == run_id))
        connection.execute(trades.delete().where(trades.c.backtest_id == run_id))
        for row in rows:
            del row["id"]
        step = size.days * 1440 * MINUTE // size.triggers
        repeated = (rows[index % len(rows)] for index in count())
        for begin in range(0, size.triggers, 5_000):
            part = range(begin, min(begin + 5_000, size.triggers))
            made = [{**next(repeated), "trigger_index": at, "trigger_time": utc_time(START + at * step)} for at in part]
            connection.execute(insert(log), made)
        step = size.days * 1440 * MINUTE // size.trades
        made = []
        for index in range(size.trades):
            at = START + index * step
            entry = {**trade, "timestamp": at, "exit_timestamp": at + step // 2, "pnl": float(index % 97 - 40)}
            made.append({"backtest_id": run_id, "trade_index": index, "trade": json.dumps(entry)})
        connection.execute(insert(trades), made)
        ends = {"total_triggers": size.triggers, "total_trades": size.trades}
        ends.update(start_time=utc_time(START), end_time=utc_time(START + size.days * 1440 * MINUTE))
        connection.execute(backtest_results.update().where(backtest_results.c.id == run_id).values(ends))


def resident(pid: int) -> int:
    """Return the memory of a process in MB."""
    line = next(line for line in Path(f"/proc/{pid}/status").read_text().splitlines() if line.startswith("VmRSS"))
    return int(line.split()[1]) // 1024


def reads_of(run_id: int, size: Size) -> list[str]:
    """Return what a client of the result page asks for."""
    base, end = f"/api/backtests/{run_id}", START + size.days * 1440 * MINUTE
    return [
        base,
        f"{base}/triggers?offset={size.triggers - 60}&limit=50",
        f"{base}/triggers/{size.triggers // 2}",
        f"{base}/trades?sort=pnl&descending=true&limit=50",
        f"{base}/equity?points=500",
        f"{base}/markers?symbol=BTC&most=500&with_triggers=false",
        f"/api/klines?exchange=hyperliquid&symbol=BTC&start={START}&end={end}&points=500",
        "/api/backtests?limit=20",
        "/api/symbols",
    ]


def test_answers_stay_quick_and_memory_stays_where_it_is(loaded: tuple[Server, Size, int]) -> None:
    server, size, run_id = loaded
    paths = reads_of(run_id, size)
    for path in paths:
        server.get(path)  # what is kept in memory is read once
    server.client.close()
    pause = 0.5 if size.clients > 20 else 0.2
    taken: list[float] = []
    wrong: list[str] = []
    deadline = time.monotonic() + size.seconds

    def ask(number: int) -> None:
        with httpx.Client(base_url=server.url, timeout=30, trust_env=False) as client:
            place = number
            time.sleep(number * pause / size.clients)
            while time.monotonic() < deadline:
                path = paths[place % len(paths)]
                began = time.perf_counter()
                answer = client.get(path)
                taken.append(time.perf_counter() - began)
                if answer.status_code != 200:
                    wrong.append(f"{path}: {answer.status_code}")
                place += 1
                time.sleep(pause)

    threads = [threading.Thread(target=ask, args=(number,)) for number in range(size.clients)]
    for thread in threads:
        thread.start()
    time.sleep(size.seconds * 0.3)
    early = resident(server.process.pid)
    for thread in threads:
        thread.join()
    late = resident(server.process.pid)
    p50, p95 = np.percentile(taken, [50, 95]) * 1_000
    print(f"{len(taken):,} reads, p50 {p50:.1f} ms, p95 {p95:.1f} ms, memory {early} -> {late} MB")
    assert wrong == []
    assert late < early * 1.15 + 20
    assert p95 < 2_000  # figures are printed, not judged: other work runs on the same machine
