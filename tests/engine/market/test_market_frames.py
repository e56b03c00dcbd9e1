"""A market from pandas frames as people have them: what is taken, what is said, and what is refused with a way out."""

from __future__ import annotations

import io
from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import pytest

from engine import DataError, FlowHistory, MarketHistory, TimedValues
from engine.market import ONE_SYMBOL
from engine.periods import HOUR_MS, MINUTE_MS

START_MS = 1_704_067_200_000
COUNT = 10
INDEX = pd.date_range("2024-01-01", periods=COUNT, freq="1h", tz="UTC")
EPOCH_NS = INDEX.as_unit("ns").asi8


def frame(**columns: Any) -> pd.DataFrame:
    """Ten hourly klines as yfinance titles them, with a column that nobody asked for."""
    rows = np.arange(COUNT, dtype=float)
    prices = {"Open": rows + 100, "High": rows + 102, "Low": rows + 99, "Close": rows + 101, "Volume": rows + 1}
    return pd.DataFrame({**prices, "Adj Close": 3.0, **columns}, index=INDEX)


def with_time(values: Any, title: str = "timestamp") -> pd.DataFrame:
    """The same with a column of times instead of an index."""
    return frame().reset_index(drop=True).assign(**{title: values})


def tickers(*names: str, swapped: bool = False) -> pd.DataFrame:
    """The same under tickers, as yfinance has it."""
    parts = []
    for name in names:
        part = frame()
        part.columns = pd.MultiIndex.from_tuples([(title, name) for title in part.columns], names=["Price", "Ticker"])
        parts.append(part.swaplevel(axis=1) if swapped else part)
    return pd.concat(parts, axis=1)


def moved(place: int, delta: str) -> pd.DataFrame:
    times = list(INDEX)
    times[place] += pd.Timedelta(delta)
    return frame().set_index(pd.DatetimeIndex(times))


