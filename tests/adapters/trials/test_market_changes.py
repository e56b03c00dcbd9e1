"""A market that is cut at an instant is the one that is loaded for a run which ends then."""

from __future__ import annotations

import numpy as np
import pytest

from adapters import TableRows, create_database, load_market, open_database, write_klines, write_rows
from adapters.database import (
    BOOK,
    FLOW_COLUMNS,
    METRICS,
    TRADES,
    FeatureRows,
    mark_kline_rows,
    market_asset_metrics,
    market_orderbook_snapshots,
    market_trades_aggregated,
    perp_funding,
    write_features,
)
from adapters.trials import Ground, Job, Trial, TrialRunner, Until
from engine import BacktestConfig, Decision, TimedValues
from engine.market import aggregate
from engine.market.flow import LATEST_VALUES
from tests.support.klines import START_MS, random_klines

MINUTE, HOUR, DAY = 60_000, 3_600_000, 86_400_000
DAYS = 4
#: On a boundary of every period; inside a minute; in the back-filled minutes; before a rate that is stamped late.
ENDS = [2 * DAY, 2 * DAY + 7 * HOUR + 12_345, DAY + 5 * HOUR + 2 * MINUTE, 2 * DAY + 16 * HOUR]


class Curious:
    """Asks for whatever there is, keeps it, and trades."""

    def should_trade(self, data):
        known = [
            data.get_price("BTC"),
            *(data.get_flow("BTC", name, "5m") for name in ("CVD", "DEPTH", "OI", "FUNDING", "TAKER")),
            data.get_klines("BTC", "1h", 3),
            data.get_klines("BTC", "4h", 3),
            data.get_indicator("BTC", "RSI14", "15m"),
            data.get_feature("mood", "BTC", 3),
        ]
        data.record("known", float(sum(repr(known).encode())))
        held = data.positions.get("BTC")
        side = "sell" if held and held.side == "long" else "buy"
        return Decision(side, "BTC", target_portion_of_balance=0.4, leverage=2)


def table_rows(table, name, times, rng):
    columns = {column: 100.0 * (1.0 + rng.random(len(times))) for column in FLOW_COLUMNS[name]}
    for column in {"funding_rate"} & {*columns}:
        columns[column] = np.full(len(times), np.nan)
    if name == TRADES:
        columns["high_price"], columns["low_price"] = columns["vwap"] * 1.01, columns["vwap"] * 0.99
        columns["taker_sell_count"] = np.ones(len(times), np.int64)
        filled = (times >= START_MS + DAY + 5 * HOUR) & (times < START_MS + DAY + 6 * HOUR)
        columns["vwap"] = np.where(filled, np.nan, columns["vwap"])
        columns["taker_sell_count"][filled] = 0
    return TableRows(table, times, columns)


@pytest.fixture(scope="module")
def database(tmp_path_factory):
    stored = open_database(tmp_path_factory.mktemp("cut") / "market.db", create=True)
    create_database(stored)
    klines, rng = random_klines(DAYS * 1440), np.random.default_rng(3)
    write_klines(stored, "hyperliquid", "BTC", "1m", klines)
    write_klines(stored, "hyperliquid", "BTC", "1h", aggregate(klines, HOUR))
    write_klines(stored, "hyperliquid", "BTC", "4h", aggregate(random_klines(DAYS * 1440, seed=9), 4 * HOUR))
    times = START_MS + 15_000 * np.arange(1, DAYS * 5760, dtype=np.int64)
    in_filled = (times >= START_MS + DAY + 5 * HOUR) & (times < START_MS + DAY + 6 * HOUR)
    traded = times[~in_filled | (times % MINUTE == 0)]
    settled = START_MS + 8 * HOUR * np.arange(1, DAYS * 3, dtype=np.int64) + 20 * MINUTE  # each stamped late
    parts = [
        *mark_kline_rows(random_klines(DAYS * 1440, seed=4)),
        table_rows(market_trades_aggregated, TRADES, traded, rng),
        table_rows(market_orderbook_snapshots, BOOK, times[::4], rng),
        table_rows(market_asset_metrics, METRICS, times[::20], rng),
        TableRows(perp_funding, settled, {"funding_rate": 1e-3 * rng.standard_normal(len(settled))}),
    ]
    write_rows(stored, "hyperliquid", "BTC", parts)
    mood = TimedValues(START_MS + HOUR * np.arange(DAYS * 24), rng.random(DAYS * 24))
    write_features(stored, "hyperliquid", [FeatureRows("BTC", "mood", mood)])
    return stored


