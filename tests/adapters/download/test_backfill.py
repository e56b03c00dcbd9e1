from __future__ import annotations

import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner, Result
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select

import adapters
from adapters import Database, main, open_database, read_klines, write_klines
from adapters.database import perp_funding
from adapters.download import Span, Target, Venue, funding_download, kline_download
from adapters.download.backfill import missing_funding, missing_klines
from engine import DataError, KlineColumns
from tests.support.databases import raw_database
from tests.support.klines import START_MS, assert_same, random_klines
from tests.support.venue_server import HOUR_MS, TestVenue, answered, dropped, running_venue, too_many

pytest.importorskip("ccxt", reason="ccxt is in perpsim[download]")

ROOT = Path(adapters.__file__).parents[1]
MINUTE_MS = 60_000
MARKET = "BTC/USDT:USDT"
PAGE = 500
WHOLE = Span(START_MS, START_MS + 3000 * MINUTE_MS)


@pytest.fixture
def server() -> Iterator[TestVenue]:
    with running_venue(TestVenue()) as venue:
        yield venue


@pytest.fixture
def pauses() -> list[float]:
    return []


@pytest.fixture
def venue(server: TestVenue, pauses: list[float]) -> Venue:
    return Venue("binanceusdm", MARKET, server.url, sleep=pauses.append)


@pytest.fixture
def target(any_database_url: str) -> Target:
    return Target(open_database(any_database_url, create=True), "binance", "BTC")


def download(target: Target, venue: Venue, span: Span = WHOLE) -> int:
    return sum(page.stored for page in kline_download(target, venue, "1m", span).run())


def stored_klines(target: Target) -> KlineColumns:
    return read_klines(target.database, target.exchange, target.symbol, "1m")


def stored_funding(database: Database) -> list[tuple[int, float, float]]:
    c = perp_funding.c
    with database.reading() as connection:
        columns = database.read_columns(
            connection, select(c.timestamp, c.funding_rate, c.mark_price).order_by(c.timestamp)
        )
    return list(zip(*(column.tolist() for column in columns.values()), strict=True))


