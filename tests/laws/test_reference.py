"""The engine against a venue in plain loops that was written from the rules alone: the same fills, the same money."""

import itertools
from dataclasses import replace

import pytest

from tests.oracles.venue_market import MINUTE, Bar, Record, Row, UndecidedError
from tests.oracles.venue_orders import Rules
from tests.oracles.venue_reference import Venue
from tests.support.venue_cases import MAKERS, START, Case
from tests.support.venue_comparison import Outcome, by_engine, by_reference, difference

NEEDED = {
    "trailing_and_time_stops": {"trailing", "time"},
    "tiers": {"liquidation"},
    "isolated_margin": {"liquidation"},
    "partial_liquidation": {"liquidation"},
    "mark_rows": {"liquidation"},
    "mark_klines": {"liquidation"},
}


def decided(theme: str, seeds: range | itertools.count, wanted: int) -> list[tuple[Case, Outcome]]:
    """The first cases of a theme to which the rules give one answer, and that answer."""
    found: list[tuple[Case, Outcome]] = []
    for seed in seeds:
        case = MAKERS[theme](seed)
        try:
            found.append((case, by_reference(case)))
        except UndecidedError:
            continue
        if len(found) == wanted:
            break
    return found


def compare(theme: str, first: int, wanted: int) -> None:
    for case, reference in decided(theme, itertools.count(first), wanted):
        found = difference(case, by_engine(case), reference)
        assert found is None, f"{theme}, {found}"


@pytest.mark.parametrize("theme", MAKERS)
def test_the_engine_does_what_the_venue_reference_does(theme):
    compare(theme, first=0, wanted=20)


@pytest.mark.soak
@pytest.mark.parametrize("part", range(10))
@pytest.mark.parametrize("theme", MAKERS)
def test_the_engine_does_what_the_venue_reference_does_in_many_cases(theme, part):
    compare(theme, first=1_000_000 * (part + 1), wanted=100)


@pytest.mark.parametrize("theme", MAKERS)
def test_the_cases_of_a_theme_are_about_it(theme):
    outcomes = [outcome for _, outcome in decided(theme, range(30), wanted=8)]
    purposes = {purpose for outcome in outcomes for deal in outcome.deals for purpose in deal.purpose.split("/")}
    assert len(outcomes) == 8
    assert purposes >= {"entry", "decision"} | NEEDED.get(theme, set())


def flat(minutes: int, volume: float = 1e9, special: dict[int, tuple[float, float, float, float, float]] | None = None):
    """Klines at 100 but for the special ones: (open, high, low, close, volume)."""
    values = dict.fromkeys(range(-5, minutes), (100.0, 100.0, 100.0, 100.0, volume)) | (special or {})
    return [Bar(START + minute * MINUTE, *values[minute]) for minute in sorted(values)]


def played(record: Record, decisions: dict[int, dict], minutes: int = 14, **changes: object) -> list[tuple]:
    """Without slippage and fees: (minute, side, size, price, purpose) of every fill, then the final equity."""
    rules = Rules(["BTC"], START, START + minutes * MINUTE, MINUTE, slippage=0.0, fee=0.0, maker=0.0)
    venue = Venue(replace(rules, **changes), {"BTC": record}).run(lambda tick, *_: decisions.get(tick))
    fills = [(deal.time_ms - START) / MINUTE for deal in venue.purse.deals]
    rows = [
        (minute, deal.side, round(deal.size, 9), round(deal.price, 9), deal.purpose)
        for minute, deal in zip(fills, venue.purse.deals, strict=True)
    ]
    return [*rows, round(venue.equity(rules.end_ms), 6)]


def order(operation: str, portion: float, leverage: int = 1, **more: object) -> dict:
    values = {"operation": operation, "symbol": "BTC", "target_portion_of_balance": portion, "leverage": leverage}
    return values | more


def gap(minute: int, price: float, volume: float = 1e9, until: int = 14):
    return dict.fromkeys(range(minute, until), (price, price, price, price, volume))


