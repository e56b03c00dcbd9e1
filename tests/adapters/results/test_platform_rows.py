"""Results that the live platform has stored: told of with what their row has; and runs that are one of its bindings."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from adapters import open_database, write_klines
from adapters.report import CurveReader, KlineReader, MarkReader, ResultReader, RowReader, WantedTriggers, stored_page
from adapters.report.curves import Window
from adapters.report.stored_description import describe_stored
from adapters.results import ResultStore, read_result
from engine import BacktestConfig, MarketData, MarketHistory
from processes import ProgramBacktestEngine
from tests.support.command_files import write_run
from tests.support.commands import perpsim
from tests.support.databases import Raw
from tests.support.klines import START_MS, random_klines
from tests.support.platform_results import add_platform_run, add_platform_tables

SHOWN = (
    r"final equity +10,123\.50",
    r"net PnL +\+123\.50",
    r"price PnL +not stored",
    r"closed trades +1\n",
    r"won / lost +1 / 0\n",
    r"profit factor +-\n",
    r"expectancy, USD +not stored\n",
    r"decisions +not stored\n",
)


@pytest.fixture
def url(any_database_url: str, any_database: object, raw: Raw) -> str:
    for exchange in ("binance", "hyperliquid"):
        write_klines(open_database(any_database_url), exchange, "BTC", "1m", random_klines(2_000))
    add_platform_tables(raw, any_database_url)
    add_platform_run(raw)
    return any_database_url


def test_a_run_of_the_platform_is_listed_and_shown_with_what_its_row_has(url: str) -> None:
    (row,) = json.loads(perpsim("results", "list", "--json", "--database", url).stdout)
    assert (row["id"], row["symbols"], row["program"], row["label"]) == (1, ["BTC"], "Night owl", None)
    assert json.loads(perpsim("results", "list", "--json", "--program", "day", "--database", url).stdout) == []
    assert (row["total_pnl"], row["total_trades"], row["created_at"]) == (123.5, 1, 1_714_550_400_000)
    assert re.search(r"^ *1 +Night owl +BTC.*\+1\.24 %", perpsim("results", "--database", url).stdout, re.MULTILINE)
    shown = perpsim("results", "show", 1, "--database", url)
    assert (shown.exit_code, shown.stderr) == (0, "")
    assert "2024-01-01 10:00 to 2024-01-01 10:20 UTC (20m)" in shown.stdout
    assert shown.stdout.startswith("Result 1 (completed): Night owl on BTC\n")
    for line in SHOWN:
        assert re.search(line, shown.stdout), line
    assert "Buy and hold" not in shown.stdout
    more = perpsim("results", "show", 1, "--breakdown", "--database", url)
    assert more.exit_code == 0, more.output
    entry = json.loads(perpsim("results", "show", 1, "--json", "--database", url).stdout)
    assert (entry["total_pnl"], entry["success"], entry["undefined"]["fees_paid"]) == (123.5, True, "not stored")
    assert "final_equity" not in entry["undefined"]


def test_its_configuration_is_searched_for_any_letter(url: str, raw: Raw) -> None:
    config = json.dumps({"symbols": ["BTC"], "note": "für später"}, ensure_ascii=False)
    raw.execute("update backtest_results set config = :config", config=config)
    for text, count in (("für", 1), ("für früher", 0)):
        found = perpsim("results", "list", "--json", "--search", text, "--database", url).stdout
        assert len(json.loads(found)) == count, text


def test_without_the_tables_of_its_programs_it_has_no_name(url: str, raw: Raw) -> None:
    raw.execute("drop table trading_programs")
    assert [row["program"] for row in json.loads(perpsim("results", "list", "--json", "--database", url).stdout)] == [
        None
    ]


def test_a_trigger_of_the_platform_is_shown_with_its_decision(url: str) -> None:
    shown = perpsim("results", "show", 1, "--trigger", 1, "--database", url).stdout
    assert sorted(shown.partition("Decided:\n")[2].splitlines()[:3]) == [
        "  operation: buy",
        "  reason: why",
        "  symbol: BTC",
    ]
    assert '"method": "get_price"' in shown
    database = open_database(url)
    results = ResultReader(database)
    rows = RowReader(database, results, MarkReader(database, results))
    assert rows.trigger(1, 1)["decision"]["operation"] == "buy"
    assert [each["index"] for each in rows.triggers(1, 0, 9, WantedTriggers())["items"]] == [1, 3]


def test_its_report_and_its_page_read_what_there_is(url: str) -> None:
    database = open_database(url)
    reader = ResultReader(database)
    curves = CurveReader(database, reader, KlineReader(database))
    assert curves.equity(1, Window(points=100))["drawdown"] == [0.0, 0.0, 10.0, 0.0]
    summary = reader.summary(1)
    assert [(step["label"], step["count"]) for step in summary["funnel"]] == [("Triggers", 4), ("Closed trades", 1)]
    assert summary["triggers_saved"] == 4
    described = describe_stored(open_database(url), 1)
    assert set(described.summary["figures"]["undefined"].values()) == {"not stored"}
    assert "<title>back-test: BTC</title>" in stored_page(open_database(url), 1).html


def test_it_is_compared_with_a_run_of_ours_by_what_both_have(url: str, tmp_path: Path) -> None:
    assert perpsim("run", write_run(tmp_path), "--trust", "--quiet", "--save", "--database", url).exit_code == 0
    compared = perpsim("results", "compare", 1, 2, "--database", url)
    assert compared.exit_code == 0, compared.output
    for text in (
        "Code: not stored",
        "Trades: not stored",
        "-scheduled_interval_sec = 300",
        "+initial_balance = 10000.0",
    ):
        assert text in compared.stdout
    assert "Fees paid" not in compared.stdout
    assert "Final equity" in compared.stdout


def test_its_export_says_what_is_not_stored(url: str, tmp_path: Path) -> None:
    files = {name: tmp_path / name for name in ("json", "trades", "equity-csv", "records")}
    words = [word for name, path in files.items() for word in (f"--{name}", path)]
    done = perpsim("results", "export", 1, *words, "--database", url)
    assert done.exit_code == 0, done.output
    assert "figures are not stored" in done.stderr
    assert done.stderr.count("its trades are not stored") == 2
    told = json.loads(files["json"].read_text())
    assert (told["total_pnl"], len(told["equity_curve"]), told["trades"]) == (123.5, 4, [])
    assert [each["index"] for each in told["trigger_log"]] == [1, 3]
    assert "is stored as 4 points" in done.stderr
    assert files["equity-csv"].read_text().count("\n") == 5


def test_it_may_have_a_label_and_is_not_deleted(url: str, raw: Raw) -> None:
    before = raw.execute("select * from backtest_results"), raw.execute("select * from backtest_trigger_logs")
    assert perpsim("results", "rename", 1, "of the platform", "--database", url).exit_code == 0
    assert read_result(open_database(url), 1).label == "of the platform"
    refused = perpsim("results", "delete", 1, "--yes", "--database", url)
    assert (refused.exit_code, refused.stderr.count("\n")) == (1, 1)
    assert "result 1 is the platform's own: delete it there" in refused.stderr
    assert before == (raw.execute("select * from backtest_results"), raw.execute("select * from backtest_trigger_logs"))


def test_saving_beside_it_adds_our_tables_and_alters_none_of_its_own(url: str, raw: Raw, tmp_path: Path) -> None:
    before = raw.execute("select * from backtest_results where id = 1")
    done = perpsim("run", write_run(tmp_path), "--trust", "--save", "--label", "mine", "--database", url)
    assert done.exit_code == 0, done.output
    assert "Stored as result 2" in done.stdout
    assert raw.execute("select * from backtest_results where id = 1") == before
    assert raw.execute("select backtest_id, label from backtest_labels") == [(2, "mine")]
    assert raw.execute("select count(*) from backtest_details") == [(1,)]


class Waits:
    def should_trade(self, data: MarketData) -> None:
        return None


def test_a_run_of_a_binding_keeps_a_row_for_every_trigger(url: str, raw: Raw) -> None:
    config = BacktestConfig(
        strategy=Waits,
        symbols=["BTC"],
        start_time=START_MS + 600_000,
        end_time=START_MS + 4_200_000,
        scheduled_interval="1m",
    )
    for binding in (None, 3):
        run = ResultStore(open_database(url)).begin(config)
        raw.execute("update backtest_results set binding_id = :binding where id = :id", binding=binding, id=run.run_id)
        market = MarketHistory.from_klines({"BTC": random_klines(100)})
        run.complete(ProgramBacktestEngine(market).run(config, prepare=run.watch))
    found = "select backtest_id, count(*), min(trigger_index), max(trigger_index) from backtest_trigger_logs "
    assert raw.execute(f"{found} where backtest_id > 1 group by backtest_id") == [(3, 60, 0, 59)]
    counts = raw.execute("select total_triggers from backtest_results where id > 1 order by id")
    assert counts == [(60,), (60,)]