def starts(server: TestVenue) -> list[int]:
    return [(int(query["startTime"]) - START_MS) // MINUTE_MS for query in server.requests]


def test_klines_come_in_pages_bit_for_bit(server: TestVenue, venue: Venue, target: Target) -> None:
    assert download(target, venue) == 3000
    assert_same(stored_klines(target), server.klines)
    assert starts(server) == list(range(0, 3000, PAGE))


def test_what_is_stored_is_neither_fetched_nor_changed(server: TestVenue, venue: Venue, target: Target) -> None:
    mine = random_klines(3000, seed=9)
    for start, stop in ((0, 500), (600, 650), (2000, 2990)):
        write_klines(target.database, "binance", "BTC", "1m", mine.slice(start, stop))
    assert download(target, venue) == 3000 - 500 - 50 - 990
    assert starts(server) == [500, 650, 1150, 1650, 2990]
    found = stored_klines(target)
    assert_same(found.slice(600, 650), mine.slice(600, 650))
    assert_same(found.slice(650, 2000), server.klines.slice(650, 2000))
    server.requests.clear()
    assert download(target, venue) == 0
    assert server.requests == []


def test_the_forming_kline_is_never_stored(server: TestVenue, venue: Venue, target: Target) -> None:
    server.now_ms = START_MS + 100 * MINUTE_MS + 59_999
    assert download(target, venue) == 100
    server.now_ms += 1
    assert download(target, venue) == 1
    assert_same(stored_klines(target), server.klines.slice(0, 101))


def test_a_hole_of_the_venue_is_no_endless_loop(server: TestVenue, venue: Venue, target: Target) -> None:
    server.absent = set(server.klines.open_ms[1200:2900].tolist())
    assert download(target, venue) == 1300
    assert download(target, venue) == 0
    server.absent = set(server.klines.open_ms.tolist())
    assert download(target, venue, Span(START_MS - 5000 * MINUTE_MS, START_MS)) == 0


def test_an_empty_page_is_not_the_end(server: TestVenue, venue: Venue, target: Target) -> None:
    server.faults = [None, answered("[]")]
    assert download(target, venue) == 3000 - PAGE
    assert starts(server) == list(range(0, 3000, PAGE))
    assert download(target, venue) == PAGE
    assert_same(stored_klines(target), server.klines)


def test_an_overloaded_venue_is_asked_again_when_it_says(
    server: TestVenue, venue: Venue, target: Target, pauses: list[float]
) -> None:
    server.faults = [too_many(7), too_many(0), None, too_many(100_000)]
    assert download(target, venue) == 3000
    assert pauses == [7, 2, 300]
    assert starts(server)[:6] == [0, 0, 0, PAGE, PAGE, 2 * PAGE]


def test_a_dropped_connection_is_tried_again(
    server: TestVenue, venue: Venue, target: Target, pauses: list[float]
) -> None:
    server.faults = [dropped, answered("busy", 503), None, dropped]
    assert download(target, venue) == 3000
    assert pauses == [1, 2, 1]


def test_patience_ends_with_what_is_complete(
    server: TestVenue, venue: Venue, target: Target, pauses: list[float]
) -> None:
    server.faults = [None, *[dropped] * 6]
    with pytest.raises(DataError) as caught:
        download(target, venue)
    text = str(caught.value)
    assert text.startswith("binanceusdm does not answer after 6 attempts: ")
    assert text.endswith("; stored is what came before 2024-01-01 08:20:00 UTC: the same command goes on from there")
    assert "\n" not in text
    assert pauses == [1, 2, 4, 8, 16]
    assert_same(stored_klines(target), server.klines.slice(0, PAGE))
    server.requests.clear()
    assert download(target, venue) == 3000 - PAGE
    assert starts(server) == list(range(PAGE, 3000, PAGE))


def kline(opened: int = START_MS, *values: str) -> str:
    cells = ", ".join(f'"{value}"' for value in values or ("10", "12", "9", "11", "5"))
    return f"[{opened}, {cells}, {opened + 59_999}]"


@pytest.mark.parametrize(
    ("answer", "problem"),
    [
        ("<html>maintenance</html>", "sent something else than data: <html>maintenance</html>"),
        ("", "sent something else than data"),
        ("[1, 2, 3]", "sent something else than data"),
        ("[[1704067200000]]", "without all of their values"),
        (f"[{kline(START_MS, '10', '12', '9', '', '5')}]", "without all of their values"),
        (f"[{kline(START_MS, '10', '12', '9', 'abc', '5')}]", "without all of their values|cannot be read"),
        (f"[{kline(START_MS, '10', '9', '12', '11', '5')}]", "impossible kline at 2024-01-01 00:00:00 UTC"),
        (f"[{kline(START_MS, '10', '12', '0', '11', '5')}]", "impossible kline at 2024-01-01 00:00:00 UTC"),
        (f"[{kline(START_MS)}, {kline(START_MS)}]", "impossible kline at 2024-01-01 00:00:00 UTC"),
        (f"[{kline(START_MS + 1)}]", "impossible kline at 2024-01-01 00:00:00 UTC"),
        ('{"code": -1121, "msg": "Invalid symbol."}', "refuses: binanceusdm"),
    ],
)
def test_a_malformed_answer_is_an_error_and_nothing_of_it_is_stored(
    server: TestVenue, venue: Venue, target: Target, answer: str, problem: str
) -> None:
    server.faults = [answered(answer)]
    with pytest.raises(DataError, match=problem) as caught:
        download(target, venue)
    assert "\n" not in str(caught.value)
    assert len(stored_klines(target)) == 0


def test_funding_rates_come_with_their_very_times(server: TestVenue, venue: Venue, target: Target) -> None:
    server.now_ms = START_MS + 60 * 8 * HOUR_MS
    span = Span(START_MS, server.now_ms)
    assert sum(page.stored for page in funding_download(target, venue, span).run()) == 60
    assert stored_funding(target.database) == [(time, float(rate), float(mark)) for time, rate, mark in server.funding]
    server.requests.clear()
    assert funding_download(target, venue, span).missing == []
    assert server.requests == []


def test_funding_rates_fill_only_holes(server: TestVenue, venue: Venue, target: Target) -> None:
    server.now_ms = START_MS + 60 * 8 * HOUR_MS
    span = Span(START_MS, server.now_ms)
    everything = server.funding
    server.funding = everything[5:20] + everything[40:50]
    assert sum(page.stored for page in funding_download(target, venue, span).run()) == 25
    # another source stamps the same payments some milliseconds differently
    server.funding = [(time + 5, rate, mark) for time, rate, mark in everything]
    server.requests.clear()
    assert sum(page.stored for page in funding_download(target, venue, span).run()) == 35
    asked = [(int(query["startTime"]) - START_MS) / (8 * HOUR_MS) for query in server.requests]
    assert asked == pytest.approx([0, 19, 49], abs=1e-4)
    assert len(stored_funding(target.database)) == 60


@given(st.sets(st.integers(0, 60)), st.integers(0, 30), st.integers(30, 60), st.integers(1, 20))
def test_every_missing_kline_is_in_one_span_and_no_span_is_for_nothing(
    stored: set[int], start: int, stop: int, page: int
) -> None:
    times = np.array(sorted(minute for minute in stored if start <= minute < stop), np.int64) * MINUTE_MS
    span = Span(start * MINUTE_MS, stop * MINUTE_MS)
    spans = missing_klines(times, span, MINUTE_MS, page * MINUTE_MS)
    missing = set(range(span.start_ms, span.stop_ms, MINUTE_MS)) - set(times.tolist())
    covered = [minute for one in spans for minute in range(one.start_ms, one.stop_ms, MINUTE_MS)]
    assert len(covered) == len(set(covered))
    assert missing <= set(covered)
    for one in spans:
        assert {one.start_ms, one.stop_ms - MINUTE_MS} <= missing


@pytest.mark.parametrize(
    ("stored_h", "spans_h"),
    [
        ([], [(0, 100)]),
        ([8], [(0, 100)]),
        ([0, 8, 16, 24, 32, 40, 48, 56, 64, 72, 80, 88, 96], []),
        ([8, 16, 24, 32, 40, 48, 56, 64, 72, 80, 88, 96], [(0, 8)]),
        ([0, 8, 16, 40, 48, 96], [(16, 40), (48, 96)]),
        ([0, 8, 16, 24, 25, 26, 27, 29, 30, *range(31, 100)], [(27, 29)]),
        ([0, 8, 16, 24], [(24, 100)]),
        ([0, 90], [(0, 90)]),
    ],
)
def test_holes_among_payments_are_found(stored_h: list[int], spans_h: list[tuple[int, int]]) -> None:
    found = missing_funding(np.array(stored_h, np.int64) * HOUR_MS, Span(0, 100 * HOUR_MS))
    assert [(one.start_ms // HOUR_MS, one.stop_ms // HOUR_MS) for one in found] == spans_h


def perpsim(server: TestVenue, url: str, *arguments: object) -> list[str]:
    names = ["--database", url, "--venue", "binanceusdm", "--symbol", MARKET, "--url", server.url]
    return ["download", *names, "--start", "2024-01-01", *map(str, arguments)]


def run(command: list[str]) -> Result:
    return CliRunner().invoke(main, command, catch_exceptions=False)


def test_the_command_says_what_it_did(server: TestVenue, any_database_url: str) -> None:
    command = perpsim(server, any_database_url, "--end", "2024-01-02T12:00", "--exchange", "Binance")
    done = run(command)
    assert (done.exit_code, done.stderr) == (0, "")
    name = open_database(any_database_url).name
    assert done.stdout.splitlines() == [
        f"{name}: 1m klines of BTC on binance, from binanceusdm {MARKET}",
        "  range     2024-01-01 00:00:00 UTC to 2024-01-02 12:00:00 UTC",
        "  missing   one span from 2024-01-01 00:00:00 UTC to 2024-01-02 12:00:00 UTC",
        "  stored    2,160 new 1m klines",
    ]
    again = run(command)
    assert "  missing   nothing: all of it was stored already" in again.stdout
    funding = run(perpsim(server, any_database_url, "--kind", "funding", "--end", "2024-01-03", "--as", "XBT"))
    assert funding.stdout.splitlines()[0].endswith(f"funding rates of XBT on binanceusdm, from binanceusdm {MARKET}")
    assert funding.stdout.splitlines()[-1] == "  stored    6 new funding rates"


@pytest.mark.parametrize(
    ("changed", "status", "problem"),
    [
        ({"--venue": "binanceusd"}, 1, "ccxt knows no venue 'binanceusd'; there are binance, binancecoinm, binanceus"),
        ({"--symbol": "BTC/USDT"}, 1, "binanceusdm has no market 'BTC/USDT'; there are BTC/USDT:USDT"),
        ({"--end": "2023-01-01"}, 2, "is not before the end"),
        ({"--period": "7m"}, 2, "'7m' is not one of"),
        ({"--start": "soon"}, 2, "'soon' does not match"),
        ({"--exchange": "x" * 30}, 1, "is not a name of 1 to 20 characters"),
    ],
)
def test_what_cannot_be_downloaded_is_said_in_one_line(
    server: TestVenue, tmp_path: Path, changed: dict[str, str], status: int, problem: str
) -> None:
    extra = [word for pair in changed.items() for word in pair]
    done = run(perpsim(server, f"sqlite:///{tmp_path / 'market.db'}", *extra))
    assert done.exit_code == status
    assert problem in done.stderr
    assert not (tmp_path / "market.db").exists()
    assert status == 2 or done.stderr.count("\n") == 1


def test_without_ccxt_the_error_says_how_to_get_it(
    server: TestVenue, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "ccxt", None)
    done = run(perpsim(server, f"sqlite:///{tmp_path / 'market.db'}"))
    assert done.stderr == "Error: perpsim download needs ccxt: pip install 'perpsim[download]'\n"


def test_ctrl_c_leaves_what_is_complete(server: TestVenue, tmp_path: Path) -> None:
    reached, release = threading.Event(), threading.Event()

    def hang(handler: object) -> None:
        reached.set()
        release.wait(30)
        dropped(handler)  # type: ignore[arg-type]

    server.faults = [None, None, hang]
    url = f"sqlite:///{tmp_path / 'market.db'}"
    command = perpsim(server, url, "--end", "2024-01-03T02:00", "--exchange", "binance")
    running = subprocess.Popen(
        [sys.executable, "-m", "adapters", *command],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        assert reached.wait(60)
        running.send_signal(signal.SIGINT)
        _, stderr = running.communicate(timeout=20)
    finally:
        release.set()
        running.kill()
    assert (running.returncode, stderr) == (130, "Interrupted.\n")
    target = Target(open_database(url), "binance", "BTC")
    assert_same(stored_klines(target), server.klines.slice(0, 2 * PAGE))
    assert run(command).stdout.splitlines()[-1] == "  stored    2,000 new 1m klines"
    assert_same(stored_klines(target), server.klines)


def test_nothing_but_a_download_imports_ccxt() -> None:
    code = (
        "import sys, adapters, engine, processes, adapters.commands.run_command, adapters.commands.import_command\n"
        "[getattr(adapters, name) for name in adapters.__all__]\n"
        "import adapters.commands.download_command\n"
        "print('ccxt' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout == "False\n"


def test_a_venue_that_hangs_is_asked_again(
    server: TestVenue, venue: Venue, target: Target, pauses: list[float]
) -> None:
    def hang(handler: object) -> None:
        over.wait(30)
        dropped(handler)  # type: ignore[arg-type]

    over = threading.Event()
    venue._api.timeout = 1000
    server.faults = [hang]
    assert download(target, venue, Span(START_MS, START_MS + 10 * MINUTE_MS)) == 10
    over.set()
    assert pauses == [1]


def test_funding_goes_into_a_platforms_table_in_seconds_and_is_known_there(
    server: TestVenue, postgresql_url: str
) -> None:
    with raw_database(postgresql_url) as raw:
        raw.execute(
            "create table perp_funding (id serial primary key, exchange varchar(20), symbol varchar(20), "
            "timestamp integer, funding_rate double precision, mark_price double precision, "
            "created_at timestamp default current_timestamp, unique (exchange, symbol, timestamp))"
        )
        command = perpsim(server, postgresql_url, "--kind", "funding", "--end", "2024-01-03")
        assert run(command).stdout.splitlines()[-1] == "  stored    6 new funding rates"
        assert "  stored    0 new funding rates" in run(command).stdout.splitlines()
        found = [time for (time,) in raw.execute("select timestamp from perp_funding order by timestamp")]
    assert found == [START_MS // 1_000 + 28_800 * place for place in range(6)]


def test_a_platforms_table_of_few_decimals_refuses_unless_told(server: TestVenue, postgresql_url: str) -> None:
    with raw_database(postgresql_url) as raw:
        raw.execute(
            "create table perp_funding (id serial primary key, exchange varchar(20), symbol varchar(20), "
            "timestamp bigint, funding_rate numeric(18, 4), mark_price numeric(18, 6), "
            "created_at timestamp default current_timestamp, unique (exchange, symbol, timestamp))"
        )
    command = perpsim(server, postgresql_url, "--kind", "funding", "--end", "2024-01-03")
    refused = run(command)
    assert refused.exit_code == 1
    assert "--allow-rounding accepts that" in refused.stderr
    assert run([*command, "--allow-rounding"]).stdout.splitlines()[-1] == "  stored    6 new funding rates"


@pytest.mark.parametrize("kind", ["klines", "funding"])
def test_a_download_that_fails_before_it_stores_leaves_no_new_file(
    server: TestVenue, tmp_path: Path, kind: str
) -> None:
    server.now_ms = None  # type: ignore[assignment]
    done = run(perpsim(server, f"sqlite:///{tmp_path / 'new.db'}", "--kind", kind, "--end", "2024-01-02"))
    assert (done.exit_code, "when asked for the time" in done.stderr) == (1, True)
    assert list(tmp_path.iterdir()) == []
