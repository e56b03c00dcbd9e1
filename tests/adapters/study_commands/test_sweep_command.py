"""``perpsim sweep``, as a user types it."""

from __future__ import annotations

import json
import re
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from adapters import load_market, open_database, read_config_file, write_klines
from adapters.database import perp_trials
from adapters.studies import list_studies, pictured_table, read_study
from engine import DataError
from processes import ProgramBacktestEngine, trusted_executor
from tests.conftest import ROOT
from tests.support.command_files import fill_market, pools_file, write_run
from tests.support.commands import perpsim
from tests.support.klines import random_klines

PROGRAM = """
class Dips:
    def init(self, params):
        self.low = params["low"]  # don't forget 'it'
        self.portion = params.get('portion', 0.5)

    def should_trade(self, data):
        if self.low == 13:
            raise ValueError("thirteen")
        rsi = data.get_indicator("BTC", "RSI14", "5m")
        if not rsi:
            return None
        if data.positions:
            return Decision("close", [*data.positions][0]) if rsi["value"] > 50 else None
        if rsi["value"] < self.low:
            return Decision("buy", "BTC", target_portion_of_balance=self.portion, leverage=2)
"""
OTHER = PROGRAM.replace("class Dips", "class Others").replace("> 50", "> 60")
HERE = ("--workers", "1", "--trust")


@pytest.fixture
def market(tmp_path: Path) -> str:
    url = fill_market(f"sqlite:///{tmp_path / 'market.db'}")
    database = open_database(url)
    write_klines(database, "other", "BTC", "1m", random_klines(2_000, seed=8))
    write_klines(database, "binance", "BTC", "5m", random_klines(400, seed=9, period="5m"))
    write_run(tmp_path, PROGRAM)
    (tmp_path / "other.py").write_text(OTHER)
    return url


def swept(tmp_path: Path, market: str, *options: object, code: int = 0) -> dict[str, Any]:
    file = tmp_path / "study.json"
    done = perpsim("sweep", tmp_path / "run.toml", "--database", market, *HERE, "--json", file, *options)
    assert done.exit_code == code, done.output
    found: dict[str, Any] = json.loads(file.read_text())
    return found


def settings_of(trial: dict[str, Any]) -> list[str]:
    """The settings of a trial, as ``--set`` takes them."""
    sets = [f"{name}={_toml(value)}" for name, value in trial["fields"].items()]
    return sets + [f"params.{name}={_toml(value)}" for name, value in trial["params"].items()]


def _toml(value: Any) -> str:
    if value is None:
        return "none"
    if isinstance(value, dict):
        return "{" + ", ".join(f"{name} = {_toml(each)}" for name, each in value.items()) + "}"
    return json.dumps(value)


def digest_alone(tmp_path: Path, market: str, trial: dict[str, Any]) -> str:
    config = read_config_file(tmp_path / "run.toml", settings_of(trial)).config
    history = load_market(open_database(market), config)
    return ProgramBacktestEngine(history, executor_for=trusted_executor).run(config).digest


def run_alone(tmp_path: Path, market: str, trial: dict[str, Any]) -> dict[str, Any]:
    """The result of ``perpsim run`` with the settings of a trial."""
    sets = settings_of(trial)
    file = tmp_path / "result.json"
    words = [word for each in sets for word in ("--set", each)]
    done = perpsim("run", tmp_path / "run.toml", "--database", market, "--trust", "--quiet", "--json", file, *words)
    assert done.exit_code == 0, done.output
    found: dict[str, Any] = json.loads(file.read_text())
    return found


