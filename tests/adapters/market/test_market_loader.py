from __future__ import annotations

import pickle
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from sqlalchemy import insert

from adapters import (
    Database,
    TableRows,
    create_database,
    load_market,
    open_database,
    synthetic_klines,
    write_klines,
    write_rows,
)
from adapters.database import (
    BOOK,
    FLOW_COLUMNS,
    TRADES,
    mark_kline_rows,
    market_orderbook_snapshots,
    market_regime_configs,
    market_trades_aggregated,
    perp_funding,
)
from engine import BacktestConfig, ConfigurationError, KlineColumns, MarketHistory
from engine.market import aggregate
from tests.conftest import ROOT
from tests.support.klines import START_MS, assert_same, random_klines

DAY = 86_400_000
MINUTE = 60_000


def config(**changes: object) -> BacktestConfig:
    fields = {"code": "", "symbols": ["BTC"], "start_time": START_MS, "end_time": START_MS + DAY, **changes}
    return BacktestConfig(**fields)  # type: ignore[arg-type]


@pytest.fixture
def stored(tmp_path: Path) -> Database:
    database = open_database(tmp_path / "market.db", create=True)
    klines = random_klines(3 * 1440, start_ms=START_MS - DAY)
    write_klines(database, "hyperliquid", "BTC", "1m", klines)
    write_klines(database, "hyperliquid", "BTC", "1h", aggregate(klines, 60 * MINUTE))
    write_klines(database, "hyperliquid", "ETH", "5m", random_klines(600, period="5m"))
    write_klines(database, "binance", "SOL", "1m", random_klines(10))
    return database


def problems(database: Database, **changes: object) -> list[str]:
    with pytest.raises(ConfigurationError) as caught:
        load_market(database, config(**changes))
    return [problem.replace(database.name, "DB") for problem in caught.value.problems]


def until(klines: KlineColumns, end_ms: int) -> KlineColumns:
    return klines.slice(0, int((klines.open_ms <= end_ms).sum()))


@pytest.mark.parametrize("cache", [True, False])
def test_everything_up_to_the_end_is_loaded(stored: Database, cache: bool) -> None:
    klines = random_klines(3 * 1440, start_ms=START_MS - DAY)
    for _ in range(2):
        history = load_market(stored, config(), cache).symbols["BTC"]
        assert_same(history.base.columns, until(klines, START_MS + DAY))
        hours = history.series("1h")
        assert hours is not None
        assert int(hours.columns.open_ms[0]) == START_MS - DAY
        assert int(hours.columns.open_ms[-1]) == START_MS + DAY


def test_stored_longer_klines_count_where_their_minutes_are_not_all_there(tmp_path: Path) -> None:
    database = open_database(tmp_path / "market.db", create=True)
    minutes = random_klines(1440)
    parts = [minutes.slice(0, 600), minutes.slice(601, 1440)]  # the eleventh hour lacks its first minute
    write_klines(database, "hyperliquid", "BTC", "1m", parts)
    special = aggregate(random_klines(1440, seed=5), 60 * MINUTE)
    write_klines(database, "hyperliquid", "BTC", "1h", special)
    hours = load_market(database, config()).symbols["BTC"].series("1h")
    assert hours is not None
    ours = aggregate(minutes, 60 * MINUTE)
    for name in ("open", "high", "low", "close", "volume"):
        expected = getattr(ours, name).copy()
        expected[10] = getattr(special, name)[10]
        np.testing.assert_array_equal(getattr(hours.columns, name), expected)


def test_another_base_period_stands_for_minutes(stored: Database) -> None:
    market = load_market(stored, config(symbols=["ETH"], base_period="5m"))
    assert market.symbols["ETH"].base.period_ms == 5 * MINUTE
    market = load_market(stored, config(base_period="1h"))
    assert market.symbols["BTC"].base.period_ms == 60 * MINUTE
    assert market.symbols["BTC"].series("1m") is None


def test_a_run_has_the_klines_of_its_mark_price_and_shows_none_before_its_close(any_database: Database) -> None:
    klines, marks = random_klines(30), random_klines(30, seed=2)
    marks = replace(marks, high=marks.high * 1.1, low=marks.low * 0.9, volume=np.zeros(30))
    write_klines(any_database, "hyperliquid", "BTC", "1m", klines)
    write_rows(any_database, "hyperliquid", "BTC", mark_kline_rows(marks))
    end = START_MS + 20 * MINUTE
    market = load_market(any_database, config(end_time=end))
    loaded = market.symbols["BTC"].mark_klines
    assert loaded is not None
    assert_same(loaded, until(marks, end))
    for at in range(START_MS, end + 1, 15_000):
        closed = (at - START_MS) // MINUTE
        assert market.last_price("BTC", at, 60_000) == (marks.close[closed - 1] if closed else 0.0)


