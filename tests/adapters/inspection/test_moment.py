"""`perpsim look`: what a program would have seen at an instant."""

from __future__ import annotations

import json

from click.testing import CliRunner

from adapters import main, open_database, write_klines
from adapters.database import FeatureRows, write_features
from engine import TimedValues
from tests.support.runs import MINUTE, START, walk

MARKET = ("--exchange", "bitfinex", "--symbol", "BTC")


def stored(url: str) -> str:
    write_klines(open_database(url, create=True), "bitfinex", "BTC", "1m", walk(3_000))
    return url


def test_a_program_sees_at_a_time_only_what_had_closed(any_database_url: str) -> None:
    at = START + 500 * MINUTE + 30_000
    done = CliRunner().invoke(
        main, ["look", "--database", stored(any_database_url), *MARKET, "--at", str(at), "--period", "1m", "--json"]
    )
    assert done.exit_code == 0, done.output
    (entry,) = json.loads(done.stdout)
    columns = walk(3_000)
    assert entry["price"] == columns.close[499]
    assert entry["1m"]["klines"][-1]["timestamp"] * 1_000 == START + 499 * MINUTE
    assert set(entry) == {"t", "symbol", "price", "market", "1m"}
    assert set(entry["1m"]) == {"flow", "indicator", "regime", "change", "klines"}


def test_features_stand_beside_the_price(any_database_url: str) -> None:
    url = stored(any_database_url)
    times = [START + 10 * MINUTE, START + 20 * MINUTE]
    parts = [
        FeatureRows("*", name, TimedValues(times[at:], [0.5, 0.25][at:])) for at, name in ((0, "mood"), (1, "late"))
    ]
    write_features(open_database(url), "bitfinex", parts)
    command = ["look", "--database", url, *MARKET, "--at", str(START + 15 * MINUTE), "--period", "1m"]
    (entry,) = json.loads(CliRunner().invoke(main, [*command, "--json"]).stdout)
    seen = {"value": 0.5, "time": times[0], "values": [0.5], "times": times[:1]}
    assert entry["features"] == {"late": {}, "mood": seen}
    shown = CliRunner().invoke(main, command).stdout
    assert "feature mood" in shown
    assert "feature late" in shown


def test_the_tables_name_every_period_and_query(any_database_url: str) -> None:
    instant = "2024-01-01T05:00:30+01:00"
    done = CliRunner().invoke(main, ["look", "--database", stored(any_database_url), *MARKET, "--at", instant])
    assert done.exit_code == 0, done.output
    for text in ("BTC as known at 2024-01-01 04:00:30 UTC", "Period 5m", "Period 1h", "RSI14", "flow CVD", "regime"):
        assert text in done.stdout


def test_a_wrong_exchange_symbol_or_time_says_what_to_do(any_database_url: str) -> None:
    url = stored(any_database_url)
    cases = [
        (("--exchange", "kraken", "--symbol", "BTC", "--at", str(START)), 1, "bitfinex"),
        (("--exchange", "bitfinex", "--symbol", "XBT", "--at", str(START)), 1, "bitfinex"),
        ((*MARKET, "--at", "2024-01-01T00:00:00"), 2, "no time zone"),
        ((*MARKET, "--at", "tomorrow"), 2, "no ISO time"),
        ((*MARKET, "--at", "2031-01-01T00:00:00Z"), 1, "stored: 1m from 2024-01-01"),
    ]
    for arguments, status, text in cases:
        done = CliRunner().invoke(main, ["look", "--database", url, *arguments])
        assert (done.exit_code, text in done.output) == (status, True), done.output
