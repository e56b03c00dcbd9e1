"""The server with a large result and many clients: answers stay quick, memory stays where it is.

The whole of it (50 clients, a minute, 100,000 triggers, a year of minutes, two runs going on) is marked soak; the
default is smaller.
"""

from __future__ import annotations

import json
import os
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
from adapters.database import backtest_orders, backtest_results, backtest_trades, backtest_trigger_logs
from adapters.results.trigger_log_rows import utc_time
from tests.support.patience import PATIENCE_S
from tests.support.process_facts import status, used_s
from tests.support.web_server import SLOW, START, Server, make_market

MINUTE = 60_000


@dataclass(frozen=True)
class Size:
    """How large the stored result is, how hard it is asked for, and how many runs go on meanwhile."""

    days: int
    triggers: int
    trades: int
    clients: int
    reads: int
    pause_s: float
    runs: int


SMALL = Size(days=30, triggers=10_000, trades=1_000, clients=10, reads=20, pause_s=0.05, runs=0)
WHOLE = Size(days=365, triggers=100_000, trades=9_000, clients=50, reads=120, pause_s=0.5, runs=2)
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
    server = Server(market, "--runs", "2")
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
        connection.execute(
            backtest_orders.delete().where(backtest_orders.c.backtest_id == run_id)
        )  # they tell of others
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
    return int(status(pid, "VmRSS").split()[0]) // 1024


def reads_of(run_id: int, size: Size) -> list[str]:
    """Return what a client of the result page asks for."""
    base, end = f"/api/backtests/{run_id}", START + size.days * 1440 * MINUTE
    return [
        base,
        f"{base}/triggers?offset={size.triggers - 60}&limit=50&all_triggers=true",
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
    going_on = [server.start(code=SLOW, scheduled_interval="1m") for _ in range(size.runs)]
    used = used_s(server.process.pid)
    taken: list[float] = []
    wrong: list[str] = []
    is_under_way, over = threading.Event(), threading.Event()

    def ask(number: int) -> None:
        with httpx.Client(base_url=server.url, timeout=30, trust_env=False) as client:
            over.wait(number * size.pause_s / size.clients)  # they do not come all at once
            for place in range(number, number + size.reads):
                path = paths[place % len(paths)]
                began = time.perf_counter()
                answer = client.get(path)
                taken.append(time.perf_counter() - began)
                if answer.status_code != 200:
                    wrong.append(f"{path}: {answer.status_code}")
                if len(taken) > 0.3 * size.clients * size.reads:
                    is_under_way.set()
                over.wait(size.pause_s)  # a person reads

    threads = [threading.Thread(target=ask, args=(number,)) for number in range(size.clients)]
    for thread in threads:
        thread.start()
    assert is_under_way.wait(PATIENCE_S)
    early = resident(server.process.pid)
    for thread in threads:
        thread.join()
    late = resident(server.process.pid)
    p50, p95 = np.percentile(taken, [50, 95]) * 1_000
    used = used_s(server.process.pid) - used
    for each in going_on:
        assert server.client.delete(f"/api/backtests/{each}").status_code == 200  # it has gone on all the time
    print(
        f"{len(taken):,} reads, p50 {p50:.1f} ms, p95 {p95:.1f} ms, memory {early} -> {late} MB, "
        f"{1e3 * used / len(taken):.1f} ms of processor time each, load {os.getloadavg()[0]:.1f}"
    )
    assert wrong == []
    assert late < early * 1.15 + 20
    assert p95 < 2_000  # figures are printed, not judged: other work runs on the same machine
