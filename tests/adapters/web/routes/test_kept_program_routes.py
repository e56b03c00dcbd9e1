"""Requests about programs that are kept by name."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.support.web_server import Server

pytestmark = pytest.mark.xdist_group("api")


def send(server: Server, place: str, **values: Any) -> tuple[int, Any]:
    answer = server.client.post(f"/api/programs{place}", json=values)
    return answer.status_code, answer.json()


def test_a_program_is_kept_changed_renamed_deleted_and_brought_back(server: Server) -> None:
    status, first = send(server, "", name="Dips", code="a = 1\n")
    place = f"/{first['id']}"
    assert (status, first["version"], first["language"]) == (201, 1, "platform")
    assert send(server, "", name="Dips", code="")[0] == 409
    status, second = send(server, f"{place}/versions", code="a = 2\n", after=1, language="python")
    assert (status, second["version"]) == (201, 2)
    status, refused = send(server, f"{place}/versions", code="a = 3\n", after=1)
    assert status == 409
    assert "version 2 of Dips was saved at" in refused["message"]
    assert server.get(f"/api/programs{place}")["code"] == "a = 2\n"
    assert server.get(f"/api/programs{place}", version=1)["code"] == "a = 1\n"
    assert [each["version"] for each in server.get(f"/api/programs{place}/versions")["items"]] == [2, 1]
    assert send(server, f"{place}/name", name="Drops")[0] == 200
    assert [each["name"] for each in server.get("/api/programs", q="DROP")["items"]] == ["Drops"]
    assert server.client.delete(f"/api/programs{place}").status_code == 200
    assert server.client.get(f"/api/programs{place}").status_code == 404
    assert server.get("/api/programs", q="Drops")["total"] == 0
    assert send(server, f"{place}/undelete")[0] == 200
    assert server.get("/api/programs", q="Drops")["total"] == 1


@pytest.mark.parametrize(
    ("field", "values"),
    [
        ("name", {"name": "", "code": ""}),
        ("name", {"name": " a", "code": ""}),
        ("name", {"name": "two\nlines", "code": ""}),
        ("name", {"name": "x" * 101, "code": ""}),
        ("name", {"name": 7, "code": ""}),
        ("name", {"name": "\ud800", "code": ""}),
        ("code", {"name": "a", "code": "\0"}),
        ("code", {"name": "a"}),
        ("language", {"name": "a", "code": "", "language": "rust"}),
        ("other", {"name": "a", "code": "", "other": 1}),
    ],
)
def test_what_cannot_be_kept_is_refused_with_its_field(server: Server, field: str, values: dict[str, Any]) -> None:
    answer = server.client.post(
        "/api/programs", content=json.dumps(values), headers={"Content-Type": "application/json"}
    )
    assert answer.status_code == 422
    assert [each["field"] for each in answer.json()["problems"]] == [field]


def test_what_is_not_there_is_a_404(server: Server) -> None:
    for method, place in (("GET", ""), ("GET", "/versions"), ("DELETE", ""), ("POST", "/undelete")):
        assert server.client.request(method, f"/api/programs/99999{place}").status_code == 404
    assert send(server, "/99999/versions", code="", after=1)[0] == 404
