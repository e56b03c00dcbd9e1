from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from sqlalchemy import Table, select

from adapters import main, open_database
from adapters.database import (
    market_asset_metrics,
    market_orderbook_snapshots,
    market_trades_aggregated,
    perp_funding,
    perp_mark_klines,
    stored_features,
)
from tests.support.databases import raw_database
from tests.support.kline_text import lines, text
from tests.support.klines import START_MS, random_klines

FLOW = "timestamp,taker_buy_volume,taker_sell_volume,taker_buy_notional,taker_sell_notional,vwap"
Import = Callable[..., Result]


@pytest.fixture
def imported(any_database_url: str) -> Import:
    """Import files of a kind into an empty database of each sort."""

    def imported(kind: str, *arguments: object) -> Result:
        names = ("--database", any_database_url, "--exchange", "Binance", "--symbol", "BTC")
        command = ["import", "--kind", kind, *map(str, arguments), *names]
        return CliRunner().invoke(main, command, catch_exceptions=False)

    return imported


def csv(path: Path, header: str, *rows: str) -> Path:
    path.write_text("\n".join([header, *rows]) + "\n")
    return path


def trades(path: Path, *offsets_ms: int) -> Path:
    rows = (f"{START_MS + offset},{100 + offset / 1000},2,{'buy' if offset % 2 else 'sell'}" for offset in offsets_ms)
    return csv(path, "time,price,size,side", *rows)


def stored(url: str, table: Table, *names: str) -> list[tuple[object, ...]]:
    database = open_database(url)
    columns = [table.c[name] for name in ("exchange", "symbol", "timestamp", *names)]
    with database.reading() as connection:
        found = connection.execute(select(*columns).order_by(table.c.timestamp)).all()
    assert all(row[:2] == ("binance", "BTC") for row in found)
    return [(row[2] - START_MS, *row[3:]) for row in found]


def counts(result: Result) -> list[str]:
    assert result.exit_code == 0, result.output
    return [line.strip() for line in result.stdout.splitlines() if " inserted" in line]


def test_funding_rates_are_stored_once(imported: Import, any_database_url: str, tmp_path: Path) -> None:
    rows = (f"{START_MS + 48},0.0001,42000.5", f"{START_MS + 28_800_388},-0.00025,")
    path = csv(tmp_path / "funding.csv", "time,funding_rate,mark_price", *rows)
    first = imported("funding", path)
    assert first.stdout.splitlines()[0] == f"{path}: 2 funding rates, times are epoch milliseconds"
    assert "  perp_funding: 2024-01-01 00:00:00 UTC to 2024-01-01 08:00:00 UTC" in first.stdout.splitlines()
    assert counts(first) == ["2 rows: 2 inserted, 0 changed, 0 unchanged"]
    assert counts(imported("funding", path)) == ["2 rows: 0 inserted, 0 changed, 2 unchanged"]
    expected = [(48, 0.0001, 42000.5), (28_800_388, -0.00025, None)]
    assert stored(any_database_url, perp_funding, "funding_rate", "mark_price") == expected
    csv(path, "time,funding_rate", f"{START_MS + 48},0.0002")
    assert counts(imported("funding", path)) == ["1 rows: 0 inserted, 1 changed, 0 unchanged"]
    assert stored(any_database_url, perp_funding, "funding_rate", "mark_price")[0] == (48, 0.0002, 42000.5)


