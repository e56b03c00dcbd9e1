"""Stored results: the row of a run, its trigger log, what survives a run that is killed, and comparing two."""

from __future__ import annotations

import json
import re
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from adapters import main, open_database
from adapters.report import MarkReader, ResultReader, RowReader, WantedTriggers
from adapters.results import TriggerFilter, read_result
from adapters.results.run_owner import Runner
from tests.support.command_files import fill_market, write_run
from tests.support.databases import raw_database
from tests.support.patience import until
from tests.support.runs import walk
from tests.support.stored_rows import saved_triggers

PROGRAM = """
class Steps:
    def should_trade(self, data):
        log("price", data.get_price("BTC"))
        data.get_indicator("BTC", "RSI14", "5m")
        if "BTC" in data.positions:
            return Decision("close", "BTC", reason="held long enough")
        return Decision("buy", "BTC", target_portion_of_balance=0.5, leverage=2, reason="flat")
"""


@pytest.fixture
def config(tmp_path: Path) -> Path:
    return write_run(tmp_path, PROGRAM, start="2024-01-01T01:00", end="2024-01-02T01:00")


@pytest.fixture
def url(any_database_url: str) -> str:
    return fill_market(any_database_url, walk(3_000))


def perpsim(*arguments: str) -> Result:
    return CliRunner().invoke(main, arguments)


def run_saved(config: Path, url: str, *more: str) -> Result:
    return perpsim("run", str(config), "--database", url, "--save", *more)


def test_a_saved_run_has_its_row_one_log_row_a_trigger_and_its_trades(config: Path, url: str, tmp_path: Path) -> None:
    result_file = tmp_path / "result.json"
    done = run_saved(config, url, "--queries", "--json", str(result_file))
    assert done.exit_code == 0, done.output
    assert "Stored as result 1" in done.stdout
    result = json.loads(result_file.read_text())
    with raw_database(url) as raw:
        columns = "status, error_message, total_pnl, total_trades, total_triggers, sharpe_ratio, exchange, equity_curve"
        (row,) = raw.execute(f"select {columns} from backtest_results")
        logs = raw.execute("select trigger_index, decision_action, equity_after from backtest_trigger_logs order by 1")
        (entry,) = raw.execute(
            "select decision_input, decision_output, data_queries, execution_logs, trigger_time "
            "from backtest_trigger_logs where trigger_index = 0"
        )
    figures = (result["total_pnl"], result["total_trades"], result["total_triggers"], result["sharpe_ratio"])
    assert row[:7] == ("completed", None, *figures, "binance")
    assert json.loads(row[7]) == result["equity_curve"]
    assert [index for index, *_ in logs] == list(range(96))
    assert [action for _, action, _ in logs] == ["buy", "close"] * 48
    assert [equity for *_, equity in logs] == [each["equity_after"] for each in result["trigger_log"]]
    seen, decided, asked, said = (json.loads(text) for text in entry[:4])
    assert (seen["total_equity"], seen["positions"]) == (10_000.0, {})
    assert decided["decision"]["reason"] == "flat"
    assert [each["query"] for each in asked] == ["get_price", "get_indicator"]
    assert said[0].startswith("price ")
    assert str(entry[4]).startswith("2024-01-01 01:15:00")


def test_decisions_that_were_held_back_are_stored_found_and_counted(config: Path, url: str) -> None:
    early = ("--set", "start_time=2024-01-01T00:00:00Z", "--set", "end_time=2024-01-01T02:00:00Z")
    done = run_saved(config, url, *early)
    assert re.search(r"held-back decisions +4\n", done.stdout)
    assert "BTC: 4 decisions to open were held back, for RSI14 on 5m had fewer than 15" in " ".join(done.stdout.split())
    database = open_database(url, read_only=True)
    reader = ResultReader(database)
    rows = RowReader(database, reader, MarkReader(database, reader))
    page = rows.triggers(1, 0, 50, WantedTriggers(TriggerFilter.HELD))
    assert [(item["index"], item["order_text"]) for item in page["items"]] == [
        (index, "not submitted: RSI14 too short") for index in range(4)
    ]
    told = rows.trigger(1, 0)
    assert (told["warm_up"]["klines"], told["warm_up"]["needed"], told["order"]) == (3, 15, None)
    assert told["warm_up"]["until"] == 1_704_067_200_000 + 75 * 60_000
    lost = [step for step in reader.summary(1)["funnel"] if step["kind"] == "lost"]
    assert lost == [{"label": "not submitted: RSI14 too short", "count": 4, "kind": "lost"}]
    assert len(reader.summary(1)["figures"]["held_decisions"]) == 4


