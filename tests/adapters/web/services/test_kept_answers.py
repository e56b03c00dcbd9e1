"""Answers of what is stored, given again while nothing is written."""

from __future__ import annotations

import asyncio
from itertools import count
from pathlib import Path

import httpx
import pytest
from sqlalchemy import text
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.middleware.gzip import GZipMiddleware
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from adapters import Database, open_database
from adapters.web.services import KeptAnswers, StoredAnswer
from adapters.web.services import kept_answers as module

ROOM = 3_000


@pytest.fixture
def database(tmp_path: Path) -> Database:
    found = open_database(tmp_path / "kept.db", create=True)
    write(found, "CREATE TABLE seen (x INTEGER)")
    return found


def write(database: Database, statement: str) -> None:
    with database.writing() as connection:
        connection.execute(text(statement))


def application(database: Database) -> Starlette:
    """An application whose every answer has a number of its own: who gets one twice was given a kept one."""
    numbers = count()

    def stored(request: Request) -> Response:
        return StoredAnswer({"number": next(numbers), "long": "x" * int(request.query_params.get("length", 0))})

    def present(request: Request) -> Response:
        return JSONResponse({"number": next(numbers)})

    def wrong(request: Request) -> Response:
        return StoredAnswer({"number": next(numbers)}, 404)

    def written(request: Request) -> Response:
        """Something is written while the answer is made: it may be of before or after that."""
        write(database, "INSERT INTO seen VALUES (1)")
        return StoredAnswer({"number": next(numbers)})

    routes = [
        Route(f"/api/{each.__name__}", each, methods=["GET", "POST"]) for each in (stored, present, wrong, written)
    ]
    layers = [Middleware(KeptAnswers, watch=database.watched()), Middleware(GZipMiddleware, minimum_size=1_000)]
    return Starlette(routes=routes, middleware=layers)


def answers_of(database: Database, *paths: str, method: str = "GET", accepted: str = "gzip") -> list[httpx.Response]:
    """Ask an application of its own for one after the other."""

    async def ask() -> list[httpx.Response]:
        transport = httpx.ASGITransport(app=application(database))
        async with httpx.AsyncClient(transport=transport, base_url="http://test") as client:
            headers = {"Accept-Encoding": accepted}
            return [await client.request(method, f"/api/{path}", headers=headers) for path in paths]

    return asyncio.run(ask())


def numbers_of(database: Database, *paths: str, method: str = "GET") -> list[int]:
    return [each.json()["number"] for each in answers_of(database, *paths, method=method)]


def test_only_what_is_made_of_what_is_stored_is_given_again(database: Database) -> None:
    assert numbers_of(database, "stored", "stored", "stored?a=1", "stored") == [0, 0, 1, 0]
    assert numbers_of(database, "present", "present") == [0, 1]
    assert numbers_of(database, "wrong", "wrong") == [0, 1]
    assert numbers_of(database, "stored", "stored", method="POST") == [0, 1]


def test_after_something_was_written_answers_are_made_anew(database: Database) -> None:
    assert numbers_of(database, "stored", "written", "stored", "stored") == [0, 1, 2, 2]
    assert numbers_of(database, "written", "written") == [0, 1]


def test_an_answer_is_given_again_as_it_was_asked_for_compressed_or_not(database: Database) -> None:
    for accepted in ("gzip", "identity"):
        first, second = answers_of(database, *["stored?length=5000"] * 2, accepted=accepted)
        assert (first.content, first.headers) == (second.content, second.headers)
        assert ("content-encoding" in second.headers) is (accepted == "gzip")
        assert len(second.json()["long"]) == 5_000
        assert module._IS_STORED not in second.headers


def test_no_more_than_fits_is_kept(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_MOST_BYTES", ROOM)
    paths = [f"stored?length={length}" for length in (500, 501, 502)]
    assert numbers_of(database, *paths, *paths) == [0, 1, 2, 0, 1, 2]
    long = [f"stored?length={length}" for length in (900, 901, 902, 903)]
    assert numbers_of(database, *long, *reversed(long)) == [0, 1, 2, 3, 3, 2, 1, 4]
