"""perpsim signals, and perpsim run with pools: what they print, write and refuse."""

from __future__ import annotations

import json
import random
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from adapters import main
from adapters.signals import SignalPreview
from engine import ConfigurationError, parse_condition, suggest_threshold
from engine.signals import SignalBacktest, detect
from tests.support.signal_markets import START, history_of, pool_of, random_market

pytest_plugins = ["tests.support.reference_market"]

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


# ------------------------------------------------------------------------------------------------ suggestions


@pytest.mark.parametrize(
    "condition",
    [
        {"metric": "cvd", "operator": ">", "threshold": 0, "time_window": "1m"},
        {"metric": "cvd", "operator": "lt", "threshold": 0, "time_window": "1m"},
        {"metric": "depth_ratio", "operator": "abs_gt", "threshold": 0, "time_window": "1m"},
        {"metric": "volatility", "operator": "abs_lt", "threshold": 0, "time_window": "1m"},
        {"metric": "taker_volume", "direction": "sell", "time_window": "1m"},
        {"metric": "indicator:RSI14", "operator": "<=", "threshold": 0, "time_window": "1m"},
    ],
)
def test_a_suggested_threshold_fires_as_often_as_it_says(condition: dict[str, Any]) -> None:
    rng, market = random.Random(1), random_market(24, hours=12)
    times = range(START, START + DAY // 2, 15_000)
    market.book = [(time, rng.random(), rng.random()) for time in times]
    market.trades = [(time, rng.random(), rng.random(), 100 + rng.random(), 99 + rng.random()) for time in times]
    history, end = history_of(market), START + DAY // 2
    best = suggest_threshold(parse_condition(condition), history, START, end, 20.0)
    found = detect(
        pool_of([{**condition, "threshold": best.threshold, "ratio_threshold": best.threshold}]), history, START, end
    )
    assert len(found.triggers) / 0.5 == best.per_day
    assert best.per_day == pytest.approx(20.0, abs=4.0)


@pytest.mark.parametrize(
    ("condition", "text"),
    [
        (json.loads(MACD), "it has no threshold to suggest"),
        ({"metric": "cvd", "operator": "==", "threshold": 0}, "== has no threshold to suggest"),
        ({"metric": "oi", "operator": ">", "threshold": 0}, "it is nowhere defined in the range"),
    ],
)
def test_some_conditions_have_no_suggestion(condition: dict[str, Any], text: str) -> None:
    market = random_market(24, minutes_before=6_000)
    market.open_interest = []
    with pytest.raises(ConfigurationError, match=text):
        suggest_threshold(parse_condition(condition), history_of(market), START, START + DAY, 1.0)


def test_a_preview_counts_days_hours_and_clusters() -> None:
    market = random_market(1)
    market.funding = [(START + minute * 60_000, value * 1e-6) for minute, value in (
        (0, 1), (30, 2), (31, 1), (40, 2), (41, 1), (90, 2), (91, 1),
    )]  # fmt: skip
    pool = pool_of([{"metric": "funding", "operator": ">", "threshold": 0.5, "time_window": "15m"}])
    found = detect(pool, history_of(market), START, START + 2 * DAY)
    preview = SignalPreview(SignalBacktest("BTC", pool, found, single=False), START, START + 2 * DAY)
    assert preview.by_day == [len(found.triggers), 0]
    assert sum(preview.by_hour) == len(found.triggers) == preview.a_day * 2
    assert 1 <= preview.clusters <= len(found.triggers)
    assert json.loads(json.dumps(preview.to_dict()))["undefined_percent"] == found.undefined_percent


# --------------------------------------------------------------------------------------------- runs with pools

PROGRAM = """
class Follows:
    def should_trade(self, data):
        log(data.trigger_type + " " + data.signal_pool_name)
        return None
"""


def run_pools(tmp_path: Path, database: Path, ids: str, **more: str) -> tuple[Result, dict[str, Any]]:
    (tmp_path / "follows.py").write_text(PROGRAM)
    extra = "".join(f"{name} = {value}\n" for name, value in more.items())
    (tmp_path / "run.toml").write_text(
        'strategy = "follows.py"\nsymbols = ["BTC"]\nstart_time = 2025-06-01T00:00:00Z\n'
        f"end_time = 2025-06-03T00:00:00Z\nsignal_pool_ids = {ids}\n{extra}"
    )
    output = tmp_path / "result.json"
    arguments = [
        "run",
        str(tmp_path / "run.toml"),
        "--database",
        f"sqlite:///{database}",
        "--json",
        str(output),
        "--quiet",
    ]
    done = CliRunner().invoke(main, arguments)
    return done, json.loads(output.read_text()) if output.exists() else {}


def test_a_run_is_woken_by_its_stored_pools(tmp_path: Path, reference_database: Path, expected: Any) -> None:
    done, told = run_pools(tmp_path, reference_database, "[2, 1]")
    assert done.exit_code == 0, done.output
    end = START + 2 * DAY
    theirs = [sum(t["timestamp"] <= end for t in expected["pools"][f"pool{pool}_BTC"]["triggers"]) for pool in (1, 2)]
    assert told["signal_triggers"] == sum(theirs)
    assert "signal pool 1 ('OR pool'): ETH ignored, not a configured symbol" in told["warnings"]


def test_a_run_with_an_unknown_pool_is_refused(tmp_path: Path, reference_database: Path) -> None:
    done, _ = run_pools(tmp_path, reference_database, "[2, 8]")
    assert done.exit_code == 1
    assert "signal pool 8: " in done.stderr