def test_shown_again_the_figures_are_those_of_the_run(config: Path, url: str) -> None:
    done = run_saved(config, url)
    shown = perpsim("results", "--database", url, "show", "1")
    assert shown.exit_code == 0, shown.output
    table = done.stdout.partition("Money, USD")[2].partition("Stored as result")[0].strip()
    assert table in shown.stdout
    listed = perpsim("results", "--database", url)
    assert "completed" in listed.stdout


def test_a_run_shows_the_parts_that_are_asked_for(config: Path, url: str) -> None:
    run_saved(config, url)
    command = "run", str(config), "--database", url, "--by", "side"
    done, quiet = perpsim(*command), perpsim(*command, "--quiet")
    assert (done.exit_code, quiet.exit_code, quiet.stdout) == (0, 0, "")
    shown = perpsim("results", "--database", url, "show", "1", "--by", "side").stdout
    assert re.findall(r"^By (\w+)", done.stdout, re.MULTILINE) == ["side"]
    assert done.stdout.partition("By side")[2] == shown.partition("By side")[2] != ""
    wrong = perpsim("run", str(config), "--database", url, "--by", "colour")
    assert (wrong.exit_code, wrong.stdout) == (2, "")


def test_the_results_of_each_part_are_shown_when_asked_for(config: Path, url: str) -> None:
    run_saved(config, url)
    plain, full = (perpsim("results", "--database", url, "show", "1", *more) for more in ((), ("--breakdown",)))
    assert full.stdout.startswith(plain.stdout)
    assert "By symbol" not in plain.stdout
    added = full.stdout[len(plain.stdout) :]
    assert re.findall(r"^By (\w+)", added, re.MULTILINE) == ["symbol", "side", "exit", "pool", "month", "weekday"]
    assert re.search(r"^BTC +48 ", added, re.MULTILINE)
    assert max(map(len, added.splitlines())) <= 80


def test_only_those_parts_are_shown_that_are_asked_for(config: Path, url: str) -> None:
    run_saved(config, url)
    show = "results", "--database", url, "show", "1"
    plain, found = perpsim(*show), perpsim(*show, "--by", "weekday", "--by", "exit_reason")
    added = found.stdout[len(plain.stdout) :]
    assert re.findall(r"^By (\w+)", added, re.MULTILINE) == ["weekday", "exit"]
    wrong = perpsim(*show, "--by", "strategy")
    assert wrong.exit_code == 2
    assert "'strategy' is not one of symbol, side, exit_reason, pool, month, weekday" in wrong.output


def test_a_breakdown_of_an_earlier_version_is_shown_with_what_it_has(config: Path, url: str) -> None:
    run_saved(config, url)
    with raw_database(url) as raw:
        ((stored,),) = raw.execute("select result from backtest_details where backtest_id = 1")
        figures = json.loads(stored)
        known = "by part total_trades winning_trades win_rate pnl avg_pnl profit_factor".split()
        figures["breakdown"] = [{name: row[name] for name in known} for row in figures["breakdown"]]
        raw.execute("update backtest_details set result = :found where backtest_id = 1", found=json.dumps(figures))
    found = perpsim("results", "--database", url, "show", "1", "--by", "symbol")
    assert found.exit_code == 0, found.output
    assert re.search(r"^BTC +48 .* -$", found.stdout, re.MULTILINE)


def test_two_results_are_compared_to_the_first_trade_that_differs(config: Path, url: str) -> None:
    run_saved(config, url)
    run_saved(config, url, "--set", "fee_rate=0.05")
    run_saved(config, url)
    entry = json.loads(perpsim("results", "--database", url, "compare", "1", "2", "--json").stdout)
    assert entry["config"] == {"fee_rate": [0.035, 0.05]}
    assert entry["first_trade"] == 0
    assert "fee" in entry["trade"]
    assert "size" not in entry["trade"]
    same = perpsim("results", "--database", url, "compare", "1", "3").stdout
    assert same.splitlines() == [
        "Configuration: the same",
        "Code: the same",
        "Figures: the same",
        "Trades: the same (48)",
    ]


