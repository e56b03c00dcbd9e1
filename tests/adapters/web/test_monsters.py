"""Monstrous requests: the server answers others meanwhile, and its memory stays where it is."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from adapters.web.safety import LARGEST_BODY
from adapters.web.safety.problems import MOST_TOLD
from tests.support.process_facts import status
from tests.support.web_server import SLOW, Server, configuration

pytestmark = pytest.mark.xdist_group("api")

MANY = [f"S{number}" for number in range(10_000)]
STRANGERS = [f"T{number}" for number in range(500)]
#: Each is refused, or checked in a moment; what is told of it is short.
MONSTERS: dict[str, dict[str, Any]] = {
    "symbols": configuration(symbols=MANY),
    "as many symbols as may be": configuration(symbols=MANY[:500]),
    "faults of unknown symbols": configuration(
        symbols=MANY[:500], faults=[{"kind": "rejects", "symbols": STRANGERS}] * 90
    ),
    "faults": configuration(faults=[{"kind": "outage"}] * 50_000),
    "fields of a fault": configuration(faults=[{"kind": "outage", **dict.fromkeys(MANY, 1)}]),
    "pools": configuration(signal_pool_ids=list(range(100_000))),
    "fields": configuration(**dict.fromkeys(MANY, 0)),
    "a long name": configuration(**{"x" * 500_000: 0}),
    "a deep table": configuration(params=json.loads("[" * 400 + "]" * 400)),
    "a deep table in a table": configuration(params={"a": json.loads("[" * 90 + "]" * 90)}),
    "parameters": configuration(params=dict.fromkeys(MANY + STRANGERS, 0)),
    "a large number": configuration(initial_balance=10**4_000),
    "large seconds": configuration(scheduled_interval=10**4_000),
    "a long text": configuration(code="x = 1\n" * 80_000),
    "too long a text": configuration(code="#" * 900_000),
    "many findings": configuration(code="import os\n" * 3_000),
    "a long exchange": configuration(exchange="x" * 900_000),
}


@pytest.fixture(scope="module")
def alone(web_market: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    from tests.support.web_server import copied

    found = Server(copied(web_market, tmp_path_factory.mktemp("monsters")), "--runs", "1")
    yield found
    found.close()


def memory_mb(server: Server) -> int:
    return int(status(server.process.pid, "VmHWM").split()[0]) // 1024


def test_monsters_hold_nobody_up_and_take_no_memory(alone: Server) -> None:
    alone.client.post("/api/configurations/validate", json=configuration())  # what is loaded with the first of them
    before = memory_mb(alone)
    taken: list[float] = []
    over = threading.Event()

    def look() -> None:
        with httpx.Client(base_url=alone.url, timeout=30, trust_env=False) as client:
            while not over.is_set():
                began = time.perf_counter()
                assert client.get("/api/health").status_code == 200
                taken.append(time.perf_counter() - began)

    looking = threading.Thread(target=look)
    looking.start()
    told: dict[str, int] = {}
    try:
        for name, values in MONSTERS.items():
            body = json.dumps(values).encode()
            if len(body) > LARGEST_BODY:
                body = body[:LARGEST_BODY]
            answer = alone.client.post(
                "/api/configurations/validate", content=body, headers={"Content-Type": "application/json"}
            )
            assert answer.status_code in (200, 400, 413), (name, answer.text[:200])
            told[name] = len(answer.json()["problems"])
            assert len(answer.content) < 100_000 + 4 * len(values["code"]), name
    finally:
        over.set()
        looking.join()
    assert max(taken) < 1.0
    assert memory_mb(alone) < before + 200
    assert max(told.values()) == MOST_TOLD + 1
    assert told["symbols"] == 1
    assert told["faults of unknown symbols"] == MOST_TOLD + 1


def test_the_last_problem_says_how_many_there_are_more(alone: Server) -> None:
    found = alone.client.post("/api/backtests", json=MONSTERS["faults of unknown symbols"]).json()["problems"]
    assert found[-1]["message"] == f"and {90 * 500 - MOST_TOLD:,} more"


def test_a_limit_holds_for_those_who_come_together(alone: Server) -> None:
    """Of 150 at the same time as many are taken as run and wait, 101, and not one more."""
    body = json.dumps(configuration(code=SLOW, scheduled_interval=60))  # it goes on for longer than all of this
    found: list[int] = []

    def post(count: int) -> None:
        with httpx.Client(base_url=alone.url, timeout=60, trust_env=False) as client:
            for _ in range(count):
                answer = client.post("/api/backtests", content=body, headers={"Content-Type": "application/json"})
                found.append(answer.status_code)

    threads = [threading.Thread(target=post, args=(5,)) for _ in range(24)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert set(found) <= {202, 429}
    assert found.count(202) == 101