def test_every_symbol_that_cannot_be_used_is_named_with_what_is_stored(stored: Database) -> None:
    assert problems(stored, symbols=["BTC", "ETH", "SOL", "XRP"]) == [
        'symbols: ETH has no 1m klines on hyperliquid in DB; stored: 5m (base_period = "5m" would use those)',
        "exchange: DB holds no klines of SOL on hyperliquid, only on binance: SOL (1m) "
        '(exchange = "binance" would use those)',
        "symbols: DB holds no klines of XRP on hyperliquid; stored: binance: SOL (1m); "
        "hyperliquid: BTC (1m, 1h), ETH (5m)",
    ]


@pytest.mark.parametrize(("start", "end"), [(-3 * DAY, -DAY), (2 * DAY, 3 * DAY)])
def test_klines_outside_of_the_range_are_not_enough(stored: Database, start: int, end: int) -> None:
    (problem,) = problems(stored, start_time=START_MS + start, end_time=START_MS + end)
    assert problem.startswith("symbols: BTC has no 1m klines on hyperliquid between 20")
    assert problem.endswith(
        "; stored: 1m from 2023-12-31 00:00:00 UTC to 2024-01-02 23:59:00 UTC; "
        "1h from 2023-12-31 00:00:00 UTC to 2024-01-02 23:00:00 UTC"
    )


def test_the_klines_at_the_edges_of_the_range_count(stored: Database) -> None:
    last = START_MS + 2 * DAY - MINUTE
    assert load_market(stored, config(start_time=last + 30_000, end_time=last + DAY)).symbols
    assert problems(stored, start_time=last + MINUTE, end_time=last + DAY)
    first = START_MS - DAY
    assert load_market(stored, config(start_time=first - DAY, end_time=first + 1)).symbols
    assert problems(stored, start_time=first - DAY, end_time=first)


#: Writes everything that a run reads anew, again and again, in one transaction each: every value is the same number.
WRITER = """
import itertools, sys, time
from sqlalchemy import text
from adapters import open_database
database = open_database(sys.argv[1])
tables = {"crypto_klines": "volume", "market_trades_aggregated": "taker_buy_volume", "perp_funding": "funding_rate",
          "market_orderbook_snapshots": "bid_depth_5", "market_asset_metrics": "mark_price",
          "market_regime_configs": "trap_oi_z", "perp_mark_klines": "high_price"}
for value in itertools.count(1_000_000):
    with database.writing() as connection:
        for table, column in tables.items():
            connection.execute(text(f"update {table} set {column} = {value}"))
    print(value, flush=True)
    time.sleep(value % 5 / 200)
"""
SYMBOLS = ("BTC", "ETH")
LOADS = [pytest.param(20, id="small"), pytest.param(500, id="whole", marks=pytest.mark.soak)]


def fill_every_table(database: Database) -> None:
    create_database(database)
    times = START_MS + 15_000 * np.arange(1, 101, dtype=np.int64)
    ones = np.ones(len(times))
    for symbol in SYMBOLS:
        write_klines(database, "hyperliquid", symbol, "1m", random_klines(30))
        write_klines(database, "hyperliquid", symbol, "1h", random_klines(1, period="1h"))
        marks = mark_kline_rows(random_klines(30))
        taken = {**dict.fromkeys(FLOW_COLUMNS[TRADES], ones), "taker_sell_count": ones.astype(int)}
        depths = dict.fromkeys(FLOW_COLUMNS[BOOK], ones)
        flow = (TableRows(market_trades_aggregated, times, taken), TableRows(market_orderbook_snapshots, times, depths))
        payments = TableRows(perp_funding, times[:1], {"funding_rate": ones[:1]})
        write_rows(database, "hyperliquid", symbol, (*marks, *flow, payments))
    with database.writing() as connection:
        connection.execute(insert(market_regime_configs).values(name="mine", is_default=True, trap_oi_z=-1.0))


