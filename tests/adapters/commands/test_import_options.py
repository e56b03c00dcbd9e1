"""What perpsim import is told of files: each option reaches the reader of every kind it belongs to."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from adapters import open_database, read_klines
from tests.support.commands import perpsim
from tests.support.kline_text import lines, text
from tests.support.klines import START_MS, assert_same, random_klines

KLINES = random_klines(40)


@pytest.fixture
def url(tmp_path: Path) -> str:
    return f"sqlite:///{tmp_path / 'market.db'}"


def imported(url: str, path: Path, content: str, *options: str) -> str:
    """Write a file, import it, and return what was said of it, or the error."""
    path.write_text(content)
    done = perpsim("import", path, "--database", url, "--exchange", "x", "--symbol", "BTC", *options)
    return done.stdout if done.exit_code == 0 else done.stderr


def local(form: str) -> str:
    start = pd.Timestamp("2024-01-01T00:00+08:00")
    return text(lines(KLINES, lambda ms: (start + pd.Timedelta(ms - START_MS + 28_800_000, "ms")).strftime(form)))


BAD = lines(KLINES)
BAD[6] = f"{KLINES.open_ms[6]},0,0,0,0,0"
LATE = text(lines(KLINES, lambda ms: ms + 2_500 * (ms >= START_MS + 1_800_000)))
TWICE = text([*lines(KLINES), lines(KLINES)[9].rpartition(",")[0] + ",7"])
FIELDS = ("time", "open", "high", "low", "close", "volume")
BY_NUMBER = [word for number, field in enumerate(FIELDS, 1) for word in ("--column", f"{field}={number}")]
WHOLE = text([f'{ms},"1,000","1,001","0,999","1,000",1' for ms in KLINES.open_ms.tolist()])


@pytest.mark.parametrize(
    ("content", "hint", "options", "said"),
    [
        (
            text(BAD),
            "--skip-bad-rows 1 leaves such a row out",
            ["--skip-bad-rows", "3"],
            "row 7, column open: 0.0 is not a",
        ),
        (TWICE, "--keep first or --keep last", ["--keep", "first"], "of which the first one is taken: 1"),
        (LATE, "--snap moves a stretch", ["--snap"], "10 klines from 2024-01-01 00:30:02.500 UTC to"),
        (text(lines(KLINES)[::4]), "say --period 1m", ["--period", "1m"], "most klines are 4m apart"),
        (local("%d/%m/%Y %H:%M").replace("01/01/2024", "05/06/2024", 9), "say --time-format '%m/%d", [], ""),
        (local("%Y-%m-%d %H:%M"), "", ["--time-zone", "Asia/Shanghai"], "without an offset, in Asia/Shanghai"),
        (
            local("%H:%M on %Y/%m/%d"),
            "say with --time-format",
            ["--time-format", "%H:%M on %Y/%m/%d"],
            "written %H:%M on",
        ),
        (WHOLE.replace("0,999", "1,000"), "say --decimal point or comma", ["--decimal", "comma"], "a decimal comma"),
        (
            text(lines(KLINES), "Moment,O,H,L,C,Amount"),
            "--column volume=TITLE",
            [*"--column time=Moment --column volume=Amount".split()],
            "",
        ),
        (text(lines(KLINES), "a,b,c,d,e,f"), "=TITLE", BY_NUMBER, "volumes are those of f"),
    ],
)
def test_an_error_names_the_option_that_helps(
    url: str, tmp_path: Path, content: str, hint: str, options: list[str], said: str
) -> None:
    path = tmp_path / "klines.csv"
    assert hint in imported(url, path, content)
    if options:
        told = imported(url, path, content, *options)
        assert told.startswith(f"{path}: ")
        assert said in told


def test_what_was_done_is_said_and_what_is_stored_is_right(url: str, tmp_path: Path) -> None:
    rows = lines(KLINES)[::-1]
    told = imported(url, tmp_path / "klines.csv", "# by hand\n" + text(rows[:20] + rows[15:]))
    assert told.splitlines()[:4] == [
        f"{tmp_path / 'klines.csv'}: 40 1m klines, times are epoch milliseconds",
        "  note: comments above the rows (lines that begin with #), left out: 1",
        "  note: the rows are not in order of time; they are sorted",
        "  note: rows that are there twice, taken once: 5",
    ]
    assert_same(read_klines(open_database(url), "x", "BTC", "1m"), KLINES)


@pytest.mark.parametrize(
    ("kind", "content", "options"),
    [
        ("klines", text(BAD), []),
        ("mark", text(BAD), []),
        ("funding", f"time,funding_rate\n{START_MS},0.0001\n{START_MS + 9},x\n{START_MS + 10},0.0002\n", []),
        ("trades", f"time,price,size,side\n{START_MS},1,1,buy\n{START_MS + 9},x,1,buy\n{START_MS + 10},1,1,sell\n", []),
        ("bbo", f"time,bid,ask\n{START_MS},1,2\n{START_MS + 9},x,2\n{START_MS + 10},1,2\n", []),
        ("feature", f"time,mood\n{START_MS},1\n{START_MS + 9},x\n{START_MS + 10},1\n", ["--name", "mood"]),
        (
            "flow",
            "time,taker_buy_volume,taker_sell_volume,taker_buy_notional,taker_sell_notional\n"
            f"{START_MS},1,1,1,1\n{START_MS + 15_000},x,1,1,1\n{START_MS + 30_000},1,1,1,1\n",
            ["--stamped", "end"],
        ),
    ],
)
def test_every_kind_lists_the_bad_rows_that_it_leaves_out(
    url: str, tmp_path: Path, kind: str, content: str, options: list[str]
) -> None:
    path = tmp_path / "rows.csv"
    refused = imported(url, path, content, "--kind", kind, *options)
    assert refused.endswith("; --skip-bad-rows 1 leaves such a row out\n")
    told = imported(url, path, content, "--kind", kind, *options, "--skip-bad-rows", "1")
    assert sum(line.startswith("  note: row ") and line.endswith(": left out") for line in told.splitlines()) == 1


@pytest.mark.parametrize(
    ("options", "problem"),
    [
        (["--time-zone", "Moon"], "--time-zone 'Moon' is none"),
        (["--time-format", "today"], "--time-format 'today' has no %"),
        (["--skip-bad-rows", "-1"], "-1 is not in the range x>=0"),
        (["--keep", "all"], "'all' is not one of 'first', 'last'"),
        (["--kind", "funding", "--snap"], "--snap belongs to --kind klines and mark"),
        (["--column", "volume"], "write it as FIELD=COLUMN, with both sides"),
    ],
)
def test_options_that_say_nothing_are_refused(url: str, tmp_path: Path, options: list[str], problem: str) -> None:
    assert problem in imported(url, tmp_path / "klines.csv", text(lines(KLINES)), *options)
