from __future__ import annotations

import csv
import json
from collections.abc import Callable
from dataclasses import fields, replace
from pathlib import Path

import numpy as np
import pytest

from adapters import write_equity_csv, write_records_csv, write_result_json, write_trades_csv
from adapters.results.result_files import _equity_rows
from engine import BacktestConfig, BacktestResult, BacktestTradeRecord, Decision, MarketData, MarketHistory
from processes import ProgramBacktestEngine
from tests.support.klines import START_MS, random_klines

MINUTE = 60_000
Writer = Callable[[BacktestResult, Path], None]


class Odd:
    """Turns round at every trigger, and gives reasons that CSV and JSON must take care of."""

    def should_trade(self, data: MarketData) -> Decision | None:
        side = "sell" if data.positions and data.positions["BTC"].side == "long" else "buy"
        return Decision(side, "BTC", 'a "quoted", reason;\nof two lines é', target_portion_of_balance=0.5)


class Nonsense:
    """Decides on what JSON does not know."""

    def should_trade(self, data: MarketData) -> Decision | None:
        return Decision("buy", "BTC", target_portion_of_balance=float("nan"), leverage=np.int64(3))  # type: ignore[arg-type]


def run(strategy: type, minutes: int = 30, tail_ms: int = 0, interval: int = 300) -> BacktestResult:
    config = BacktestConfig(
        strategy=strategy,
        symbols=["BTC"],
        start_time=START_MS + 10 * MINUTE,
        end_time=START_MS + (10 + minutes) * MINUTE + tail_ms,
        scheduled_interval=interval,
    )
    return ProgramBacktestEngine(MarketHistory.from_klines({"BTC": random_klines(10 + minutes)})).run(config)


@pytest.fixture(scope="module")
def result() -> BacktestResult:
    return run(Odd)


def strict(text: str) -> object:
    def refuse(constant: str) -> object:
        raise AssertionError(f"{constant} is no JSON")

    return json.loads(text, parse_constant=refuse)


def test_json_holds_the_whole_result(result: BacktestResult, tmp_path: Path) -> None:
    write_result_json(result, tmp_path / "result.json")
    text = (tmp_path / "result.json").read_text("utf-8")
    read = strict(text)
    assert read == json.loads(json.dumps(result.to_dict()))
    assert read["quiet_triggers"] + len(read["trigger_log"]) == read["total_triggers"]
    assert isinstance(read, dict)
    assert list(read) == sorted(read)
    assert read["total_trades"] == len(read["trades"]) == 5
    assert len(read["trigger_log"]) == 6
    assert text.endswith("}\n")


def test_json_has_one_line_for_each_item_of_a_list(result: BacktestResult, tmp_path: Path) -> None:
    write_result_json(result, tmp_path / "result.json")
    lines = (tmp_path / "result.json").read_text("utf-8").splitlines()
    start = lines.index('"trigger_log": [')
    assert [json.loads(line.rstrip(","))["index"] for line in lines[start + 1 : start + 7]] == list(range(6))


def test_without_timing_the_same_run_gives_the_same_bytes(result: BacktestResult, tmp_path: Path) -> None:
    write_result_json(result, tmp_path / "one.json", timing=False)
    write_result_json(run(Odd), tmp_path / "two.json", timing=False)
    assert (tmp_path / "one.json").read_bytes() == (tmp_path / "two.json").read_bytes()
    assert b"execution_time_ms" not in (tmp_path / "one.json").read_bytes()
    write_result_json(result, tmp_path / "timed.json")
    assert "execution_time_ms" in json.loads((tmp_path / "timed.json").read_text())


def test_json_is_strict_whatever_a_program_decides(tmp_path: Path) -> None:
    result = run(Nonsense)
    write_result_json(result, tmp_path / "result.json")
    read = strict((tmp_path / "result.json").read_text())
    assert isinstance(read, dict)
    assert read["trigger_log"][0]["decision"]["target_portion_of_balance"] == "nan"
    assert read["trigger_log"][0]["decision"]["leverage"] == 3
    assert read["rejections"] == {"portion out of range": 6}


def test_a_figure_that_no_float_holds_is_said_as_text(result: BacktestResult, tmp_path: Path) -> None:
    write_result_json(replace(result, turnover_ratio=float("inf")), tmp_path / "result.json")
    read = strict((tmp_path / "result.json").read_text())
    assert isinstance(read, dict)
    assert read["turnover_ratio"] == "inf"


