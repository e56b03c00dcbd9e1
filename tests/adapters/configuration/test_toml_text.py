from __future__ import annotations

import tomllib

import pytest

from adapters.configuration import changed_toml, config_toml
from engine import BacktestConfig, ConfigurationError
from engine.faults import plans_of

START = 1_600_000_000_000
SMALLEST = {"code": "x = 'a'\n", "symbols": ["BTC"], "start_time": START, "end_time": START + 123}


def test_only_what_differs_from_the_defaults_is_written() -> None:
    config = BacktestConfig.from_dict(
        {**SMALLEST, "scheduled_interval": 90, "price_stale_ms": 5, "params": {"a b": 1.0}}
    )
    assert config_toml(config.to_dict()) == (
        'symbols = ["BTC"]\n'
        "start_time = 2020-09-13T12:26:40Z\n"
        "end_time = 2020-09-13T12:26:40.123000Z\n"
        "scheduled_interval = 90\n"
        "price_stale_ms = 5\n"
        "code = '''\nx = 'a'\n'''\n"
        '\n[params]\n"a b" = 1.0\n'
    )


def test_of_a_profile_only_what_differs_from_it_is_written() -> None:
    config = BacktestConfig.from_dict(
        {**SMALLEST, "profile": "live", "max_leverage": 10, "warm_up": "hold", "schedule_mode": "grid"}
    )
    text = config_toml(config.to_dict())
    written = [each for each in text.partition("code")[0].splitlines() if each.partition(" ")[0] not in SMALLEST]
    assert sorted(written) == [
        "price_stale_ms = 600000",
        'profile = "live"',
        'schedule_mode = "grid"',
        'warm_up = "hold"',
    ]
    assert BacktestConfig.from_dict(tomllib.loads(text)).to_dict() == config.to_dict()


@pytest.mark.parametrize("code", ["", "\n", "'", "''", "'''", "a'", "a''", "\r\n", "\t\x7f\x00", '"""\\', "ä€😀"])
def test_a_program_stays_the_same_whatever_is_in_it(code: str) -> None:
    assert tomllib.loads(config_toml({**SMALLEST, "code": code}))["code"] == code


@pytest.mark.parametrize(
    "params", [{"": {"'": [[], {}, {"\\": 0.1}]}}, {"a.b": True, "c": 2**70, "d": -0.0}, {"params": {"params": "]\n["}}]
)
def test_parameters_stay_the_same_whatever_they_are(params: dict[str, object]) -> None:
    assert tomllib.loads(config_toml({**SMALLEST, "params": params}))["params"] == params


@pytest.mark.parametrize("params", [{"a": None}, {"a": [1, None]}, {"a": {"b": None}}])
def test_what_toml_cannot_say_is_refused_and_not_left_out(params: dict[str, object]) -> None:
    with pytest.raises(ConfigurationError, match="params: TOML has no null"):
        config_toml({**SMALLEST, "params": params})


def test_null_of_a_fault_is_what_it_has_without_it() -> None:
    faults = [{"kind": "outage", "duration": None, "every": "8h", "start": None}, {"kind": "spread", "percent": 0.5}]
    config = BacktestConfig.from_dict({**SMALLEST, "faults": faults})
    read = BacktestConfig.from_dict(tomllib.loads(config_toml(config.to_dict())))
    assert read.to_dict()["faults"] == [{"kind": "outage", "every": "8h"}, faults[1]]
    plans = [plans_of(each.faults, ["BTC"], START, START + 86_400_000) for each in (config, read)]
    assert [plan.spans for plan in plans[0]] == [plan.spans for plan in plans[1]]


def test_what_a_trial_differs_in_is_lines_to_put_into_a_file() -> None:
    times = {"start_time": START, "end_time": "2024-01-02T00:00:00Z"}
    fields = {"slippage_percent": 0.0, "symbols": ["BTC", "ETH"], **times}
    params = {"threshold": 31, "stop": 0.1 + 0.2, "mode": 'a "b"', "on": True}
    text = changed_toml(fields, params)
    assert text == (
        "slippage_percent = 0.0\n"
        'symbols = ["BTC", "ETH"]\n'
        "start_time = 2020-09-13T12:26:40Z\n"
        "end_time = 2024-01-02T00:00:00Z\n"
        "[params]\n"
        "threshold = 31\n"
        "stop = 0.30000000000000004\n"
        'mode = "a \\"b\\""\n'
        "on = true"
    )
    assert tomllib.loads(text)["params"] == params
    assert changed_toml({}, {}) == ""
    assert changed_toml({"venue": None, "fee_rate": 1}, {}) == "# leave venue out (no rule book)\nfee_rate = 1"
