"""Files that are uploaded to a server, and its imports and downloads, for tests that wait for them."""

from __future__ import annotations

from typing import Any

from tests.support.patience import until
from tests.support.web_server import START, Server

KLINES = "open_time,open,high,low,close,volume\n" + "".join(
    f"{START + n * 60_000},100,101,99,100.5,{n + 1}\n" for n in range(20)
)


def sent(server: Server, name: str, data: str) -> str:
    """Upload a file and return its id."""
    headers = {"content-type": "application/octet-stream"}
    answer = server.client.post("/api/data/files", params={"name": name}, content=data.encode(), headers=headers)
    assert answer.status_code == 201, answer.text
    found: str = answer.json()["id"]
    return found


def job(server: Server, job_id: int) -> dict[str, Any]:
    """What the server says of a job."""
    found: dict[str, Any] = next(each for each in server.get("/api/data/jobs")["jobs"] if each["id"] == job_id)
    return found


def ended(server: Server, job_id: int) -> dict[str, Any]:
    """Wait for the end of a job, and return what the server says of it."""
    until(lambda: job(server, job_id)["status"] != "running")
    return job(server, job_id)
