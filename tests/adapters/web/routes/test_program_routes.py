"""Requests about programs and configurations that are being written."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from engine import BacktestConfig
from engine.profiles import PROFILES
from tests.support.web_server import START, Server, configuration

pytestmark = pytest.mark.xdist_group("api")


def test_a_program_is_validated_by_line(server: Server) -> None:
    code = "import os\nclass A:\n    def should_trade(self, data):\n        return open('x')\n"
    found = server.client.post("/api/programs/validate", json={"code": code}).json()
    assert found["valid"] is False
    assert [each["line"] for each in found["problems"] if each["severity"] == "error"] == [1, 4]


IMPORTS = "import statistics, os\nclass A:\n    def should_trade(self, data):\n        return None\n"


def test_a_server_takes_the_platforms_language_unless_it_is_told_otherwise(server: Server) -> None:
    for given, lines in (({}, [1]), ({"language": "platform"}, [1]), ({"language": "python"}, [])):
        wanted = {"code": IMPORTS, **given}
        program = server.client.post("/api/programs/validate", json=wanted).json()
        checked = server.client.post("/api/configurations/validate", json=configuration(**wanted)).json()
        for found in (program, checked):
            assert [each["line"] for each in found["problems"] if each["severity"] == "error"] == lines
    assert server.client.post("/api/backtests", json=configuration(code=IMPORTS)).status_code == 422
    told = server.get(f"/api/backtests/{server.run(code=IMPORTS, language='python')}")["config"]
    assert told["language"] == "python"
    assert server.get(f"/api/backtests/{server.run()}")["config"]["language"] == "platform"
    schema = server.get("/api/openapi.json")["paths"]["/api/backtests"]["post"]["requestBody"]
    field = schema["content"]["application/json"]["schema"]["properties"]["language"]
    assert (field["default"], field["enum"]) == ("platform", ["python", "platform"])


def test_a_language_that_is_none_is_the_field_s_problem(server: Server) -> None:
    for path, values in (("programs/validate", {"code": IMPORTS}), ("backtests", configuration(code=IMPORTS))):
        answer = server.client.post(f"/api/{path}", json={**values, "language": ["rust"]})
        assert answer.status_code == 422
        assert "language" in {each["field"] for each in answer.json()["problems"]}


def test_a_configuration_comes_back_as_toml_that_the_command_line_reads(server: Server, tmp_path: Path) -> None:
    from adapters import read_config_file

    values = configuration(params={"threshold": 40, "names": ["a", 'b"\n']}, symbols=["BTC"])
    found = server.client.post("/api/configurations/validate", json=values).json()
    file = tmp_path / "config.toml"
    file.write_text(found["toml"], "utf-8")
    assert read_config_file(file).config == BacktestConfig.from_dict({**values, "language": "platform"})


def test_parameters_that_toml_cannot_say_can_be_run_but_are_not_written(server: Server) -> None:
    values = configuration(params={"threshold": None})
    found = server.client.post("/api/configurations/validate", json=values).json()
    assert (found["valid"], found["toml"]) == (True, None)
    assert ("params", "warning") in {(each["field"], each["severity"]) for each in found["problems"]}


def test_the_profile_live_comes_by_json_and_what_is_given_wins(server: Server) -> None:
    run_id = server.run(profile="live", warm_up="hold", end_time="2024-01-06T00:00:00Z")
    config = server.get(f"/api/backtests/{run_id}")["config"]
    assert {name: config[name] for name in PROFILES["live"]} == {**PROFILES["live"], "warm_up": "hold"}
    sent = {name: value for name, value in config.items() if name != "strategy"}
    assert server.get(f"/api/backtests/{server.run(**sent)}")["config"] == config


@pytest.mark.parametrize(
    ("fields", "is_told"), [({}, True), ({"profile": "live"}, False), ({"strategy_lifetime": "trigger"}, False)]
)
def test_what_live_would_forget_is_said_where_the_run_does_not(
    server: Server, fields: dict[str, Any], is_told: bool
) -> None:
    code = "class A:\n    n = 0\n    def should_trade(self, data):\n        self.n += 1\n"
    found = server.client.post("/api/configurations/validate", json=configuration(code=code, **fields)).json()
    told = [each for each in found["problems"] if "self.n is kept" in each["message"]]
    assert [(each["line"], each["severity"]) for each in told] == [(4, "warning")] * is_told
    assert found["valid"]


def test_every_problem_of_a_configuration_is_named_at_once(server: Server) -> None:
    body = configuration(code="import os", fee_rate=99, symbol="BTC", symbols=[], end_time="yesterday")
    answer = server.client.post("/api/backtests", json=body)
    assert answer.status_code == 422
    problems = answer.json()["problems"]
    assert {each["field"] for each in problems} == {"code", "fee_rate", "symbol", "symbols", "end_time"}
    assert any(each["line"] == 1 for each in problems if each["field"] == "code")


def test_a_configuration_is_compared_with_what_is_stored(server: Server) -> None:
    values = configuration(symbols=["BTC", "GONE"])
    found = server.client.post("/api/configurations/validate", json=values).json()
    (missing,) = [each for each in found["problems"] if each["severity"] == "error"]
    assert (missing["field"], found["valid"], found["range"]) == ("symbols", False, None)
    assert missing["message"] == "GONE has no klines on hyperliquid; stored there: BTC, ETH"
    found = server.client.post("/api/configurations/validate", json=configuration()).json()
    assert found["valid"]
    assert [(each["field"], each["severity"]) for each in found["problems"]] == [("funding", "warning")]


def test_the_range_that_can_be_run_is_told_of_a_configuration_that_has_none(server: Server) -> None:
    values = {"symbols": ["BTC"], "code": 'data.get_indicator("BTC", "EMA50", "15m")'}
    found = server.client.post("/api/configurations/validate", json=values).json()
    usable = found["range"]
    assert (usable["first_ms"], usable["last_ms"]) == (START, START + 20 * 86_400_000)
    assert (usable["start_ms"], usable["needs"]) == (START + 50 * 15 * 60_000, "EMA50 on 15m needs 50 klines")
    for wrong in ({"symbols": 7}, {"exchange": ["a"]}, {}):
        assert server.client.post("/api/configurations/validate", json={**wrong}).json()["range"] is None


def test_a_toml_text_is_read_with_the_defaults_of_the_command_line(server: Server) -> None:
    def read(text: str) -> tuple[int, Any]:
        answer = server.client.post("/api/configurations/read", json={"toml": text})
        return answer.status_code, answer.json()

    status, found = read('strategy = "mine.py"\nstart_time = 2024-01-06T00:00:00Z\n[params]\nx = 1.0\n')
    values = found["values"]
    assert (status, values["start_time"], values["params"]) == (200, "2024-01-06T00:00:00+00:00", {"x": 1.0})
    assert (values["language"], values["scheduled_interval"], "code" in values) == ("python", None, False)
    assert [(each["field"], "mine.py" in each["message"]) for each in found["problems"]] == [("strategy", True)]
    status, found = read('scheduled_intervall = "1h"\nwombat = 3\n')
    assert [(each["field"], each["message"]) for each in found["problems"]] == [
        ("scheduled_intervall", "is left out: there is no such field; did you mean scheduled_interval?"),
        ("wombat", "is left out: there is no such field"),
    ]
    assert not {"scheduled_intervall", "wombat"} & found["values"].keys()
    assert read('profile = "live"')[1]["values"]["warm_up"] == PROFILES["live"]["warm_up"]
    for wrong, text in (("x = ", "is no TOML"), ("x = inf", "no finite number"), ("x = 9" + "9" * 99, "64 bits")):
        status, refused = read(wrong)
        assert status == 422
        assert text in refused["problems"][0]["message"]
    assert server.client.post("/api/configurations/read", json={"toml": "", "more": 1}).status_code == 422