@pytest.mark.parametrize(
    "varied",
    [
        ("--param", "low=20:40:10", "--param", "portion=20%,0.4"),
        ("--param", "low=30", "--vary", "slippage_percent=0.02,0.5%", "--vary", "intrabar=optimistic,pessimistic"),
        ("--param", "low=35", "--vary", "strategy=program.py,other.py", "--vary", "exchange=binance,other"),
        (
            "--param",
            "low=35",
            "--vary",
            "start_time=2024-01-01T02:00:00Z,2024-01-01T05:00:00Z",
            "--vary",
            "base_period=1m,5m",
        ),
        ("--param", "low=35", "--vary", "symbols=BTC", "--vary", "end_time=2024-01-01T08:00:00Z,2024-01-01T10:00:00Z"),
        ("--param", "low=35", "--vary", "venue=none,binance_um", "--vary", "maker_fee_rate=none,0.01%"),
        ("--vary", "params={low=20},{low=40}", "--vary", "wake_on=[],fill", "--vary", "profile=live"),
    ],
)
def test_each_trial_is_what_perpsim_run_does_with_its_settings(
    tmp_path: Path, market: str, varied: tuple[str, ...]
) -> None:
    study = swept(tmp_path, market, *varied)
    assert study["planned"] == len(study["trials"]) >= 2
    for trial in study["trials"]:
        assert trial["error"] is None
        alone = run_alone(tmp_path, market, trial)
        assert {name: alone[name] for name in trial["figures"]} == trial["figures"]
        assert trial["digest"] == digest_alone(tmp_path, market, trial)
    traded = {trial["figures"]["total_trades"] for trial in study["trials"]}
    assert traded != {0}


WOKEN = """
class Woken:
    def init(self, params):
        self.portion = params.get("portion", 0.5)

    def should_trade(self, data):
        log(data.trigger_type, data.signal_pool_name)
        held = data.positions.get("BTC")
        if data.signal_pool_name == "peaks":
            return Decision("close", "BTC") if held else None
        return None if held else Decision("buy", "BTC", target_portion_of_balance=self.portion, leverage=2)
"""


@pytest.mark.parametrize("where", [("--workers", "1", "--trust"), ("--workers", "2")], ids=["here", "jailed workers"])
def test_signal_pools_vary_and_each_wakes_what_it_wakes_in_a_run(
    tmp_path: Path, market: str, where: tuple[str, ...]
) -> None:
    (tmp_path / "signals.toml").write_text(pools_file(40, 60))
    assert perpsim("signals", "add", tmp_path / "signals.toml", "--database", market).exit_code == 0
    (tmp_path / "program.py").write_text(WOKEN)
    file, command = tmp_path / "study.json", ("sweep", tmp_path / "run.toml", "--database", market)
    varied = ("--vary", "signal_pool_ids=[],1,2,[1,2],[2,1],[7]", "--vary", "scheduled_interval=none,2h")
    done = perpsim(*command, *where, "--json", file, *varied)
    assert done.exit_code == 0, done.output
    trials = json.loads(file.read_text())["trials"]
    errors = [trial["error"] for trial in trials if trial["error"] is not None]
    assert len(trials) == 12
    assert len(errors) == 3  # nothing wakes the first, and there is no pool 7
    assert "nothing ever triggered" in errors[0]
    assert "7" in errors[1] == errors[2]
    triggers = {}
    for trial in trials:
        fields = trial["fields"]
        key = (*fields["signal_pool_ids"], fields["scheduled_interval"])
        triggers[key] = trial["figures"].get("total_triggers")
        if trial["error"] is None:
            alone = run_alone(tmp_path, market, trial)
            assert {name: alone[name] for name in trial["figures"]} == trial["figures"]
    scheduled = triggers["2h",]
    for ids in ((1,), (2,), (1, 2)):
        assert triggers[*ids, "2h"] == triggers[*ids, None] + scheduled
    assert triggers[1, 2, None] == triggers[2, 1, None] == triggers[1, None] + triggers[2, None]
    assert triggers[1, None] > 0 < triggers[2, None]


def test_the_best_are_shown_with_what_failed_and_what_lies_at_an_edge(tmp_path: Path, market: str) -> None:
    done = perpsim(
        "sweep",
        tmp_path / "run.toml",
        "--database",
        market,
        *HERE,
        "--param",
        "low=13,20,30,40",
        "--metric",
        "total_pnl",
    )
    assert done.exit_code == 0
    assert "4 trials, 1 failed" in done.output
    assert re.search("Trial +low +Net PnL, USD +Sharpe|Trial +low +Net PnL, USD +Return", done.output)
    assert re.search("1 trial failed: .*thirteen", done.output)
    assert "Stored" not in done.output