def test_trades_as_csv(result: BacktestResult, tmp_path: Path) -> None:
    write_trades_csv(result.trades, tmp_path / "trades.csv")
    with (tmp_path / "trades.csv").open(newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    assert list(rows[0]) == ["opened_at", "closed_at", *(field.name for field in fields(BacktestTradeRecord))]
    assert len(rows) == 5
    first, trade = rows[0], result.trades[0]
    assert (first["opened_at"], first["closed_at"]) == ("2024-01-01T00:15:00Z", "2024-01-01T00:20:00Z")
    assert first["reason"] == trade.reason
    assert [float(row["pnl"]) for row in rows] == [trade.pnl for trade in result.trades]
    assert sum(float(row["pnl"]) for row in rows) == pytest.approx(
        result.total_pnl - result.unrealized_pnl + sum(held["entry_fees"] for held in result.open_positions)
    )


def test_the_times_of_trades_as_csv_are_those_of_their_fills_and_zeros_have_no_sign(
    result: BacktestResult, tmp_path: Path
) -> None:
    trade = replace(result.trades[0], entry_timestamp=START_MS, funding=-0.0, gross_pnl=-0.0)
    write_trades_csv([trade], tmp_path / "trades.csv")
    with (tmp_path / "trades.csv").open(newline="", encoding="utf-8") as file:
        (row,) = csv.DictReader(file)
    assert row["opened_at"] == "2024-01-01T00:00:00Z"
    assert (row["funding"], row["gross_pnl"]) == ("0.0", "0.0")


def test_no_trades_are_a_header(tmp_path: Path) -> None:
    write_trades_csv([], tmp_path / "trades.csv")
    assert (tmp_path / "trades.csv").read_text().count("\n") == 1


class Recorder:
    """Records one series at every trigger, and others now and then."""

    def should_trade(self, data: MarketData) -> Decision | None:
        minute = (data.timestamp - START_MS) // MINUTE
        data.record("minute", minute)
        if minute % 10 == 0:
            data.record('a, "b"', -0.0)
            data.record("third", minute / 3)
        return None


def test_records_as_csv_have_one_instant_a_row_and_a_column_for_each_series(tmp_path: Path) -> None:
    result = run(Recorder, 30)
    write_records_csv(result, tmp_path / "records.csv")
    with (tmp_path / "records.csv").open(newline="") as file:
        names, *rows = csv.reader(file)
    assert names == ["timestamp", "time", "minute", 'a, "b"', "third"]
    assert [(int(row[0]) - START_MS) // MINUTE for row in rows] == [15, 20, 25, 30, 35, 40]
    assert rows[0][1:] == ["2024-01-01T00:15:00Z", "15.0", "", ""]
    assert rows[1][1:] == ["2024-01-01T00:20:00Z", "20.0", "0.0", repr(20 / 3)]
    assert [float(row[2]) for row in rows] == result.records["minute"].value.tolist()


def test_records_of_a_program_that_records_nothing_are_a_line_of_titles(result: BacktestResult, tmp_path: Path) -> None:
    write_records_csv(result, tmp_path / "records.csv")
    assert (tmp_path / "records.csv").read_text() == "timestamp,time\n"


def test_json_holds_the_records(tmp_path: Path) -> None:
    result = run(Recorder, 30)
    write_result_json(result, tmp_path / "result.json")
    found = json.loads((tmp_path / "result.json").read_text())["records"]
    assert found == json.loads(json.dumps(result.records_dict()))
    assert found["third"]["value"] == [20 / 3, 10.0, 40 / 3]


@pytest.mark.parametrize("tail_ms", [0, 1500])
def test_equity_as_csv_has_every_minute(tmp_path: Path, tail_ms: int) -> None:
    result = run(Odd, tail_ms=tail_ms)
    write_equity_csv(result, tmp_path / "equity.csv")
    lines = (tmp_path / "equity.csv").read_text().splitlines()
    assert lines[0] == "timestamp,time,equity,balance,drawdown"
    rows = [line.split(",") for line in lines[1:]]
    assert [int(row[0]) for row in rows] == result.equity.timestamp_ms.tolist()
    assert [float(row[2]) for row in rows] == result.equity.equity.tolist()
    assert [float(row[3]) for row in rows] == result.equity.balance.tolist()
    assert [float(row[4]) for row in rows] == result.equity.drawdown.tolist()
    assert rows[0][1] == ("2024-01-01T00:10:00.000Z" if tail_ms else "2024-01-01T00:10:00Z")
    assert len(rows) == 31 + bool(tail_ms)


@pytest.mark.parametrize(
    "first", ["1970-01-01", "2001-09-09T01:45", "2001-09-09T01:47", "2023-12-31T12:00", "2286-11-20"]
)
@pytest.mark.parametrize("step_ms", [60_000, 3_600_000, 15_000, 1_234_567])
def test_equity_as_csv_is_what_each_row_says_for_itself(first: str, step_ms: int) -> None:
    times = np.datetime64(first, "ms").astype(np.int64) + step_ms * np.arange(3_000)
    random = np.random.default_rng(3)
    equity, balance = (np.repeat(random.choice([0.0, -0.0, 1 / 3, 1e22], 300), 10) for _ in range(2))
    whole = "s" if step_ms % 1_000 == 0 else "ms"
    rows = [
        f"{time},{np.datetime64(time, 'ms').astype(f'datetime64[{whole}]')}Z,{worth!r},{cash!r},{time / 7!r}\n"
        for time, worth, cash in zip(times.tolist(), equity.tolist(), balance.tolist(), strict=True)
    ]
    assert b"".join(_equity_rows(times, [equity, balance, times / 7])).decode() == "".join(rows)


def test_equity_that_stays_the_same_is_written_out_once() -> None:
    times = START_MS + 60_000 * np.arange(1_000)
    figures = [np.repeat([1 / 3, 2 / 3], 500), np.full(1_000, 0.1), np.zeros(1_000)]
    assert len([*_equity_rows(times, figures)]) == 2
