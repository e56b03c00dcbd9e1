"""perpsim signals: what it prints, writes and refuses."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from adapters import main
from tests.support.signal_markets import START

pytestmark = pytest.mark.xdist_group("reference market")

DAY = 86_400_000

MACD = '{"metric": "macd", "event_types": ["golden_cross"], "time_window": "1h"}'


@pytest.fixture
def call(reference_database: Path) -> Any:
    def run(*arguments: str, database: Path | str = reference_database) -> Result:
        return CliRunner().invoke(main, [*arguments, "--database", f"sqlite:///{database}"])

    return run


def test_list_and_show_name_pools_signals_and_conditions(call: Any) -> None:
    listed = call("signals", "list")
    assert listed.exit_code == 0
    for text in ("OR pool", "AND pool", "CVD 5m surge", "oi_delta > 0.12 on 5m"):
        assert text in listed.output
    shown = call("signals", "show", "2").output
    assert "AND pool" in shown
    assert "CVD 5m surge" in shown
    assert "OI delta" not in shown
    missing = call("signals", "show", "9")
    assert missing.exit_code == 1
    assert "signal pool 9: " in missing.stderr


def test_preview_writes_the_triggers_of_the_platform_as_json(call: Any, expected: Any) -> None:
    done = call("signals", "preview", "--pool", "2", "--symbol", "BTC", "--start", str(START), "--json")
    assert done.exit_code == 0
    told = json.loads(done.output)
    theirs = expected["pools"]["pool2_BTC"]
    assert [t["timestamp"] for t in told["triggers"]] == [t["timestamp"] for t in theirs["triggers"]]
    assert (told["trigger_count"], told["pool_id"], told["per_day"]) == (7, 2, 0.7)
    assert (sum(told["by_day"]), sum(told["by_hour"]), len(told["by_day"])) == (7, 7, 10)


def test_preview_prints_figures_and_draws(call: Any, tmp_path: Path) -> None:
    picture = tmp_path / "picture.png"
    done = call(
        "signals", "preview", "--pool", "1", "--symbol", "BTC", "--start", "2025-06-01T00:00:00Z",
        "--most", "3", "--suggest", "4", "--plot", str(picture),
    )  # fmt: skip
    assert done.exit_code == 0, done.output
    for text in ("362", "36.20", "and 359 earlier ones", "0.03 % of 57,601 check points", "CVD 5m surge: threshold"):
        assert text in done.output
    assert picture.read_bytes().startswith(b"\x89PNG")


def test_preview_of_a_condition_that_never_fires(call: Any, tmp_path: Path) -> None:
    condition = json.dumps({"metric": "cvd", "operator": ">", "threshold": 1e12})
    picture = tmp_path / "picture.svg"
    done = call("signals", "preview", "--condition", condition, "--symbol", "ETH", "--plot", str(picture))
    assert done.exit_code == 0, done.output
    assert "triggers    0" in done.output
    assert picture.exists()


@pytest.mark.parametrize(
    ("arguments", "status", "text"),
    [
        ((), 2, "give either --pool ID or --condition JSON"),
        (("--pool", "1", "--condition", MACD), 2, "give either --pool ID or --condition JSON"),
        (("--pool", "1"), 2, "give --symbol (the pool watches BTC, ETH)"),
        (("--pool", "7", "--symbol", "BTC"), 1, "signal pool 7: "),
        (("--condition", "{", "--symbol", "BTC"), 1, "the condition is no JSON"),
        (("--condition", MACD, "--symbol", "DOGE"), 1, "holds no klines of DOGE"),
        (("--condition", MACD, "--symbol", "BTC", "--plot", "x.gif"), 1, "it must end in .png"),
    ],
)
def test_preview_refuses_what_it_cannot_do(call: Any, arguments: tuple[str, ...], status: int, text: str) -> None:
    done = call("signals", "preview", *arguments)
    assert done.exit_code == status
    assert text in done.stderr


def test_preview_names_a_signal_without_data(call: Any) -> None:
    condition = json.dumps({"metric": "indicator:MA600", "operator": ">", "threshold": 1.0, "time_window": "1d"})
    asked = ("signals", "preview", "--condition", condition, "--symbol", "BTC")
    why = "it needs 600 finished 1d klines, and"
    printed = " ".join(call(*asked).output.split())
    assert f"is left out for BTC: {why}" in printed
    (warning,) = json.loads(call(*asked, "--json").output)["warnings"]
    assert why in warning


def test_a_condition_without_a_threshold_gets_no_suggestion(call: Any) -> None:
    done = call("signals", "preview", "--condition", MACD, "--symbol", "BTC", "--suggest", "2")
    assert done.exit_code == 0
    assert "it has no threshold to suggest" in done.output


def test_add_writes_what_list_shows(call: Any, tmp_path: Path) -> None:
    toml, database = tmp_path / "s.toml", tmp_path / "new.db"
    toml.write_text(
        '[[signal]]\nname = "surge"\ncondition = { metric = "cvd", operator = ">", threshold = 1 }\n'
        '[[pool]]\nname = "surges"\nsignals = ["surge"]\n'
    )
    done = call("signals", "add", str(toml), database=database)
    assert done.output.splitlines() == ["signal 1 'surge': added", "pool 1 'surges': added"]
    assert "surges" in call("signals", "list", database=database).output
    toml.write_text("[[signal]]\n")
    assert "name is missing" in call("signals", "add", str(toml), database=database).stderr