def numbers(history: MarketHistory) -> list[set[float]]:
    """The values of all that is loaded, one set for each column that the writer writes."""
    found = [{history.regime.trap_oi_z}]
    for known in history.symbols.values():
        hours, flow = known.series("1h"), known.flow
        assert hours is not None
        assert known.mark_klines is not None
        assert flow.trades is not None
        assert flow.book is not None
        assert flow.mark_price is not None
        assert flow.funding_rate is not None
        columns = (known.base.columns.volume, hours.columns.volume, known.mark_klines.high, flow.trades.buy_volume)
        columns += (flow.book.bid_depth, flow.mark_price.rows.value, flow.funding_rate.rows.value)
        found += [set(column.tolist()) for column in columns]
    return found


@pytest.mark.usefixtures("settled")
@pytest.mark.parametrize("loads", LOADS)
def test_everything_that_a_run_reads_is_of_one_state(any_database_url: str, loads: int) -> None:
    fill_every_table(open_database(any_database_url, create=True))
    database = open_database(any_database_url, read_only=True)
    wanted = config(symbols=list(SYMBOLS), end_time=START_MS + 30 * MINUTE)
    with subprocess.Popen([sys.executable, "-c", WRITER, any_database_url], cwd=ROOT, stdout=subprocess.PIPE) as writer:
        assert writer.stdout is not None
        writer.stdout.readline()
        found = [numbers(load_market(database, wanted, cache=bool(count % 3))) for count in range(loads)]
        assert writer.poll() is None
        writer.kill()
    mixed = sum(len(set.union(*load)) != 1 for load in found)
    states = len(set.union(*(set.union(*load) for load in found)))
    print(f"{loads} loads of {states} states, {mixed} mixed")
    assert len(found[0]) == 15
    assert not mixed
    assert states > loads / 4


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="reads the peak of memory from /proc")
def test_a_year_from_the_database_needs_less_than_250_mb(tmp_path: Path) -> None:
    database = open_database(tmp_path / "market.db", create=True)
    write_klines(database, "hyperliquid", "BTC", "1m", synthetic_klines("BTC", START_MS, 366 * 1440, 7))
    (tmp_path / "program.py").write_text(
        "class Dips:\n"
        "    def should_trade(self, data):\n"
        "        rsi = data.get_indicator('BTC', 'RSI14', '1h')['value']\n"
        "        if rsi > 30 or 'BTC' in data.positions:\n"
        "            return None\n"
        "        price = data.get_price('BTC')\n"
        "        return Decision('buy', 'BTC', target_portion_of_balance=0.5, leverage=2,\n"
        "                        take_profit_price=price * 1.02, stop_loss_price=price * 0.99)\n"
    )
    (tmp_path / "w1.toml").write_text(
        "strategy = 'program.py'\nsymbols = ['BTC']\nscheduled_interval = '1h'\n"
        "start_time = 2024-01-01T00:00:00Z\nend_time = 2025-01-01T00:00:00Z\n"
    )
    measure = (
        "import sys; from adapters import main\n"
        "try: main(sys.argv[1:], prog_name='perpsim')\n"
        "finally: print(*(line for line in open('/proc/self/status') if line.startswith('VmHWM')), file=sys.stderr)"
    )
    arguments = ["run", str(tmp_path / "w1.toml"), "--database", database.name, "--json", str(tmp_path / "result.json")]
    for _ in ("from the database", "from the cache"):
        done = subprocess.run(
            [sys.executable, "-c", measure, *arguments], cwd=ROOT, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stderr
        assert int(done.stderr.split()[1]) * 1024 < 250e6


def test_shorter_klines_are_loaded_for_drill_down_alone_and_tell_a_program_nothing(stored: Database) -> None:
    hourly = aggregate(random_klines(3 * 1440, start_ms=START_MS - DAY), 60 * MINUTE)
    write_klines(stored, "hyperliquid", "BTC", "1h", hourly)
    plain = load_market(stored, config(base_period="1h")).symbols["BTC"]
    drilled = load_market(stored, config(base_period="1h", drill_down=True)).symbols["BTC"]
    assert plain.finer == ()
    assert [columns.period_ms for columns in drilled.finer] == [MINUTE]
    assert drilled.finer[0].open_ms[-1] == START_MS + DAY
    assert drilled.series("1m") is None
    assert drilled.until(START_MS).finer[0].open_ms[-1] == START_MS
    copy = pickle.loads(pickle.dumps(drilled))
    assert_same(copy.finer[0], drilled.finer[0])