def config(end_ms, **more):
    return BacktestConfig(
        strategy=Curious, symbols=["BTC"], start_time=START_MS + 12 * HOUR, end_time=end_ms, scheduled_interval=900,
        warm_up="trade", **more,
    )  # fmt: skip


def columns_of(market):
    """Return every column that is in a market."""
    history = market.symbols["BTC"]
    klines = [history.series_of(length).columns for length in (MINUTE, HOUR, 4 * HOUR)]
    found = {f"{each.period_ms}": (each.open_ms, *each.figures) for each in klines}
    found["marks"] = (history.mark_klines.open_ms, *history.mark_klines.figures)
    found["mood"] = history.feature("mood").rows.timestamp_ms, history.feature("mood").rows.value
    for name in LATEST_VALUES:
        series = getattr(history.flow, name)
        found[name] = () if series is None else (series.rows.timestamp_ms, series.rows.value)
    for rows in (history.flow.trades, history.flow.book):
        names = ("timestamp_ms", *type(rows).__dataclass_fields__)
        found[type(rows).__name__] = tuple(getattr(rows, name) for name in names)
    found["filled"] = (history.flow.back_filled_ms,)
    return found


@pytest.mark.parametrize("end", ENDS)
def test_it_has_the_columns_that_are_loaded(database, end):
    whole = load_market(database, config(START_MS + DAYS * DAY))
    cut, loaded = (
        columns_of(Until(START_MS + end).applied(whole)),
        columns_of(load_market(database, config(START_MS + end))),
    )
    assert cut.keys() == loaded.keys()
    for name, columns in cut.items():
        for one, other in zip(columns, loaded[name], strict=True):
            np.testing.assert_array_equal(one, other, name)
        assert name == "filled" or not columns or len(columns[0]) < len(columns_of(whole)[name][0])
    late = START_MS + end + 25 * MINUTE
    assert all(
        not columns or columns[0][-1] <= (late if name == "funding_rate" else START_MS + end)
        for name, columns in cut.items()
    )


@pytest.mark.parametrize("end", ENDS)
@pytest.mark.parametrize("more", [{}, {"execution_price": "open", "watch_period": "15s"}, {"trigger_price": "mark"}])
def test_a_run_on_it_has_the_same_bytes(database, end, more):
    loaded = Ground(load_market(database, config(START_MS + end)))
    whole = Ground(load_market(database, config(START_MS + DAYS * DAY)))
    job = Job(config(START_MS + DAYS * DAY, **more), {"loaded": loaded, "": whole})
    fields = {"end_time": START_MS + end}
    with TrialRunner(job) as runner:
        apart, cut = (
            runner.result(each)
            for each in (Trial(0, fields, ground="loaded"), Trial(1, fields, change=Until(START_MS + end)))
        )
    assert apart.to_dict(timing=False) == cut.to_dict(timing=False)
    assert apart.digest == cut.digest
    assert cut.fills > 10
    assert cut.funding_payments > 0


def test_the_market_that_is_cut_stays_as_it_is(database):
    market = load_market(database, config(START_MS + DAYS * DAY))
    before = columns_of(market)
    Until(START_MS + DAY).applied(market)
    assert all(
        one is other or (one == other).all()
        for name in before
        for one, other in zip(before[name], columns_of(market)[name], strict=True)
    )
