"""Requests about the server itself."""

from __future__ import annotations

import pytest

from engine.config import SETTINGS
from tests.support.web_server import Server

pytestmark = pytest.mark.xdist_group("api")


def test_the_page_is_told_of_every_field_and_how_it_is_shown(server: Server) -> None:
    groups = server.get("/api/vocabulary")["fields"]
    told = {field["name"]: field for group in groups for field in group["fields"]}
    assert told.keys() == SETTINGS.keys()
    assert [told["fee_rate"][name] for name in ("kind", "unit", "default", "at_most")] == ["number", "%", 0.035, 10.0]
    assert told["schedule_mode"]["choices"] == ["grid", "after_trigger"]
    assert len(told["schedule_mode"]["meanings"]) == 2
