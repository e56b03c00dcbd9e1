"""A market of which only the past is there answers every question with the same bits, and holds nothing later."""

import json
import random

import numpy as np
import pytest

from engine import (
    BookRows,
    DataError,
    FlowHistory,
    HistoricalDataProvider,
    MarketHistory,
    SymbolHistory,
    TimedValues,
    TradeRows,
)
from engine.market.flow import LATEST_VALUES
from engine.market.past import PartName, PastMarket, Revealing, hidden_columns, known_columns, symbol_facts
from engine.market.series import KlineColumns
from engine.periods import PERIOD_MS
from tests.support.runs import DAY, MINUTE, START, walk
from tests.support.signal_markets import history_of, random_market
from tests.support.worlds import changed, world

INDICATORS = ("MA1", "MA7", "EMA9", "RSI5", "RSI14", "ATR14", "MACD", "BOLL", "STOCH", "VWAP", "OBV", "MA600", "NONE3")
METRICS = ("CVD", "TAKER", "OI", "OI_DELTA", "FUNDING", "DEPTH", "IMBALANCE", "PRICE_CHANGE", "VOLATILITY", "NONE")
PERIODS = ("1m", "3m", "5m", "15m", "1h")


class Copied:
    """A market, the copies of its known parts, and what is told from these alone."""

    def __init__(self, market: MarketHistory) -> None:
        self.market = market
        self.now = 0
        self.parts: dict[PartName, Revealing] = {}
        self.shown: dict[PartName, tuple[np.ndarray, ...]] = {}
        self.past = PastMarket(symbol_facts(market), self.fetch, market.regime)

    def fetch(self, name: PartName) -> tuple[np.ndarray, ...] | None:
        assert name not in self.parts, "no part is fetched twice"
        part = known_columns(self.market, name)
        if part is None:
            return None
        shown = hidden_columns(part, lambda kind, rows: np.zeros(rows, kind))
        self.parts[name], self.shown[name] = Revealing(part), shown
        self.parts[name].advance(self.now)
        self.parts[name].add(part, shown)
        return shown

    def advance(self, time_ms: int) -> None:
        self.now = time_ms
        for each in self.parts.values():
            if each.next_ms <= time_ms:
                each.advance(time_ms)


def asked(provider: HistoricalDataProvider, symbol: str, rng: random.Random) -> str:
    """Ask everything once; what was answered, to the last bit."""
    period, indicator, metric = rng.choice(PERIODS), rng.choice(INDICATORS), rng.choice(METRICS)
    answers = [
        provider.get_price(symbol),
        provider.margin_price(symbol, provider.now),
        list(provider.get_klines(symbol, period, rng.choice((1, 3, 50, 700)))),
        dict(provider.get_indicator(symbol, indicator, period)),
        provider.get_flow(symbol, metric, period),
        provider.get_market_data(symbol),
        provider.get_price_change(symbol, period),
        provider.get_regime(symbol, period).to_dict(),
        provider.get_feature("mood", symbol, rng.choice((1, 3, 500))),
        provider.get_feature(rng.choice(("all", "last", "none")), symbol),
    ]
    return json.dumps([answers, provider.unanswered.take_news()])


def with_everything(seed: int) -> MarketHistory:
    """A symbol with flow, marks and holes, and one with mark klines and stored longer ones that say otherwise."""
    flows = history_of(random_market(seed, 3.0, 120), "BTC")
    of = world(seed, "klines")
    marked = changed(of, time=lambda time_ms: time_ms - of.start_ms + START).market().symbols["ETH"]
    stored = KlineColumns(15 * MINUTE, [START - 30 * MINUTE, START], *[[101.0, 102.0]] * 5)
    other = SymbolHistory("ETH", marked.base.columns, [stored], marked.flow, marked.mark_klines)
    plain = SymbolHistory("SOL", walk(900, seed, START - 700 * MINUTE, holes=0.1))
    mood = TimedValues(START + 7_001 * np.arange(-50, 900), np.random.default_rng(seed).random(950))
    last = TimedValues([START + 500 * MINUTE], [1.0])
    return MarketHistory([flows.with_features({"mood": mood}), other, plain], features={"all": mood, "last": last})


@pytest.mark.parametrize("seed", range(6))
def test_every_question_has_the_same_answer_as_from_the_whole_market(seed):
    market = with_everything(seed)
    copied = Copied(market)
    whole, past = HistoricalDataProvider(market), HistoricalDataProvider(copied.past)
    rng = random.Random(seed)
    times = sorted(rng.choices(range(START - 3 * MINUTE, START + 200 * MINUTE), k=150))
    times += [START + 201 * MINUTE, START + 205 * MINUTE]
    for now in times:
        copied.advance(now)
        for symbol in ("BTC", "ETH", "SOL", "NONE"):
            draw = rng.random()
            one, other = asked_at(whole, symbol, now, draw), asked_at(past, symbol, now, draw)
            assert one == other, (symbol, now)
    assert sorted(whole.take_short_asked()) == sorted(past.take_short_asked())
    assert len(copied.parts) > 60


def asked_at(provider: HistoricalDataProvider, symbol: str, now: int, draw: float) -> str:
    provider.set_current_time(now)
    return asked(provider, symbol, random.Random(draw))


