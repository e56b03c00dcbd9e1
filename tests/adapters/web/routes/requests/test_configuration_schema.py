"""The schema of a configuration in the API's description."""

from __future__ import annotations

import pytest

from engine.config import SETTINGS
from tests.support.web_server import Server

pytestmark = pytest.mark.xdist_group("api")


def test_the_schema_has_label_meaning_bounds_and_default_of_each_field(server: Server) -> None:
    bodies = server.get("/api/openapi.json")["paths"]["/api/backtests"]["post"]["requestBody"]["content"]
    schema = bodies["application/json"]["schema"]
    assert schema["properties"].keys() == SETTINGS.keys() - {"strategy"}
    assert schema["required"] == ["code", "symbols", "start_time", "end_time"]
    assert schema["properties"]["maker_fee_rate"] == {
        "title": "Maker fee",
        "description": "The fee of resting fills (%)",
        "anyOf": [{"type": "number", "minimum": -1.0, "maximum": 10.0}, {"type": "null"}],
    }
    assert schema["properties"]["fee_rate"]["default"] == 0.035
    assert schema["properties"]["volume_cap_percent"]["anyOf"][0]["exclusiveMinimum"] == 0.0
    assert schema["properties"]["funding_interval"]["anyOf"][0]["enum"] == ["1h", "2h", "4h", "8h"]