def test_figures_are_compared_under_their_names(config: Path, url: str) -> None:
    run_saved(config, url)
    run_saved(config, url, "--set", "fee_rate=0.05", "--set", "max_open_orders=1")
    found = perpsim("results", "--database", url, "compare", "1", "2").stdout
    assert "Fees paid, USD" in found
    assert re.search(r"Net PnL +-[\d.]+ % +-[\d.]+ %", found)
    assert "total_pnl" not in found
    assert "First trade that differs: number 1" in found


def test_a_result_of_a_version_with_fewer_figures_is_shown_and_compared(config: Path, url: str, tmp_path: Path) -> None:
    run_saved(config, url)
    run_saved(config, url)
    with raw_database(url) as raw:
        ((stored,),) = raw.execute("select result from backtest_details where backtest_id = 1")
        figures = json.loads(stored)
        lacking = "liquidations funding_payments risk_limit_hits rejections calmar_ratio warnings".split()
        for name in (*lacking, "winning_days", "losing_days"):
            del figures[name]
        raw.execute("update backtest_details set result = :found where backtest_id = 1", found=json.dumps(figures))
    figures = read_result(open_database(url), 1).figures
    assert (figures["calmar_ratio"], figures["undefined"]["calmar_ratio"]) == (None, "not stored")
    old, new = (perpsim("results", "--database", url, "show", each) for each in ("1", "2"))
    assert (old.exit_code, "Money, USD" in old.stdout) == (0, True), old.output
    assert old.stdout.splitlines()[2:20] == new.stdout.splitlines()[2:20]
    assert re.search(r"days won / lost +not stored( |$)", old.stdout, re.MULTILINE)
    found = perpsim("results", "--database", url, "compare", "1", "2")
    assert found.exit_code == 0, found.output
    assert {"Figures: the same", "Trades: the same (48)"} <= {*found.stdout.splitlines()}
    done = perpsim("results", "--database", url, "export", "1", "--json", tmp_path / "old.json")
    assert (done.exit_code, "8 figures are not stored" in done.stderr) == (0, True), done.output


def test_a_result_of_a_version_without_reasons_and_excursions_is_shown_and_compared(config: Path, url: str) -> None:
    run_saved(config, url)
    run_saved(config, url)
    new_figures = ("undefined", "sharpe_error", "beta", "expectancy", "breakdown", "exposure_by_symbol_percent", "sqn")
    new_in_trade = ("entry_timestamp", "risk", "r_multiple", "mae", "mae_percent", "mfe", "mfe_percent")
    with raw_database(url) as raw:
        ((stored,),) = raw.execute("select result from backtest_details where backtest_id = 1")
        figures = {name: value for name, value in json.loads(stored).items() if name not in new_figures}
        raw.execute("update backtest_details set result = :found where backtest_id = 1", found=json.dumps(figures))
        for key, text in raw.execute("select id, trade from backtest_trades where backtest_id = 1"):
            trade = {name: value for name, value in json.loads(text).items() if name not in new_in_trade}
            raw.execute("update backtest_trades set trade = :found where id = :key", found=json.dumps(trade), key=key)
    shown = perpsim("results", "--database", url, "show", "1")
    assert shown.exit_code == 0, shown.output
    assert re.search(r"return a year +-( |$)", shown.stdout, re.MULTILINE)
    found = perpsim("results", "--database", url, "compare", "1", "2")
    assert found.exit_code == 0, found.output
    assert "Trades: the same (48)" in found.stdout
    database = open_database(url)
    reader = ResultReader(database)
    marks = MarkReader(database, reader)
    trades = RowReader(database, reader, marks).trades(1, 0, 99, "index", False, {})["items"]
    assert {each["entry_timestamp"] - each["timestamp"] for each in trades} == {0}
    found = [marks.markers(run_id, None, 0, 2**60, 999, False, [], None)["columns"] for run_id in (1, 2)]
    times = [[at for at, trade in zip(each["time"], each["trade"], strict=True) if trade is not None] for each in found]
    assert len(times[0]) >= 48
    assert sorted(times[0]) == sorted(times[1])