BY_HAND = {
    "the rest of a market order takes a tenth of each following kline": (
        Record(flat(14, 100.0)),
        {3: order("buy", 0.4)},
        {"cap": 10.0},
        [(minute, "buy", 10.0, 100.0, "entry") for minute in (3, 4, 5, 6)] + [10_000.0],
    ),
    "two orders of one kline share its volume": (
        Record(flat(14, 100.0)),
        {1: order("buy", 0.06), 2: order("close", 0.5)},
        {"cap": 10.0, "every_ms": 30_000, "start_ms": START + 2 * MINUTE + 30_000},
        [(3.0, "buy", 6.0, 100.0, "entry"), (3.5, "sell", 3.0, 100.0, "decision"), 10_000.0],
    ),
    "a triggered stop works on when the price is back": (
        Record(flat(14, 1e9, {5: (100, 100, 97, 97, 200), 6: (99, 99, 99, 99, 100), 7: (99, 99, 99, 99, 1_000)})),
        {3: order("buy", 0.5, stop_loss_price=98.0)},
        {"cap": 10.0},
        [
            (3.0, "buy", 50.0, 100.0, "entry"),
            (6.0, "sell", 20.0, 98.0, "sl"),
            (7.0, "sell", 10.0, 99.0, "sl"),
            (8.0, "sell", 20.0, 99.0, "sl"),
            9_930.0,
        ],
    ),
    "an isolated position loses its margin and no more": (
        Record(flat(14, special=gap(5, 90.0))),
        {3: order("buy", 0.1, 40)},
        {"margin": "isolated"},
        [(3.0, "buy", 400.0, 100.0, "entry"), (5.0, "sell", 400.0, 90.0, "liquidation"), 9_000.0],
    ),
    "a cross position loses what the gap takes": (
        Record(flat(14, special=gap(5, 90.0))),
        {3: order("buy", 0.9, 40)},
        {},
        [(3.0, "buy", 3_600.0, 100.0, "entry"), (5.0, "sell", 3_600.0, 90.0, "liquidation"), -26_000.0],
    ),
    "a mark row liquidates at itself": (
        Record(flat(14), marks=[(START + at * 15_000, 100.0 if at < 22 else 90.0) for at in range(-20, 57)]),
        {3: order("buy", 0.9, 40)},
        {},
        [(3.0, "buy", 3_600.0, 100.0, "entry"), (5.5, "sell", 3_600.0, 90.0, "liquidation"), -26_000.0],
    ),
    "a wick of the last price does not reach the mark": (
        Record(flat(14, special={5: (100, 100, 90, 100, 1e9)}), mark_bars=flat(14)),
        {3: order("buy", 0.9, 40)},
        {},
        [(3.0, "buy", 3_600.0, 100.0, "entry"), 10_000.0],
    ),
    "a low of the mark liquidates at its level": (
        Record(flat(14), mark_bars=flat(14, special={5: (100, 100, 96, 100, 0)})),
        {3: order("buy", 0.5, 50)},
        {},
        [(3.0, "buy", 2_500.0, 100.0, "entry"), (6.0, "sell", 2_500.0, 96.969696970, "liquidation"), 2_424.242424],
    ),
    "a mark trigger fills inside the traded kline": (
        Record(
            flat(14, special={5: (100, 100, 99, 100, 1e9)}), mark_bars=flat(14, special={5: (100, 100, 97, 100, 0)})
        ),
        {3: order("buy", 0.5, stop_loss_price=98.0)},
        {"trigger": "mark"},
        [(3.0, "buy", 50.0, 100.0, "entry"), (6.0, "sell", 50.0, 99.0, "sl"), 9_950.0],
    ),
    "a rate stamped late is paid at its hour, by the exit and not by the entry": (
        Record(flat(150), rates=[(START + 3_600_079, 0.01), (START + 7_200_079, 0.001), (START + 7_200_090, 0.5)]),
        {60: order("buy", 0.5), 120: order("close", 0.0)},
        {"end_ms": START + 150 * MINUTE},
        [(60.0, "buy", 50.0, 100.0, "entry"), (120.0, "sell", 50.0, 100.0, "decision"), 9_995.0],
    ),
    "a stale time stop closes at the first close after it": (
        Record([bar for bar in flat(14, special=gap(9, 101.0)) if not 4 <= (bar.open_ms - START) / MINUTE < 9]),
        {3: order("buy", 0.5, max_holding_seconds=200.0)},
        {"price_stale_ms": 120_000},
        [(3.0, "buy", 50.0, 100.0, "entry"), (10.0, "sell", 50.0, 101.0, "time"), 10_050.0],
    ),
    "a limit rounds towards the user, and parts are whole steps": (
        Record(flat(14, special={5: (100, 100, 99, 100, 1e9)})),
        {3: order("buy", 0.001, max_price=99.58, time_in_force="Gtc"), 8: order("close", 0.7)},
        {"price_step": "0.1", "size_step": "0.01"},
        [(6.0, "buy", 0.1, 99.5, "entry"), (8.0, "sell", 0.07, 100.0, "decision"), 10_000.05],
    ),
    "a rejected decision cancels nothing": (
        Record(flat(14, special={5: (100, 100, 97, 100, 1e9)})),
        {1: order("buy", 0.5, max_price=98.0, time_in_force="Gtc"), 3: order("sell", 0.5, take_profit_price=101.0)},
        {},
        [(6.0, "buy", 51.020408163, 98.0, "entry"), 10_102.040816],
    ),
    "a row wholly beyond a stop fills at its vwap": (
        Record(flat(14), rows=[Row(START + 330_000, 97.9, 97.0, 97.5, 1.0)]),
        {3: order("buy", 0.5, stop_loss_price=98.0)},
        {"watch": "15s"},
        [(3.0, "buy", 50.0, 100.0, "entry"), (5.5, "sell", 50.0, 97.5, "sl"), 9_875.0],
    ),
    "the price of a resumption is judged before the kline that opens at it": (
        Record(flat(14, special={**gap(6, 97.0, until=9), **gap(9, 96.0)})),
        {3: order("buy", 0.5, stop_loss_price=98.0)},
        {"pauses": [(START + 6 * MINUTE, START + 9 * MINUTE)]},
        [(3.0, "buy", 50.0, 100.0, "entry"), (9.0, "sell", 50.0, 97.0, "sl"), 9_850.0],
    ),
}


@pytest.mark.parametrize(("record", "decisions", "changes", "expected"), BY_HAND.values(), ids=BY_HAND.keys())
def test_the_reference_does_by_hand(record, decisions, changes, expected):
    assert played(record, decisions, **changes) == expected