def test_a_field_without_a_value_is_told_drawn_and_stored_as_none(tmp_path: Path, market: str) -> None:
    page, csv = tmp_path / "page.html", tmp_path / "trials.csv"
    options = ("--param", "low=20,30", "--vary", "max_open_orders=none,1", "--metric", "total_pnl")
    command = ("sweep", tmp_path / "run.toml", "--database", market, *HERE)
    done = perpsim(*command, *options, "--save", "--report", page, "--csv", csv)
    assert done.exit_code == 0, done.output
    assert "# leave max_open_orders out (no limit)" in done.output
    assert re.search(r"^ *\d +\d+ +none ", done.output, re.MULTILINE)
    assert "None" not in done.output
    assert [*pictured_table(read_study(open_database(market), 1)[0]).parameters[1].values] == ["none", 1, "none", 1]
    assert page.stat().st_size > 10_000
    assert [line.split(",")[2] for line in csv.read_text().splitlines()] == ["max_open_orders", "", "1", "", "1"]
    kept, _ = read_study(open_database(market), 1)
    assert [each.values["max_open_orders"] for each in kept] == [None, 1, None, 1]
    assert "all 4 trials are done" in perpsim(*command, "--resume", "1").output
    found = perpsim("studies", "--database", market, "trials", "1").output
    assert "max_open_orders=none" in found


def test_all_that_fail_are_status_1_and_rows_all_the_same(tmp_path: Path, market: str) -> None:
    study = swept(tmp_path, market, "--param", "low=13", "--vary", "fee_rate=0.1,0.2", code=1)
    assert [trial["state"] for trial in study["trials"]] == ["failed", "failed"]
    assert all("thirteen" in trial["error"] for trial in study["trials"])


def test_that_all_fail_is_said_though_nothing_else_is(tmp_path: Path, market: str) -> None:
    done = perpsim(
        "sweep", tmp_path / "run.toml", "--database", market, *HERE, "--param", "low=13", "--vary", "fee_rate=0.1,0.2",
        "--quiet",
    )  # fmt: skip
    assert (done.exit_code, done.stdout) == (1, "")
    assert re.fullmatch("Error: all 2 trials failed, the first with: .*thirteen.*\n", done.stderr)


def test_a_metric_that_is_defined_for_no_trial_is_told_with_its_reason(tmp_path: Path, market: str) -> None:
    done = perpsim(
        "sweep",
        tmp_path / "run.toml",
        "--database",
        market,
        *HERE,
        "--param",
        "low=1,2",
        "--metric",
        "win_rate",
        "--save",
    )
    assert done.exit_code == 0
    assert "win_rate is not defined for any trial: no closed trades (2)" in done.output.replace("\n", " ")
    assert read_study(open_database(market), 1)[0].best is None


@pytest.mark.parametrize(
    ("options", "told"),
    [
        (("--param", "lo=20:40:2"), "lo: the program asks for no such parameter; did you mean low?"),
        (("--param", "fee_rate=1,2"), "fee_rate: is a field of the configuration"),
        (("--param", "low=40:20:2"), "low: is empty"),
        (("--param", "low=20:40"), "low: 20:40 has no step: give low:high:step"),
        (("--param", "low=1,1"), "low: 1 is there twice"),
        (("--param", "low=1", "--param", "low=2"), "low: is there twice"),
        (("--param", "low=int(10,45)", "--param", "portion=float(0.1,0.2)"), "portion: an interval without a step"),
        (("--vary", "slipage_percent=1"), "slipage_percent: there is no such field; did you mean slippage_percent?"),
        (("--vary", "slippage_percent=1,-1"), "slippage_percent: -1 is out of range"),
        (("--vary", "strategy=program.py,none.py"), "none.py"),
        (("--vary", "code=a,b"), "code: programs vary as files"),
        (("--param", "low=1", "--metric", "sharp_ratio"), "did you mean sharpe_ratio?"),
        ((), "nothing varies"),
        (("--param", "low=1", "--label", "x"), "--label is of what is stored"),
        (("--param", "low=1", "--workers", "2", "--cluster", "tcp://127.0.0.1:1"), "give either --workers"),
        (("--param", "low=0:1000:1", "--param", "portion=0:1:0.0001"), "more than the 1,000,000 of a sweep"),
        (("--vary", "symbols=NONE"), "holds no klines of NONE"),
    ],
)
def test_what_cannot_vary_is_refused_in_one_sentence(
    tmp_path: Path, market: str, options: tuple[str, ...], told: str
) -> None:
    done = perpsim("sweep", tmp_path / "run.toml", "--database", market, "--trust", "--workers", "1", *options)
    assert done.exit_code in (1, 2)
    assert told in done.output


