"""Bars: on a terminal with a rate and what is left, for people only, and nothing anywhere else."""

import re
import subprocess
import sys
import threading
from types import SimpleNamespace

import numpy as np
import pytest

from adapters import load_market, open_database, synthetic_klines, write_klines, write_result_json
from adapters.runs import long_step, long_steps_shown, no_bars, progress_bar, run_progress, steps_told
from adapters.runs.progress import amount_text, left_text, rate_text
from engine import BacktestConfig, MarketHistory
from processes import ProgramBacktestEngine
from tests.support.commands import ROOT
from tests.support.runs import DAY, START, Hold
from tests.support.terminals import on_a_terminal, standard_error_on_a_terminal

PROGRAM = "class P:\n    def should_trade(self, data):\n        return None\n"
CONFIG = """
strategy = "p.py"
symbols = ["BTC", "ETH"]
exchange = "binance"
start_time = 2024-01-02T00:00:00Z
end_time = 2024-01-05T00:00:00Z
scheduled_interval = "5m"
"""


def task(completed, total, speed=None, unit="rows", scale=1, left=None, elapsed=3_661.0):
    fields = {"unit": unit, "scale": scale}
    return SimpleNamespace(
        completed=completed, total=total, fields=fields, finished_speed=None, speed=speed, time_remaining=left,
        elapsed=elapsed,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("of", "amount", "rate", "left"),
    [
        (task(500, 2_000, 250.0, left=6), "500 of 2,000 rows", "250 rows/s", "0:00:06 left"),
        (task(0, 2_000), "0 of 2,000 rows", "", "1:01:01"),
        (task(2.5 * DAY, 30 * DAY, 1.25 * DAY, "days", DAY, 22), "2 of 30 days", "1.2 days/s", "0:00:22 left"),
        (task(12, None, 3.0, "files"), "12 files", "3.0 files/s", "1:01:01"),
    ],
)
def test_a_bar_says_how_much_of_how_much_how_fast_and_what_is_left(of, amount, rate, left):
    assert (amount_text(of), rate_text(of), left_text(of)) == (amount, rate, left)


def test_a_bar_is_drawn_on_a_terminal_and_taken_away():
    with standard_error_on_a_terminal() as drawn, progress_bar("importing", 1_000) as advance:
        for _ in range(10):
            advance(100)
    assert "0 of 1,000 rows" in drawn
    assert drawn.lines[0].startswith("importing ━")
    last = drawn.raw.rpartition(b"rows")[2]
    assert b"\x1b[?25h" in last, "the cursor is there again"
    assert b"\x1b[2K" in last, "and the line is empty"


def test_the_rate_and_what_is_left_are_shown_as_soon_as_they_are_known(monkeypatch):
    monkeypatch.setattr("adapters.runs.progress._REFRESH_S", 0.0)
    with standard_error_on_a_terminal() as drawn, progress_bar("importing", 1_000) as advance:
        for _ in range(9):
            advance(100)
    assert re.search(r"900 of 1,000 rows +[\d,.]+ rows/s +0:00:0. left", "\n".join(drawn.lines))


def test_a_narrow_terminal_keeps_the_rate_and_what_is_left(monkeypatch):
    monkeypatch.setattr("adapters.runs.progress._REFRESH_S", 0.0)
    settings = BacktestConfig(
        strategy=Hold, symbols=["BTC"], start_time=START, end_time=START + 3 * DAY, scheduled_interval="1h"
    )
    market = MarketHistory.from_klines({"BTC": synthetic_klines("BTC", START, 3 * 1440, 7)})
    with standard_error_on_a_terminal(80) as drawn, run_progress(settings) as report:
        ProgramBacktestEngine(market).run(settings, report)
    assert all(len(line) <= 80 for line in drawn.lines)
    assert drawn.lines[0].startswith("2024-01-01 00:00")
    assert "0 of 3 days" in drawn


def test_bars_of_several_threads_stand_in_one_display():
    started = threading.Barrier(3)

    def work(name):
        with progress_bar(name, 10) as advance:
            started.wait()
            advance(10)

    with standard_error_on_a_terminal() as drawn, progress_bar("loading", 2) as advance:
        threads = [threading.Thread(target=work, args=(f"symbol {number}",)) for number in range(3)]
        for each in threads:
            each.start()
        for each in threads:
            each.join()
        advance(2)
    assert drawn.raw.count(b"\x1b[?25l") == drawn.raw.count(b"\x1b[?25h") == 1
    assert "symbol 2" in drawn