def test_funding_rates_are_stored_in_the_unit_of_the_table(
    imported: Import, any_database_url: str, tmp_path: Path
) -> None:
    """A platform's table has seconds, in a column that takes no ms on PostgreSQL."""
    open_database(any_database_url, create=True)
    with raw_database(any_database_url) as raw:
        kind = "serial" if any_database_url.startswith("postgresql") else "integer"
        raw.execute(
            f"create table perp_funding (id {kind} primary key, exchange varchar(20), symbol varchar(20),"
            " timestamp integer, funding_rate double precision, mark_price double precision,"
            " created_at timestamp default current_timestamp, unique (exchange, symbol, timestamp))"
        )
    rows = (f"{START_MS + 48},0.0001,42000.5", f"{START_MS + 28_800_388},-0.00025,")
    path = csv(tmp_path / "funding.csv", "time,funding_rate,mark_price", *rows)
    assert counts(imported("funding", path)) == ["2 rows: 2 inserted, 0 changed, 0 unchanged"]
    assert counts(imported("funding", path)) == ["2 rows: 0 inserted, 0 changed, 2 unchanged"]
    with raw_database(any_database_url) as raw:
        found = raw.execute("select timestamp, funding_rate from perp_funding order by timestamp")
    assert found == [(START_MS // 1_000, 0.0001), (START_MS // 1_000 + 28_800, -0.00025)]
    near = csv(tmp_path / "near.csv", "time,funding_rate", f"{START_MS + 48},0.0001", f"{START_MS + 50},0.0002")
    refused = imported("funding", near)
    assert refused.exit_code == 1
    assert "perp_funding.timestamp is in seconds, and two of the rows fall into one" in refused.output


def test_flow_rows_fill_three_tables_in_one_go(imported: Import, any_database_url: str, tmp_path: Path) -> None:
    path = csv(
        tmp_path / "flow.csv",
        f"{FLOW},mark_price,bid,ask,taker_buy_count,taker_sell_count",
        f"{START_MS},1,2,100,200,100,101,99,100,3,4",
        f"{START_MS + 15_000},0,0,0,0,,102,,,0,0",
    )
    arguments = ("flow", path, "--stamped", "start")
    assert counts(imported(*arguments)) == ["2 rows: 2 inserted, 0 changed, 0 unchanged"] * 3
    assert counts(imported(*arguments)) == ["2 rows: 0 inserted, 0 changed, 2 unchanged"] * 3
    names = ("taker_sell_notional", "taker_buy_count", "vwap", "high_price", "large_buy_count")
    expected = [(15_000, 200, 3, 100, None, 0), (30_000, 0, 0, None, None, 0)]
    assert stored(any_database_url, market_trades_aggregated, *names) == expected
    assert stored(any_database_url, market_asset_metrics, "mark_price", "funding_rate") == [
        (15_000, 101, None),
        (30_000, 102, None),
    ]
    book = stored(any_database_url, market_orderbook_snapshots, "best_bid", "spread", "bid_depth_5")
    assert book == [(15_000, 99, 1, 0), (30_000, None, None, 0)]


def test_trades_become_rows(imported: Import, any_database_url: str, tmp_path: Path) -> None:
    path = trades(tmp_path / "trades.csv", 1, 14_000, 15_000, 15_001)
    result = imported("trades", path)
    assert result.stdout.splitlines()[0] == f"{path}: 4 trades, times are epoch milliseconds"
    assert counts(result) == ["2 rows: 2 inserted, 0 changed, 0 unchanged"]
    names = ("taker_buy_volume", "taker_sell_volume", "taker_buy_count", "taker_sell_count", "high_price")
    assert stored(any_database_url, market_trades_aggregated, *names) == [
        (15_000, 2, 4, 1, 2, 115),
        (30_000, 2, 0, 1, 0, 115.001),
    ]
    assert counts(imported("trades", path)) == ["2 rows: 0 inserted, 0 changed, 2 unchanged"]


def test_a_row_that_two_files_share_is_not_half_replaced(
    imported: Import, any_database_url: str, tmp_path: Path
) -> None:
    early = trades(tmp_path / "1.csv", 1, 14_000, 16_000)
    late = trades(tmp_path / "2.csv", 17_000, 31_000)
    imported("trades", early)
    before = stored(any_database_url, market_trades_aggregated, "taker_sell_volume")
    refused = imported("trades", late)
    assert refused.exit_code == 1
    assert refused.stdout == ""
    assert "the row of market_trades_aggregated at 2024-01-01 00:00:30 UTC is stored with another" in refused.stderr
    assert "in one command, or replace it with --overwrite" in refused.stderr
    assert refused.stderr.count("\n") == 1
    assert stored(any_database_url, market_trades_aggregated, "taker_sell_volume") == before
    both = imported("trades", early, late)
    assert counts(both) == ["2 rows: 1 inserted, 1 changed, 0 unchanged"]
    assert "1 file was imported before: not read again" in both.stdout
    assert [row[0] for row in stored(any_database_url, market_trades_aggregated)] == [15_000, 30_000, 45_000]
    assert counts(imported("trades", late, "--overwrite")) == ["2 rows: 0 inserted, 1 changed, 1 unchanged"]


def test_quotes_become_snapshots(imported: Import, any_database_url: str, tmp_path: Path) -> None:
    path = csv(tmp_path / "bbo.csv", "time,bid,ask", f"{START_MS},100,100.1", f"{START_MS + 16_000},101,101.5")
    assert counts(imported("bbo", path)) == ["2 rows: 2 inserted, 0 changed, 0 unchanged"]
    assert counts(imported("bbo", path)) == ["2 rows: 0 inserted, 0 changed, 2 unchanged"]
    names = ("best_bid", "best_ask", "spread", "bid_depth_5", "ask_depth_10")
    expected = [(0, 100, 100.1, 0.1, 0, 0), (15_000, 100, 100.1, 0.1, 0, 0)]
    assert stored(any_database_url, market_orderbook_snapshots, *names) == expected


def test_mark_prices_leave_other_metrics_as_they_are(imported: Import, any_database_url: str, tmp_path: Path) -> None:
    klines = random_klines(3)
    mark = tmp_path / "mark.csv"
    mark.write_text(text(lines(klines)))
    flow = csv(tmp_path / "flow.csv", f"{FLOW},open_interest", f"{START_MS + 60_000},1,1,100,100,100,7000")
    imported("flow", flow, "--stamped", "end")
    assert counts(imported("mark", mark)) == [
        "3 rows: 2 inserted, 1 changed, 0 unchanged",
        "3 rows: 3 inserted, 0 changed, 0 unchanged",
    ]
    assert stored(any_database_url, market_asset_metrics, "mark_price", "open_interest") == [
        (60_000, klines.close[0], 7000),
        (120_000, klines.close[1], None),
        (180_000, klines.close[2], None),
    ]


def test_klines_of_the_mark_price_keep_their_high_and_low(
    imported: Import, any_database_url: str, tmp_path: Path
) -> None:
    klines, path = random_klines(5), tmp_path / "mark.csv"
    names = ("open_price", "high_price", "low_price", "close_price")
    path.write_text(text(lines(klines.slice(0, 4))))
    first = imported("mark", path)
    assert "  perp_mark_klines: 2024-01-01 00:00:00 UTC to 2024-01-01 00:03:00 UTC" in first.stdout.splitlines()
    assert "  market_asset_metrics: 2024-01-01 00:01:00 UTC to 2024-01-01 00:04:00 UTC" in first.stdout.splitlines()
    rows = list(zip(*(column[:4].tolist() for column in klines.figures[:4]), strict=True))
    kept = [(place * 60_000, *row) for place, row in enumerate(rows)]
    assert stored(any_database_url, perp_mark_klines, *names) == kept
    higher = replace(klines, high=klines.high * [1, 1, 1, 1.5, 1]).slice(2, 5)
    path.write_text(text(lines(higher)))
    assert counts(imported("mark", path)) == [
        "3 rows: 1 inserted, 0 changed, 2 unchanged",
        "3 rows: 1 inserted, 1 changed, 1 unchanged",
    ]
    assert stored(any_database_url, perp_mark_klines, "high_price")[3] == (180_000, higher.high[1])


def test_klines_of_one_of_several_series(imported: Import, tmp_path: Path) -> None:
    rows = [f"{line},{coin}" for line in lines(random_klines(4)) for coin in ("BTC", "ETH")]
    path = csv(tmp_path / "klines.csv", "timestamp_ms,open,high,low,close,volume,coin", *rows)
    assert "rows of one of several series are chosen by a column" in imported("klines", path).stderr
    assert counts(imported("klines", path, "--where", "coin=ETH")) == [
        "klines    4 read: 4 inserted, 0 changed, 0 unchanged"
    ]


def test_one_bad_file_of_several_leaves_nothing(imported: Import, any_database_url: str, tmp_path: Path) -> None:
    good = csv(tmp_path / "good.csv", "time,funding_rate", f"{START_MS},0.0001")
    bad = csv(tmp_path / "bad.csv", "time,funding_rate", f"{START_MS},x")
    result = imported("funding", good, bad)
    assert result.exit_code == 1
    assert result.stderr == f"Error: {bad}, row 1, column funding_rate: 'x' is not a number\n"
    if any_database_url.startswith("sqlite"):
        assert not (tmp_path / "market.db").exists()


def test_features_of_symbols_and_of_all(any_database_url: str, tmp_path: Path) -> None:
    mood = csv(tmp_path / "mood.csv", "time,coin,up,down", *(f"{START_MS + 60_000 * n},BTC,{n},{-n}" for n in range(3)))
    fear = csv(tmp_path / "fear.csv", "time,fear", f"{START_MS},0.5")

    def imported(name: str, path: Path, *arguments: str) -> Result:
        names = ("--database", any_database_url, "--exchange", "Binance", "--kind", "feature", "--name", name)
        return CliRunner().invoke(main, ["import", str(path), *names, *arguments], catch_exceptions=False)

    assert counts(imported("mood", mood)) == ["3 values: 3 inserted, 0 changed, 0 unchanged"] * 2
    found = imported("fear", fear)
    assert counts(found) == ["1 values: 1 inserted, 0 changed, 0 unchanged"]
    assert "fear of every symbol: 2024-01-01 00:00:00 UTC to 2024-01-01 00:00:00 UTC" in found.stdout
    changed = csv(tmp_path / "fear.csv", "time,fear", f"{START_MS},0.75", f"{START_MS + 1},1")
    assert counts(imported("fear", changed)) == ["2 values: 1 inserted, 1 changed, 0 unchanged"]
    assert counts(imported("fear", changed, "--symbol", "BTC")) == ["2 values: 2 inserted, 0 changed, 0 unchanged"]
    assert [tuple(each) for each in stored_features(open_database(any_database_url))] == [
        ("binance", "*", "fear", 2, START_MS, START_MS + 1),
        ("binance", "BTC", "fear", 2, START_MS, START_MS + 1),
        ("binance", "BTC", "mood.down", 3, START_MS, START_MS + 120_000),
        ("binance", "BTC", "mood.up", 3, START_MS, START_MS + 120_000),
    ]


def test_a_bad_file_of_features_leaves_nothing(any_database_url: str, tmp_path: Path) -> None:
    good, bad = (csv(tmp_path / f"{name}.csv", "time,x", f"{START_MS},{name}") for name in ("1", "bad"))
    names = ("--database", any_database_url, "--exchange", "x", "--kind", "feature", "--name", "mood")
    result = CliRunner().invoke(main, ["import", str(good), str(bad), *names])
    assert result.exit_code == 1
    assert result.stderr == f"Error: {bad}, row 1, column x: 'bad' is not a number\n"
    if any_database_url.startswith("sqlite"):
        assert not (tmp_path / "market.db").exists()


def test_every_other_kind_needs_a_symbol_where_the_name_tells_none(tmp_path: Path) -> None:
    command = ["import", "x.csv", "--database", f"sqlite:///{tmp_path / 'market.db'}", "--exchange", "x"]
    result = CliRunner().invoke(main, command)
    assert result.exit_code == 1
    assert "x.csv: its name does not tell the symbol: say it with --symbol, for example --symbol BTC" in result.stderr


@pytest.mark.parametrize(
    ("arguments", "problem"),
    [
        (("--kind", "feature"), "say with --name what the feature is called"),
        (("--name", "mood"), "--name belongs to --kind feature"),
        (("--kind", "feature", "--name", "mood", "--stamped", "end"), "--stamped belongs to --kind flow"),
        (("--kind", "flow"), "say with --stamped start or --stamped end"),
        (("--kind", "trades", "--stamped", "end"), "--stamped belongs to --kind flow"),
        (("--kind", "funding", "--period", "1m"), "--period belongs to --kind klines and mark"),
        (("--overwrite",), "--overwrite belongs to --kind trades"),
        (("--where", "coin"), "write it as COLUMN=VALUE"),
        (("--kind", "ticks"), "'ticks' is not one of"),
    ],
)
def test_options_that_make_no_sense_are_bad_usage(tmp_path: Path, arguments: tuple[str, ...], problem: str) -> None:
    url = f"sqlite:///{tmp_path / 'market.db'}"
    command = ["import", "x.csv", "--database", url, "--exchange", "x", "--symbol", "BTC", *arguments]
    result = CliRunner().invoke(main, command)
    assert result.exit_code == 2
    assert problem in result.stderr
    assert not (tmp_path / "market.db").exists()


@pytest.mark.parametrize(
    ("kind", "name", "arguments", "rows"),
    [
        ("funding", "hyperliquid_BTC_funding_1h", (), 18_778),
        ("funding", "binance_um_BTCUSDT_funding_8h_2019_2026", (), 7_323),
        ("funding", "multi_exchange_spot_perp_funding_2023_2024", ("exchange=okx", "pair=BTCUSDT"), 1_642),
        ("flow", "flow/binance_spot_XRPETH_flow15s_201910", (), 14_238),
        ("trades", "flow/binance_um_BTCUSDT_trades_20240808", (), 23),
        ("trades", "flow/binance_spot_XRPETH_aggtrades_201910", (), 4_356),
        ("bbo", "flow/binance_um_BTCUSDT_bbo_20240808", (), 23),
    ],
)
def test_real_files_go_in_and_importing_twice_changes_nothing(
    imported: Import, shared_data: Path, kind: str, name: str, arguments: tuple[str, ...], rows: int
) -> None:
    extra = [word for condition in arguments for word in ("--where", condition)]
    if kind == "flow":
        extra += ["--stamped", "start"]
    path = shared_data / f"{name}.parquet"
    assert counts(imported(kind, path, *extra))[0] == f"{rows:,} rows: {rows:,} inserted, 0 changed, 0 unchanged"
    assert counts(imported(kind, path, *extra))[0] == f"{rows:,} rows: 0 inserted, 0 changed, {rows:,} unchanged"