def test_a_study_is_gone_on_with_and_has_the_same_rows_then(tmp_path: Path, market: str) -> None:
    options = ("--param", "low=20:40:5", "--vary", "fee_rate=0.01,0.05")
    whole = swept(tmp_path, market, *options, "--save", "--label", "whole")
    again = swept(tmp_path, market, *options, "--save")
    database = open_database(market)
    with database.writing() as connection:
        of_second = perp_trials.c.study_id == again["study_id"]
        connection.execute(perp_trials.delete().where(of_second, perp_trials.c.number.in_([0, 4, 9])))
    done = perpsim("sweep", tmp_path / "run.toml", "--database", market, *HERE, "--resume", "2")
    assert (done.exit_code, "3 of 10 trials are left" in done.output) == (0, True)
    first, second = (read_study(database, number)[0].frame for number in (1, 2))
    assert first.drop(columns="duration_ms").equals(second.drop(columns="duration_ms"))
    done = perpsim("sweep", tmp_path / "run.toml", "--database", market, *HERE, "--resume", "2", *options)
    assert (done.exit_code, "all 10 trials are done" in done.output) == (0, True)
    assert [row["done"] for row in list_studies(database)] == [10, 10]
    assert whole["label"] == "whole"


@pytest.mark.parametrize(
    ("options", "told"),
    [
        (("--param", "low=20,31"), "what low takes ([20, 30], now [20, 31])"),
        (("--set", "fee_rate=0.2"), "fee_rate (0.035, now 0.2)"),
        (("--metric", "total_pnl"), "the metric (sharpe_ratio, now total_pnl)"),
    ],
)
def test_another_study_is_not_gone_on_with(tmp_path: Path, market: str, options: tuple[str, ...], told: str) -> None:
    swept(tmp_path, market, "--param", "low=20,30", "--save")
    done = perpsim("sweep", tmp_path / "run.toml", "--database", market, *HERE, "--resume", "1", *options)
    assert (done.exit_code, told in done.output) == (1, True), done.output
    done = perpsim("search", tmp_path / "run.toml", "--database", market, *HERE, "--resume", "1")
    assert (done.exit_code, "study 1 is a sweep, so a search cannot" in done.output) == (1, True)
    (tmp_path / "program.py").write_text(PROGRAM + "\n# changed")
    done = perpsim("sweep", tmp_path / "run.toml", "--database", market, *HERE, "--resume", "1")
    assert (done.exit_code, "the text of the program" in done.output) == (1, True)
    done = perpsim("sweep", tmp_path / "run.toml", "--database", market, *HERE, "--resume", "7")
    assert (done.exit_code, "has no study 7; stored: 1 to 1" in done.output) == (1, True)


def test_ctrl_c_keeps_what_is_done(tmp_path: Path, market: str) -> None:
    slow = PROGRAM.replace("        rsi =", "        for _ in range(100_000): pass\n        rsi =")
    (tmp_path / "program.py").write_text(slow)
    command = [sys.executable, "-m", "adapters", "sweep", str(tmp_path / "run.toml"), "--database", market, "--save"]
    command += ["--param", "low=20:400:1", "--csv", "-", "--workers", "2"]
    running = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    database = open_database(market)
    deadline = time.monotonic() + 60
    while not (rows := _rows(database)) or rows[0]["done"] < 2:
        assert time.monotonic() < deadline
        assert running.poll() is None
        time.sleep(0.1)
    assert rows[0]["status"] == "running"
    running.send_signal(signal.SIGINT)
    output, told = running.communicate(timeout=60)
    assert running.returncode == 130
    assert "interrupted" in told
    (row,) = list_studies(database)
    assert row["status"] == "interrupted"
    assert 2 <= row["done"] < 381
    assert len(output.splitlines()) == 1 + row["done"]


def _rows(database: Any) -> list[dict[str, Any]]:
    try:
        return list_studies(database)
    except DataError:  # the tables come with the first study
        return []


def test_every_option_stands_in_the_readme() -> None:
    text = (ROOT / "adapters" / "study_commands" / "README.md").read_text()
    shown = perpsim("sweep", "--help").output
    options = set(re.findall(r"^  (--[a-z-]+)", shown, re.MULTILINE)) - {"--debug"}
    assert {"--param", "--vary", "--resume", "--cluster"} <= options
    assert [option for option in sorted(options) if f"`{option}" not in text and f"{option} " not in text] == []