GOOD: dict[str, Callable[[], pd.DataFrame]] = {
    "an index without a name": frame,
    "an index with a name": lambda: frame().rename_axis("Date"),
    "an index without a name that was in a CSV": lambda: pd.read_csv(io.StringIO(frame().to_csv())),
    "a column of its own beside row numbers that were in a CSV": lambda: pd.read_csv(
        io.StringIO(frame().reset_index(names="time").to_csv())
    ),
    "another time zone": lambda: frame().tz_convert("America/New_York"),
    "another writing": lambda: frame().rename(columns=str.upper),
    "letters": lambda: frame().rename(columns={"Open": "o", "High": "h", "Low": "l", "Close": "c", "Volume": "v"}),
    "seconds": lambda: with_time(EPOCH_NS // 10**9),
    "milliseconds": lambda: with_time(EPOCH_NS // 10**6),
    "microseconds": lambda: with_time(EPOCH_NS // 10**3),
    "nanoseconds": lambda: with_time(EPOCH_NS),
    "seconds as doubles": lambda: with_time((EPOCH_NS // 10**9).astype(float)),
    "milliseconds as texts": lambda: with_time((EPOCH_NS // 10**6).astype(str)),
    "an index of epoch times": lambda: with_time(EPOCH_NS // 10**6, "ts").set_index("ts"),
    "an index of epoch times without a name": lambda: frame().set_index(pd.Index(EPOCH_NS // 10**6)),
    "an index of texts": lambda: frame().set_index(pd.Index([each.isoformat() for each in INDEX], name="Date")),
    "texts with Z": lambda: with_time(INDEX.strftime("%Y-%m-%dT%H:%M:%SZ"), "Open Time"),
    "texts with UTC": lambda: with_time(INDEX.strftime("%Y-%m-%d %H:%M:%S UTC"), "date"),
    "datetimes": lambda: with_time(pd.Series(list(INDEX.to_pydatetime()), dtype=object), "date"),
    "a column of moments": lambda: with_time(INDEX, "Datetime"),
    "naive texts beside epoch times": lambda: with_time(INDEX.strftime("%F"), "date").assign(unix=EPOCH_NS // 10**9),
    "moments of pyarrow": lambda: with_time(
        pd.Series(INDEX.tz_convert("Asia/Tokyo")).astype("timestamp[us, tz=Asia/Tokyo][pyarrow]")
    ),
    "milliseconds as objects": lambda: with_time((EPOCH_NS // 10**6).astype(object)),
    "numbers as texts": lambda: frame().astype(str),
    "nullable numbers": lambda: frame().astype("Float64"),
    "a close above the high by a rounding": lambda: frame(High=np.arange(COUNT) + 101 - 1e-12),
}  # fmt: skip


@pytest.mark.parametrize("name", GOOD)
def test_frames_as_people_have_them_are_taken_without_a_word(name: str) -> None:
    market = MarketHistory.from_frames(GOOD[name]())
    (symbol,) = market.symbols
    klines = market.symbols[symbol].base.columns
    assert (symbol, klines.period_ms, market.remarks) == (ONE_SYMBOL, HOUR_MS, ())
    assert klines.open_ms.tolist() == [START_MS + hour * HOUR_MS for hour in range(COUNT)]
    assert klines.close.tolist() == [101.0 + row for row in range(COUNT)]
    assert klines.volume.tolist() == [1.0 + row for row in range(COUNT)]
    assert np.all(klines.high >= klines.close)


@pytest.mark.parametrize("swapped", [False, True])
def test_the_ticker_above_or_below_the_columns_is_the_symbol(swapped: bool) -> None:
    assert [*MarketHistory.from_frames(tickers("BTC-USD", swapped=swapped)).symbols] == ["BTC-USD"]
    assert [*MarketHistory.from_frames(tickers("BTC-USD"), "BTC").symbols] == ["BTC"]


SAID: dict[str, tuple[Callable[[], pd.DataFrame], list[str]]] = {
    "newest first": (
        lambda: frame().iloc[::-1],
        ["ASSET: the rows of the frame were not in order of time; they were sorted"],
    ),
    "rows twice": (
        lambda: frame().iloc[[0, 1, 1, 2, 2, 2, *range(3, COUNT)]],
        [
            "ASSET: 3 rows of the frame were there twice with the same values, the first at 2024-01-01 01:00:00 UTC; "
            "each counts once"
        ],
    ),
    "no volume": (
        lambda: frame().drop(columns="Volume"),
        ["ASSET: the frame has no column volume: the volume of every kline is taken as 0"],
    ),
}


@pytest.mark.parametrize("name", SAID)
def test_what_is_done_to_a_frame_is_said(name: str) -> None:
    make, remarks = SAID[name]
    market = MarketHistory.from_frames(make())
    assert list(market.remarks) == remarks
    assert market.symbols[ONE_SYMBOL].base.columns.close.tolist() == [101.0 + row for row in range(COUNT)]


def conflicting() -> pd.DataFrame:
    other = frame().iloc[[2]].assign(Close=102.5)
    return pd.concat([frame(), other])


WRONG: dict[str, tuple[Callable[[], Any], str]] = {
    "a naive index": (
        lambda: frame().tz_localize(None),
        "ASSET: the times in the index have no time zone: if they are UTC, write "
        'df.index = df.index.tz_localize("UTC")',
    ),
    "a naive column": (
        lambda: with_time(INDEX.tz_localize(None), "Date"),
        "ASSET: the times in column 'Date' have no time zone: if they are UTC, write "
        "df['Date'] = df['Date'].dt.tz_localize(\"UTC\")",
    ),
    "naive texts": (
        lambda: with_time(INDEX.strftime("%Y-%m-%d %H:%M:%S"), "Date"),
        "ASSET: the times in column 'Date' have no time zone ('2024-01-01 00:00:00' in row 0): if they are UTC, write "
        "df['Date'] = pd.to_datetime(df['Date'], utc=True)",
    ),
    "days": (lambda: with_time(pd.Series(INDEX.date, dtype=object), "Date"), "utc=True)"),
    "texts of another form": (
        lambda: with_time(["01/02/2024"] * COUNT, "Date"),
        "row 0 has '01/02/2024' in column 'Date', which is no ISO time such as 2024-01-31T00:00:00Z",
    ),
    "periods": (
        lambda: frame().set_index(INDEX.tz_localize(None).to_period("h")),
        "write df.index = df.index.to_timestamp()",
    ),
    "no times": (lambda: frame().reset_index(drop=True), 'write df = df.rename(columns={"...": "time"})'),
    "only the times of closes": (
        lambda: with_time(INDEX, "close_time"),
        "column 'close_time' says when klines end, and there is no column of the times at which they begin",
    ),
    "no titles": (
        lambda: pd.DataFrame([[START_MS, 1, 2, 1, 1, 1]]),
        'write df.columns = ["time", "open", "high", "low", "close", "volume"]',
    ),
    "a time that is missing": (
        lambda: frame().set_index(pd.DatetimeIndex([INDEX[0], pd.NaT, *INDEX[2:]])),
        "row 1 has no time in the index",
    ),
    "another unit in the middle": (
        lambda: with_time([*(EPOCH_NS[:5] // 10**6), *(EPOCH_NS[5:] // 10**9)]),
        "row 5 has 1704085200 in column 'timestamp', which is not in milliseconds as row 0",
    ),
    "a small number": (lambda: with_time(range(COUNT)), "holds [0], which is no epoch time"),
    "conflicting rows": (
        conflicting,
        "two rows of one time say different things: close 103 in row 2 (df.iloc[2], 2024-01-01 02:00:00 UTC) and close "
        "102.5 in row 10 (df.iloc[10], 2024-01-01 02:00:00 UTC)",
    ),
    "a missing price": (
        lambda: frame(Close=[*range(100, 103), None, *range(104, 110)]),
        "row 3 (df.iloc[3], 2024-01-01 03:00:00 UTC): Close is missing; df = df.dropna(subset=['Close'])",
    ),
    "an infinite one": (lambda: frame(High=np.inf), "row 0 (df.iloc[0], 2024-01-01 00:00:00 UTC): High is infinite"),
    "a missing volume": (lambda: frame(Volume=[np.nan, *range(9)]), "Volume is missing"),
    "no number": (lambda: frame(Open=["1", "x", *["1"] * 8]), "row 1 (df.iloc[1]) has 'x' in Open, which is no number"),
    "a price of 0": (lambda: frame(Low=0), "the low 0 is no price (and 9 more rows like it)"),
    "a high below the low": (lambda: frame(High=1), "the high 1 is below 101, another price of the kline"),
    "a low above the close": (lambda: frame(Low=102.5, High=200), "the low 102.5 is above 100, another price"),
    "a negative volume": (lambda: frame(Volume=-1), "the volume -1 is negative"),
    "a volume by another name": (
        lambda: frame().rename(columns={"Volume": "Volume BTC"}),
        "write df = df.rename(columns={'Volume BTC': \"volume\"})",
    ),
    "a column twice": (
        lambda: pd.concat([frame(), frame()[["Close"]]], axis=1),
        "there are several columns 'Close'; df = df.loc[:, ~df.columns.duplicated()] keeps the first",
    ),
    "all of it late": (
        lambda: frame().set_index(INDEX + pd.Timedelta("59m")),
        "row 0 (df.iloc[0], 2024-01-01 00:59:00 UTC) and all others are 3,540,000 ms after the start of a 1h kline",
    ),
    "one beside the grid": (
        lambda: moved(4, "1min"),
        "2024-01-01 04:01:00 UTC is not the start of a 1h kline; df = df[df.index.floor(\"60min\") == df.index]",
    ),
    "a fraction of a millisecond": (lambda: moved(4, "1us"), "row 4"),
    "steps of no period": (
        lambda: frame().set_index(pd.date_range("2024-01-01", periods=COUNT, freq="7min", tz="UTC")),
        "most rows are 7m apart, which is none of 1m, 3m",
    ),
    "days and times apart": (
        lambda: with_time(INDEX.strftime("%F"), "Date").assign(Time=INDEX.strftime("%H:%M:%S")),
        "row 0 has '00:00:00' in column 'Time', which is a time of day: join it with the column of its date, as in "
        "df['timestamp'] = pd.to_datetime(df['...'] + \" \" + df['Time'], utc=True)",
    ),
    "the day first": (
        lambda: with_time(INDEX.strftime("%d/%m/%Y %H:%M")),
        "2024-01-31T00:00:00Z (add dayfirst=True to what follows where the day comes first); if they are UTC",
    ),
    "one row": (lambda: frame().iloc[:1], 'one kline does not tell its period: give it, as in period="1h"'),
    "no row": (lambda: frame().iloc[:0], "the frame has no rows"),
    "several tickers": (
        lambda: tickers("BTC-USD", "ETH-USD"),
        "2 symbols (BTC-USD, ETH-USD); give each its frame: {symbol: df.xs(symbol, axis=1, level=1)",
    ),
    "a column of symbols": (
        lambda: pd.concat([frame(symbol="BTC"), frame(symbol="ETH")]),
        "column 'symbol' holds 2 symbols; give each its frame: {symbol: rows for symbol, rows in df.groupby('symbol')}",
    ),
    "symbols in the index": (
        lambda: pd.concat({"BTC": frame(), "ETH": frame()}),
        "{symbol: rows.droplevel(0) for symbol, rows in df.groupby(level=0)}",
    ),
    "closes alone": (lambda: frame()["Close"], "there is no column open (there: Close)"),
    "a list": (lambda: [1, 2], "ASSET: a list is no pandas frame: write pd.DataFrame(...)"),
    "nothing": (lambda: None, "ASSET: a NoneType is no pandas frame"),
    "an empty dict": (dict, "there is no frame in the dict: give {symbol: frame}"),
    "a dict with a number": (lambda: {1: frame()}, "1 is no symbol: give {symbol: frame}"),
    "two periods": (
        lambda: {
            "BTC": frame(),
            "ETH": frame().set_index(pd.date_range("2024-01-01", periods=COUNT, freq="1min", tz="UTC")),
        },
        "the frames are klines of several periods (ETH 1m and BTC 1h)",
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", WRONG)
def test_what_cannot_be_taken_is_refused_with_a_way_out(name: str) -> None:
    make, text = WRONG[name]
    with pytest.raises(DataError) as raised:
        MarketHistory.from_frames(make())
    assert text in str(raised.value)
    assert "\n" not in str(raised.value)


@pytest.mark.parametrize("name", ["a naive index", "a naive column", "naive texts", "days", "texts of another form"])
def test_what_a_refusal_of_times_says_to_write_helps(name: str) -> None:
    df = WRONG[name][0]()
    with pytest.raises(DataError) as raised:
        MarketHistory.from_frames(df)
    code = str(raised.value).partition("write ")[2]
    exec(code, {"df": df, "pd": pd})
    if name in ("days", "texts of another form"):
        df = df.iloc[:1]
    assert len(MarketHistory.from_frames(df, period="1h").symbols[ONE_SYMBOL].base.columns) in (1, COUNT)


def test_other_frames_are_told_what_to_call() -> None:
    class Polars:
        def to_pandas(self) -> pd.DataFrame:
            return frame()

    with pytest.raises(DataError, match=r"BTC: a .*Polars is no pandas frame: write df\.to_pandas\(\)"):
        MarketHistory.from_frames({"BTC": Polars()})  # type: ignore[dict-item]


def test_the_period_may_be_given_where_klines_are_missing() -> None:
    sparse = frame().iloc[[0, 2, 4, 8]]
    assert MarketHistory.from_frames(sparse).symbols[ONE_SYMBOL].base.period_ms == 2 * HOUR_MS
    assert MarketHistory.from_frames(sparse, period="1h").symbols[ONE_SYMBOL].base.period_ms == HOUR_MS
    with pytest.raises(DataError, match=r"rows are 1h 0m apart, so they are no 4h klines; leave out period="):
        MarketHistory.from_frames(frame(), period="4h")
    with pytest.raises(DataError, match=r"period: '7m' is not one of 1m, 3m"):
        MarketHistory.from_frames(frame(), period="7m")


def test_what_is_done_to_the_frame_later_does_not_change_the_market() -> None:
    df = frame()
    market = MarketHistory.from_frames(df)
    df.loc[:, "Close"] = 1.0
    assert market.symbols[ONE_SYMBOL].base.columns.close[0] == 101.0


def test_a_dict_has_each_symbol_with_its_own_funding_marks_and_flow() -> None:
    rates = pd.Series([0.0001, -0.0002], index=INDEX[[0, 8]], name="fundingRate")
    minutes = pd.date_range("2024-01-01", periods=3, freq="1min", tz="UTC")
    marks = pd.DataFrame({"open": 10.0, "high": 12.0, "low": 9.0, "close": [10.0, 11.0, 12.0]}, index=minutes)
    market = MarketHistory.from_frames(
        {"BTC": frame(), "ETH": frame(), "SOL": frame()},
        funding={"BTC": rates, "ETH": rates.to_frame("rate %") * 100},
        mark={
            "BTC": marks,
            "ETH": marks["close"].rename("mark"),
            "SOL": TimedValues(np.array([START_MS]), np.array([5.0])),
        },
        flow={"SOL": FlowHistory(open_interest=TimedValues(np.array([START_MS]), np.array([7.0])))},
    )
    btc, eth, sol = (market.symbols[name] for name in ("BTC", "ETH", "SOL"))
    assert btc.flow.funding_rate is not None
    assert btc.flow.funding_rate.rows.value.tolist() == [0.0001, -0.0002]
    assert eth.flow.funding_rate is not None
    assert eth.flow.funding_rate.rows.value.tolist() == pytest.approx([0.0001, -0.0002], abs=1e-18)
    assert list(market.remarks) == ["funding of ETH: column 'rate %' is taken as percent: 0.01 is 0.0001"]
    assert btc.mark_klines is not None
    assert btc.flow.mark_price is not None
    assert btc.flow.mark_price.at(START_MS + MINUTE_MS) == 10.0  # the close of the first minute, at its end
    assert btc.flow.mark_price.at(START_MS) is None
    assert eth.mark_klines is None
    assert eth.flow.mark_price is not None
    assert eth.flow.mark_price.at(START_MS) == 10.0  # a price alone is known at its time
    assert sol.flow.mark_price is not None
    assert sol.flow.open_interest is not None
    assert (sol.flow.mark_price.at(START_MS), sol.flow.open_interest.at(START_MS)) == (5.0, 7.0)


def flow_frame(**columns: Any) -> pd.DataFrame:
    times = pd.date_range("2024-01-01", periods=4, freq="15s", tz="UTC")
    taken = {"taker_buy_volume": 1.0, "taker_sell_volume": 3.0, "taker_buy_notional": 100.0}
    return pd.DataFrame({**taken, "taker_sell_notional": 300.0, **columns}, index=times)


def test_rows_of_flow_are_known_at_their_times() -> None:
    flow = flow_frame(open_interest=[1, np.nan, 2, 3], bid_depth_5=[1, 2, np.nan, 3], ask_depth_5=[1, 2, np.nan, 3])
    history = MarketHistory.from_frames(frame(), flow=flow).symbols[ONE_SYMBOL].flow
    assert history.trades is not None
    assert history.trades.vwap.tolist() == [100.0] * 4  # worked out where there is no column of it
    assert np.isnan(history.trades.high).all()
    assert history.book is not None
    assert len(history.book) == 3
    assert history.open_interest is not None
    assert [history.open_interest.at(START_MS + 15_000 * row) for row in range(4)] == [1.0, 1.0, 2.0, 3.0]


WRONG_PARTS: dict[str, tuple[dict[str, Any], str]] = {
    "rates that are percent": (
        {"funding": pd.Series([0.01, 0.02], INDEX[:2])},
        "funding of ASSET: half of the rates are beyond 0.1% of the notional: divide percent by 100",
    ),
    "one rate that is": (
        {"funding": pd.Series([1e-4, 0.2, 1e-4], INDEX[:3])},
        "row 1 (df.iloc[1], 2024-01-01 01:00:00 UTC): the rate 0.2 is 20.0000% of the notional",
    ),
    "no rate": ({"funding": frame()}, "funding of ASSET: there is no column rate"),
    "naive rates": ({"funding": pd.Series([1e-4], INDEX[:1].tz_localize(None))}, "funding of ASSET: the times in"),
    "another symbol": (
        {"funding": {"ETH": frame()}},
        "funding: there are no klines of 'ETH'; there are those of ASSET",
    ),
    "hourly klines of the mark price": ({"mark": frame()}, "mark of ASSET: these are not 1m klines"),
    "no mark price": ({"mark": frame()[["Volume", "Adj Close"]]}, "there is no column mark_price"),
    "a mark price of 0": ({"mark": frame()["Volume"] - 1}, "mark of ASSET: row 0 (df.iloc[0], "),
    "half of the trades": (
        {"flow": flow_frame().drop(columns="taker_sell_volume")},
        "flow of ASSET: rows of trades need a column taker_sell_volume too",
    ),
    "half of a row": ({"flow": flow_frame(taker_buy_volume=[np.nan, 1, 1, 1])}, "are missing"),
    "negative flow": ({"flow": flow_frame(taker_buy_volume=-1.0)}, "the buy_volume is negative"),
    "no flow": ({"flow": frame(Open=1)[["Adj Close"]]}, "none of the columns is one of taker_buy_volume"),
    "flow beside the grid": (
        {"flow": flow_frame().set_index(pd.date_range("2024-01-01", periods=4, freq="7s", tz="UTC"))},
        "the time is not the end of 15 seconds",
    ),
}


@pytest.mark.parametrize("name", WRONG_PARTS)
def test_other_frames_are_refused_as_well(name: str) -> None:
    parts, text = WRONG_PARTS[name]
    with pytest.raises(DataError) as raised:
        MarketHistory.from_frames(frame(), **parts)
    assert text in str(raised.value)


def test_one_frame_of_funding_needs_one_symbol() -> None:
    with pytest.raises(DataError, match=r"funding: there are 2 symbols: give a dict \{symbol: frame\}"):
        MarketHistory.from_frames({"BTC": frame(), "ETH": frame()}, funding=frame())
    with pytest.raises(DataError, match="symbol: names one frame alone"):
        MarketHistory.from_frames({"BTC": frame()}, "BTC")


def test_a_feature_may_have_its_times_in_the_index() -> None:
    features = {"mood": frame()["Close"], "chain": frame()[["Open", "High"]]}
    history = MarketHistory.from_frames(frame(), features=features).symbols[ONE_SYMBOL]
    assert history.feature_names == ("chain.High", "chain.Open", "mood")
    mood = history.feature("mood")
    assert mood is not None
    assert mood.at(START_MS + HOUR_MS) == 102.0
    with pytest.raises(DataError, match=r"feature mood: the times in the index have no time zone"):
        MarketHistory.from_frames(frame(), features={"mood": frame()["Close"].tz_localize(None)})


def test_binances_titles_of_funding_are_taken() -> None:
    rates = pd.DataFrame({"symbol": "BTCUSDT", "fundingTime": EPOCH_NS // 1_000_000, "fundingRate": ["0.0001"] * COUNT})
    found = MarketHistory.from_frames(frame(), funding=rates).symbols[ONE_SYMBOL].flow.funding_rate
    assert found is not None
    assert (found.rows.timestamp_ms[0], found.rows.value[0]) == (START_MS, 0.0001)


def test_closes_as_marks_are_said_to_look_ahead_where_they_stand_at_opens() -> None:
    closes = frame().Close
    said = MarketHistory.from_frames(frame(), mark=closes).remarks
    assert [each.partition(";")[0] for each in said] == [
        "mark of ASSET: column 'Close' is taken as prices known at the times of its rows"
    ]
    assert not MarketHistory.from_frames(frame(), mark=closes.rename("mark")).remarks


def test_a_market_says_what_it_holds() -> None:
    assert repr(MarketHistory.from_frames({"BTC": frame(), "ETH": frame()[:1]}, period="1h")) == (
        "<market of BTC (10 of 1h, 2024-01-01 00:00:00 UTC to 2024-01-01 10:00:00 UTC), "
        "ETH (1 of 1h, 2024-01-01 00:00:00 UTC to 2024-01-01 01:00:00 UTC)>"
    )
    assert repr(MarketHistory([])) == "<market of no symbols>"