def test_a_total_that_takes_time_is_found_out_only_for_a_bar_that_is_drawn(capsys):
    asked = []

    def total():
        asked.append(1)
        return 5

    with long_steps_shown(), long_step("reading", total) as advance:
        advance(5)
    assert asked == []
    assert capsys.readouterr().err == ""
    with standard_error_on_a_terminal() as drawn, long_steps_shown(), long_step("reading", total):
        pass
    assert asked == [1]
    assert "0 of 5 rows" in drawn


def test_long_steps_are_shown_where_they_are_wanted_and_no_bars_means_none():
    with standard_error_on_a_terminal() as drawn:
        with long_step("of a library", 5):
            pass
        with no_bars(), progress_bar("asked for", 5), long_step("of a library", 5):
            pass
        with long_steps_shown(), no_bars(), long_step("of a server", 5):
            pass
    assert drawn.raw == b""


def test_an_exception_takes_the_display_away():
    with standard_error_on_a_terminal() as drawn:
        with pytest.raises(KeyboardInterrupt), progress_bar("importing", 5):
            raise KeyboardInterrupt
        with progress_bar("again", 5):
            pass
    assert drawn.raw.count(b"\x1b[?25l") == drawn.raw.count(b"\x1b[?25h") == 2


def test_without_a_terminal_nothing_is_written_and_no_bar_is_loaded():
    code = (
        "import sys\nfrom adapters.runs import progress_bar, long_steps_shown, long_step\n"
        "with long_steps_shown(), progress_bar('a', 5) as advance, long_step('b', 5):\n    advance(5)\n"
        "print('rich' in sys.modules, 'engine' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=ROOT)
    assert (done.stdout, done.stderr) == ("False False\n", "")


@pytest.fixture(scope="module")
def stored(tmp_path_factory):
    folder = tmp_path_factory.mktemp("stored")
    database = open_database(folder / "market.db", create=True)
    for symbol in ("BTC", "ETH"):
        write_klines(database, "binance", symbol, "1m", synthetic_klines(symbol, START, 5 * 1440, 7))
    (folder / "p.py").write_text(PROGRAM)
    (folder / "c.toml").write_text(CONFIG)
    return folder


def test_a_run_shows_loading_the_run_and_what_it_writes(stored, tmp_path):
    more = ("--set", "scheduled_interval=60", "--all-triggers", "--json", tmp_path / "r.json")
    more += ("--equity-csv", tmp_path / "e.csv")
    status, drawn, told = on_a_terminal(
        "run", stored / "c.toml", "--database", f"sqlite:///{stored}/market.db", *more, width=160
    )
    assert status == 0, drawn.lines
    assert "0 of 2 symbols" in drawn
    assert "0 of 3 days" in drawn
    assert "writing the result" in drawn
    assert "writing the equity" in drawn
    assert "━" not in told, "the bars are on standard error"


def test_a_quiet_run_shows_no_bar(stored):
    status, drawn, told = on_a_terminal(
        "run", stored / "c.toml", "--database", f"sqlite:///{stored}/market.db", "--quiet"
    )
    assert (status, told) == (0, "")
    assert "━" not in drawn
    assert b"\x1b" not in drawn.raw


def test_a_run_into_a_pipe_shows_no_bar(stored):
    command = [sys.executable, "-m", "adapters", "run", str(stored / "c.toml")]
    done = subprocess.run(
        [*command, "--database", f"sqlite:///{stored}/market.db"], capture_output=True, text=True, cwd=ROOT
    )
    assert done.returncode == 0
    assert "━" not in done.stderr
    assert "\x1b" not in done.stderr


@pytest.mark.parametrize(
    ("arguments", "shown"),
    [
        (("inspect",), "inspecting"),
        (("look", "--exchange", "binance", "--symbol", "BTC", "--at", "2024-01-03T10:00:00Z"), "loading the market"),
        (
            ("signals", "preview", "--exchange", "binance", "--symbol", "BTC", "--condition",
             '{"metric": "indicator:RSI14", "operator": "<", "threshold": 30, "time_window": "5m"}'),
            "loading the market",
        ),
    ],
    ids=["inspect", "look", "signals preview"],
)  # fmt: skip
def test_other_commands_show_what_takes_long(stored, arguments, shown):
    status, drawn, _ = on_a_terminal(*arguments, "--database", f"sqlite:///{stored}/market.db")
    assert status == 0
    assert drawn.lines[0].startswith(shown)


def test_writing_a_market_shows_rows_and_their_rate(tmp_path):
    status, drawn, _ = on_a_terminal(
        "synth", "--symbol", "BTC", "--days", 60, "--database", f"sqlite:///{tmp_path}/market.db"
    )
    assert status == 0
    assert "BTC 1m" in drawn.lines[0]
    assert re.search(r"of 86,400 rows +[\d,.]+ rows/s +\d:\d\d:\d\d left", "\n".join(drawn.lines))


def test_reading_in_several_blocks_shows_rows(stored, monkeypatch):
    monkeypatch.setattr("adapters.database.sqlite_pages._BLOCK_ROWS", 2_000)
    monkeypatch.setattr("adapters.runs.progress._REFRESH_S", 0.0)
    settings = BacktestConfig(
        strategy=Hold, symbols=["BTC"], exchange="binance", start_time=START, end_time=START + 5 * DAY,
        scheduled_interval="1h",
    )  # fmt: skip
    database = open_database(stored / "market.db", read_only=True)
    with standard_error_on_a_terminal() as drawn, long_steps_shown():
        market = load_market(database, settings, cache=False)
    assert "2,000 of 7,200 rows" in drawn
    assert "6,000 of 7,200 rows" in drawn
    whole = synthetic_klines("BTC", START, 5 * 1440, 7)
    assert np.array_equal(market.symbols["BTC"].base.columns.close, whole.close)


def test_the_bytes_of_a_result_are_the_same_on_a_terminal(tmp_path):
    settings = BacktestConfig(
        strategy=Hold, symbols=["BTC"], start_time=START, end_time=START + 2 * DAY, scheduled_interval=60
    )
    market = MarketHistory.from_klines({"BTC": synthetic_klines("BTC", START, 2 * 1440, 7)})
    result = ProgramBacktestEngine(market).run(settings)
    write_result_json(result, tmp_path / "plain.json", all_triggers=True)
    with standard_error_on_a_terminal() as drawn, long_steps_shown():
        write_result_json(result, tmp_path / "shown.json", all_triggers=True)
    assert "writing the result" in drawn
    assert (tmp_path / "plain.json").read_bytes() == (tmp_path / "shown.json").read_bytes()


def test_one_long_file_shows_how_far_it_is_read(tmp_path):
    rows = "".join(
        f"{1_704_067_200_000 + row * 60_000},42000.5,42010.25,41990.75,42005.125,12.5\n" for row in range(120_000)
    )
    (tmp_path / "k.csv").write_text(f"time,open,high,low,close,volume\n{rows}")
    words = ("--database", f"sqlite:///{tmp_path}/m.db", "--exchange", "x", "--symbol", "BTC", "--kind", "klines")
    status, drawn, _ = on_a_terminal("import", tmp_path / "k.csv", *words, width=160)
    assert status == 0, drawn.lines
    assert "reading k.csv" in drawn
    assert f"of {round(len(rows) / 1e6)} MB" in drawn


def test_steps_can_be_told_to_another_process() -> None:
    told: list[tuple[str, int, int | None]] = []
    with steps_told(lambda *said: told.append(said)), progress_bar("reading", 3, "files") as advance:
        advance(1)
        with progress_bar("writing", lambda: None) as inner, long_step("sorting", lambda: 5) as slow:
            inner(7)
            slow(5)
        advance(2)
    with long_step("later", 1) as advance:
        advance(1)
    assert told == [
        ("reading", 0, 3),
        ("reading", 1, 3),
        ("writing", 0, None),
        ("sorting", 0, 5),
        ("writing", 7, None),
        ("sorting", 5, 5),
        ("reading", 3, 3),
    ]