def test_an_earlier_instant_is_answered_as_it_was_then():
    market = with_everything(1)
    copied = Copied(market)
    whole, past = HistoricalDataProvider(market), HistoricalDataProvider(copied.past)
    copied.advance(START + 100 * MINUTE)
    for now in (START + 100 * MINUTE, START + 40 * MINUTE, START + 70 * MINUTE + 30_000):
        for symbol in ("BTC", "ETH", "SOL"):
            assert asked_at(whole, symbol, now, 0.5) == asked_at(past, symbol, now, 0.5)


def test_what_is_asked_for_before_anything_is_known_is_answered_when_it_is():
    market = with_everything(1)
    copied = Copied(market)
    whole, past = HistoricalDataProvider(market), HistoricalDataProvider(copied.past)
    for now in (START - DAY, START + 30 * MINUTE, START + 90 * MINUTE):
        copied.advance(now)
        for symbol in ("BTC", "ETH"):
            for draw in range(20):
                assert asked_at(whole, symbol, now, draw) == asked_at(past, symbol, now, draw)


@pytest.mark.parametrize("seed", range(3))
def test_nothing_later_is_ever_written(seed):
    market = with_everything(seed)
    copied = Copied(market)
    past = HistoricalDataProvider(copied.past)
    for minute in range(0, 60, 7):
        now = START + minute * MINUTE
        copied.advance(now)
        for symbol in market.symbols:
            asked_at(past, symbol, now, minute / 60)
        for name, shown in copied.shown.items():
            part = known_columns(market, name)
            known = int(np.searchsorted(part.times + part.delay_ms, now, side="right"))
            for column, copy in zip(part.columns, shown, strict=True):
                assert copy[:known].tobytes() == column[:known].astype(copy.dtype).tobytes()
                later = copy[known:]
                assert (later > 1 << 60).all() if copy.dtype.kind == "i" else not later.any()


@pytest.mark.parametrize("kind", ["closes", "ranges", "indicator", "forming", "rows", "buckets", "whole"])
def test_what_is_known_of_a_part_does_not_depend_on_what_comes_later(kind):
    """The columns of a market that ends at an instant are those of the whole one up to then."""
    cut = START + 61 * MINUTE + 40_000
    whole, ended = with_everything(2), with_everything(2)
    ended = MarketHistory([_until(each, cut) for each in ended.symbols.values()])
    names = [name for name in _every_name(whole) if name[0] == kind]
    compared = 0
    for name in names:
        one, other = known_columns(whole, name), known_columns(ended, name)
        if one is None or other is None:
            continue
        known = int(np.searchsorted(one.times + one.delay_ms, cut, side="right"))
        assert other.times[:known].tolist() == one.times[:known].tolist()
        assert other.delay_ms == one.delay_ms
        for column, short in zip(one.columns, other.columns, strict=True):
            assert short[:known].tobytes() == column[:known].tobytes(), name
            compared += known
    assert compared > 30


def _every_name(market: MarketHistory) -> list[PartName]:
    copied = Copied(market)
    provider = HistoricalDataProvider(copied.past)
    for at in range(60):
        copied.advance(START + (100 + at) * MINUTE + 1000 * at)
        for symbol in market.symbols:
            asked_at(provider, symbol, copied.now, at / 60)
    return list(copied.parts)


def _until(history: SymbolHistory, time_ms: int) -> SymbolHistory:
    """The same symbol, of which nothing is recorded that is known later."""

    def rows(kind, table):
        if table is None:
            return None
        there = table.timestamp_ms <= time_ms
        return kind(*(getattr(table, name)[there] for name in table.__dataclass_fields__))

    def latest(value):
        return None if value is None else rows(TimedValues, value.rows)

    def klines(columns):
        return None if columns is None else columns.where(columns.open_ms + columns.period_ms <= time_ms)

    flow = history.flow
    return SymbolHistory(
        history.symbol,
        klines(history.base.columns),
        [klines(each) for each in history._stored.values()],
        FlowHistory(
            rows(TradeRows, flow.trades),
            rows(BookRows, flow.book),
            *(latest(getattr(flow, name)) for name in LATEST_VALUES),
        ),
        klines(history.mark_klines),
    )


@pytest.mark.parametrize(
    "name",
    [(), ("closes",), ("closes", "NONE", 60_000), ("ranges", "BTC", "1m"), ("rows", "BTC"), ("everything", "BTC", 1)],
)
def test_a_part_that_no_market_has_is_an_error(name):
    with pytest.raises(DataError):
        known_columns(with_everything(1), name)


@pytest.mark.parametrize(
    "name",
    [
        ("closes", "BTC", 61_000),
        ("ranges", "BTC", 0),
        ("closes", "BTC", -60_000),
        ("indicator", "BTC", 60_000, "MA0"),
        ("rows", "BTC", "symbol"),
        ("rows", "BTC", "_buckets"),
        ("rows", "SOL", "trades"),
        ("buckets", "SOL", "trades", 60_000),
        ("buckets", "BTC", "trades", 0),
        ("whole", "BTC", "trades", 60_000, "CVD", 2),
        ("whole", "BTC", "book", 60_000, "CVD", 0),
        ("whole", "BTC", "trades", 60_000, "NONE", 0),
    ],
)
def test_a_part_without_data_is_none(name):
    assert known_columns(with_everything(1), name) is None


def test_periods_are_those_of_the_contract():
    assert set(PERIODS) <= set(PERIOD_MS)