def test_results_can_go_to_another_database_than_the_market(config: Path, url: str, tmp_path: Path) -> None:
    other = f"sqlite:///{tmp_path / 'results.db'}"
    refused = perpsim("run", str(config), "--database", url, "--results", other)
    assert refused.exit_code == 1
    assert "database create" in refused.output
    open_database(other, create=True)
    assert perpsim("run", str(config), "--database", url, "--results", other).exit_code == 0
    with raw_database(url) as raw:
        assert raw.execute("select count(*) from backtest_results") == [(0,)]
    with raw_database(other) as raw:
        assert raw.execute("select status from backtest_results") == [("completed",)]


def test_a_failing_program_is_stored_as_an_error_with_its_message(config: Path, url: str) -> None:
    (config.parent / "program.py").write_text(PROGRAM.replace('log("price"', '1 / 0; log("price"'))
    assert run_saved(config, url).exit_code == 1
    with raw_database(url) as raw:
        ((status, message),) = raw.execute("select status, error_message from backtest_results")
    assert status == "error"
    assert "ZeroDivisionError" in message


def test_an_unknown_id_is_answered_with_what_is_stored(config: Path, url: str) -> None:
    assert "there is none yet" in perpsim("results", "--database", url, "show", "7").output
    run_saved(config, url)
    assert "stored: 1 to 1" in perpsim("results", "--database", url, "show", "7").output


def test_a_run_that_is_killed_says_so_after_the_next_start(config: Path, url: str) -> None:
    slow = PROGRAM.replace("        log(", "        x = sum(range(30_000))\n        log(")
    (config.parent / "program.py").write_text(slow)
    arguments = ["run", str(config), "--database", url, "--save", "--set", "scheduled_interval=1"]
    worker = subprocess.Popen([sys.executable, "-m", "adapters", *arguments], stdout=subprocess.DEVNULL)
    try:
        until(lambda: saved_triggers(url))
    finally:
        worker.send_signal(signal.SIGKILL)
        worker.wait()
    with raw_database(url) as raw:
        assert raw.execute("select status from backtest_results") == [("running",)]
    shown = perpsim("results", "--database", url, "show", "1")
    assert "the run was lost" in shown.output
    with raw_database(url) as raw:
        assert raw.execute("select status from backtest_results") == [("error",)]


def test_a_runner_knows_whether_its_process_is_gone() -> None:
    here = Runner.this()
    assert Runner.parse(here.to_text()) == here
    assert not here.is_gone()
    finished = subprocess.Popen([sys.executable, "-c", ""])
    there = Runner(here.host, finished.pid, "not its start")
    finished.wait()
    assert there.is_gone()
    assert not Runner("another-host", 1, None).is_gone()
    assert Runner.parse("the strategy failed") is None


RECORDER = """
class Recorder:
    def should_trade(self, data):
        data.record("price", data.get_price("BTC"))
        data.record("n", data.timestamp % 7)
        return None
"""


def test_what_a_program_recorded_is_stored_thinned_to_its_extremes(url: str, tmp_path: Path) -> None:
    config = write_run(tmp_path, RECORDER, start="2024-01-01T01:00", end="2024-01-03T01:00")
    files = {name: tmp_path / f"{name}.out" for name in ("json", "records")}
    words = [word for name, path in files.items() for word in (f"--{name}", str(path))]
    done = run_saved(config, url, "--set", "scheduled_interval=60", *words)
    assert done.exit_code == 0, done.output
    whole = json.loads(files["json"].read_text())["records"]["price"]
    assert len(whole["value"]) == 2_880
    assert files["records"].read_text().count("\n") == 2_881
    stored = read_result(open_database(url), 1)
    assert "records" not in stored.figures
    assert {*stored.records} == {"price", "n"}
    price = stored.records["price"]
    assert 1_000 < len(price["value"]) <= 2_000
    pairs = set(zip(whole["timestamp"], whole["value"], strict=True))
    assert set(zip(price["timestamp"], price["value"], strict=True)) < pairs
    for pick in (min, max):
        assert pick(price["value"]) == pick(whole["value"])


def test_a_run_without_records_has_none_stored(config: Path, url: str) -> None:
    assert run_saved(config, url).exit_code == 0
    assert read_result(open_database(url), 1).records == {}
