"""Laws of execution that hold in every market with every option: a few random cases of each, hundreds in the soak."""

import math
from collections import defaultdict
from collections.abc import Callable
from dataclasses import replace
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from engine import Decision, ExecutionModels, Instrument, VenueRules, reasons
from engine.venue.models import ShareOfVolume
from tests.support.drawn_options import (
    BALANCE,
    THREE_FEES,
    THREE_TIERS,
    LoyaltyFees,
    Queue,
    ThinBook,
    UnevenLatency,
    in_other_units,
    models,
    no_book,
    options,
    options_with,
    own_books,
)
from tests.support.retold import retold
from tests.support.runs import MINUTE
from tests.support.worlds import (
    HABITS,
    MINUTES,
    NAMES,
    Dealer,
    Trader,
    beside,
    changed,
    run,
    with_another_future,
    world,
)

CLOSE = {"rel_tol": 1e-9, "abs_tol": 1e-6}
WEEK = 7 * 86_400_000

EXAMPLES = [8, pytest.param(300, marks=pytest.mark.soak)]

seeds = st.integers(0, 10**6)
marks = st.sampled_from(["none", "rows", "klines"])
traders = st.sampled_from([Trader, Dealer])


def law(**drawn: st.SearchStrategy) -> Callable:
    """A test of a few cases, and one of many in the soak."""

    def decorate(check: Callable) -> Callable:
        @pytest.mark.parametrize("examples", EXAMPLES)
        def test(examples):
            many = settings(max_examples=examples, deadline=None, suppress_health_check=list(HealthCheck))
            many(given(**drawn)(check))()

        test.__name__, test.__doc__ = check.__name__, check.__doc__
        return test

    return decorate


def curve(result) -> list[tuple[int, float]]:
    return [(point["timestamp"], point["equity"]) for point in result.to_dict(timing=False)["equity_curve"]]


@law(seed=seeds, who=traders, kind=marks, fields=options)
def test_equity_is_cash_and_what_is_open_and_its_parts_add_up(seed, who, kind, fields):
    of = world(seed, kind)
    ran = run(of, who(of), **fields)
    result, ledger = ran.result, ran.sim.account.ledger
    assert result.error is None
    assert math.isclose(
        ledger.cash, fields["initial_balance"] + math.fsum(posting.amount for posting in ledger.postings), **CLOSE
    )
    assert math.isclose(result.final_equity, ledger.cash + result.unrealized_pnl, **CLOSE)
    parts = result.price_pnl - result.fees_paid + result.funding_received + result.shortfall_covered
    assert math.isclose(result.total_pnl, parts, rel_tol=1e-9, abs_tol=1e-5)
    assert math.isclose(result.fees_paid, math.fsum(fill[5] for fill in ran.fills()), **CLOSE)


@law(
    seed=seeds,
    who=traders,
    kind=marks,
    # without liquidations nobody covers what a position loses beyond its margin
    fields=options_with(margin_mode=st.just("isolated"), liquidation=st.just(True)),
)
def test_an_isolated_position_takes_nothing_from_cash_that_is_not_its_own(seed, who, kind, fields):
    """Neither by a loss nor by a fee nor by funding: only an opening takes from what stands behind no position."""
    of = world(seed, kind)
    for before, after in pairwise(retold(run(of, who(of), **fields).sim)):
        if after.fill.purpose != "entry":
            assert after.free >= before.free - 1e-9 * (abs(before.cash) + before.used) - 1e-6


@law(
    seed=seeds,
    who=traders,
    kind=st.sampled_from(["none", "klines"]),
    fields=options_with(
        # slippage is beside the klines
        slippage_model=st.just("percent"),
        slippage_percent=st.just(0.0),
        models=models.map(lambda own: replace(own, slippage=None)),
        # what has rested is known by its lower fee
        fee_model=st.sampled_from([None, "maker_taker"]),
    ),
)
def test_a_fill_lies_within_the_klines_of_its_instant(seed, who, kind, fields):
    """Between the extremes of the kline that ends then, the open of the one that begins and the last close; a limit
    order that the market has left behind fills at its limit: at a worse price, never at a better one.
    """
    of = world(seed, kind)
    for time, symbol, side, size, price, fee, purpose in run(of, who(of), **fields).fills():
        if purpose == "liquidation" and kind == "klines":
            continue  # it settles at the mark
        known = [bar for bar in of.records[symbol].bars if bar.close_ms <= time]
        prices = [bar.open for bar in of.records[symbol].bars if bar.open_ms == time]
        prices += [known[-1].close, *((known[-1].low, known[-1].high) if known[-1].close_ms == time else ())]
        prices += [each for row in of.records[symbol].rows if row.close_ms == time for each in (row.low, row.high)]
        is_maker = fee < size * price * 0.000225
        is_worse = price > max(prices) * (1 + 1e-9) if side == "buy" else price < min(prices) * (1 - 1e-9)
        is_better = price < min(prices) * (1 - 1e-9) if side == "buy" else price > max(prices) * (1 + 1e-9)
        assert not is_better
        assert is_maker or not is_worse


@law(seed=seeds, who=traders, kind=marks, fields=options, percent=st.sampled_from([5.0, 40.0]))
def test_what_fills_from_one_close_to_the_next_stays_in_the_budget_of_its_kline(seed, who, kind, fields, percent):
    of = world(seed, kind)
    spent: dict[tuple[str, int], float] = defaultdict(float)
    for time, symbol, _, size, _, _, purpose in run(of, who(of), **{**fields, "volume_cap_percent": percent}).fills():
        if purpose != "liquidation":
            finished = [place for place, bar in enumerate(of.records[symbol].bars) if bar.close_ms <= time]
            spent[symbol, finished[-1]] += size
    cap = fields["models"].volume_cap or ShareOfVolume(percent)
    for (symbol, place), size in spent.items():
        assert size <= cap.most(of.records[symbol].bars[place].volume) * (1 + 1e-9)


def refused(tick: int, name: str, price: float) -> Decision:
    """A decision that no exchange takes."""
    kinds: list[dict[str, Any]] = [
        {"leverage": 60},
        {"target_portion_of_balance": 2.0},
        {"symbol": "DOGE"},
        {"take_profit_price": price * 0.5},
        {"stop_loss_price": price * 1.5},
        {"max_price": price * 0.5},
        {"max_price": price * 1.5, "time_in_force": "Alo"},
        {"trailing_stop_percent": -1.0},
    ]
    values = {"operation": "buy", "symbol": name, "target_portion_of_balance": 0.5, "leverage": 2}
    return Decision(**{**values, **kinds[tick % len(kinds)]})


#: A decision counts among the open orders while it is under way, or waits for its price.
any_number_of_orders = options_with(max_open_orders=st.none())


@law(seed=seeds, kind=marks, fields=any_number_of_orders)
def test_a_rejected_decision_was_never_made(seed, kind, fields):
    of = world(seed, kind)
    without, tried = (run(of, Trader(of, instead), **fields) for instead in (lambda *_: None, refused))
    assert sum(tried.result.rejections.values()) > sum(without.result.rejections.values())
    assert tried.fills() == without.fills()
    assert curve(tried.result) == curve(without.result)


@law(seed=seeds, kind=marks, fields=any_number_of_orders)
def test_what_was_rejected_for_whatever_reason_can_be_left_out(seed, kind, fields):
    of = world(seed, kind)
    tried = run(of, **fields)
    without = run(of, Trader(of, left_out=tried.rejected()), **fields)
    assert without.fills() == tried.fills()
    assert curve(without.result) == curve(tried.result)
    assert not without.rejected()


@law(
    seed=seeds,
    who=traders,
    kind=marks,
    # five significant digits, as Hyperliquid has them, are others after a factor of 1,024
    fields=options_with(book=st.one_of(no_book, st.just("binance_um"), own_books)),
)
def test_prices_and_money_in_another_unit_change_nothing_else(seed, who, kind, fields):
    """A factor of 1,024 is exact in binary. Whatever an account, a venue or a model has in USD is in the unit too."""
    of = world(seed, kind)
    larger = changed(of, price=lambda _, value: value * 1_024)
    base, scaled = (
        run(of, who(of), **fields),
        run(larger, who(larger), **in_other_units(fields, of.start_ms, price=1_024)),
    )
    money = [(*fill[:4], fill[4] * 1_024, fill[5] * 1_024, fill[6]) for fill in base.fills()]
    assert scaled.fills() == money
    assert scaled.result.final_equity == base.result.final_equity * 1_024
    assert scaled.result.rejections == base.result.rejections


@law(
    seed=seeds,
    who=traders,
    kind=marks,
    # lognormal latencies are drawn from the instant
    fields=options_with(latency_model=st.sampled_from(["constant", "time_of_day"])),
)
def test_a_week_later_the_same_happens_a_week_later(seed, who, kind, fields):
    """As long as the same entries of a rule book are in force."""
    of = world(seed, kind)
    moved = changed(of, time=lambda time_ms: time_ms + WEEK)
    base, later = run(of, who(of), **fields), run(moved, who(moved), **fields)
    assert later.fills() == [(time + WEEK, *rest) for time, *rest in base.fills()]
    assert curve(later.result) == [(time + WEEK, equity) for time, equity in curve(base.result)]


@law(seed=seeds, who=traders, kind=marks, fields=options, first=st.booleans())
def test_a_symbol_that_is_not_traded_changes_nothing(seed, who, kind, fields, first):
    of = world(seed, kind)
    extra = world(seed, kind, ("SOL",))
    both = beside(extra, of) if first else beside(of, extra)
    base, wider = run(of, who(of), **fields), run(both, who(both), **fields)
    assert wider.fills() == base.fills()
    assert curve(wider.result) == curve(base.result)


def twice(ran):
    """What twice as much would have been."""
    return [(*fill[:3], fill[3] * 2, fill[4], fill[5] * 2, fill[6]) for fill in ran.fills()]


@law(seed=seeds, who=traders, kind=marks, fields=options)
def test_twice_the_balance_in_a_market_twice_as_deep_trades_twice_as_much(seed, who, kind, fields):
    """Where the venue's steps, minimum and tiers, the account's limits and the amounts of models are twice as large."""
    of = world(seed, kind)
    deeper = changed(of, volume=lambda _, value: value * 2)
    base, double = run(of, who(of), **fields), run(deeper, who(deeper), **in_other_units(fields, of.start_ms, coins=2))
    assert double.fills() == twice(base)
    assert double.result.final_equity == base.result.final_equity * 2
    assert double.result.rejections == base.result.rejections


@law(
    seed=seeds,
    who=traders,
    kind=marks,
    fields=options_with(
        # whatever knows an amount of its own, or of others, is the concern of the law above
        book=no_book,
        models=models.map(lambda own: ExecutionModels(latency=own.latency)),
        volume_cap_percent=st.none(),
        slippage_model=st.sampled_from(["percent", "spread"]),
        max_position_usd=st.none(),
        max_daily_loss_usd=st.none(),
    ),
)
def test_twice_the_balance_alone_trades_twice_as_much(seed, who, kind, fields):
    of = world(seed, kind)
    twice_as_much = {**fields, "initial_balance": 2 * fields["initial_balance"]}
    base, double = run(of, who(of), **fields), run(of, who(of), **twice_as_much)
    assert double.fills() == twice(base)
    assert double.result.final_equity == base.result.final_equity * 2


@law(
    seed=seeds,
    who=traders,
    kind=marks,
    fields=options,
    cut=st.integers(60_000, (MINUTES - 5) * MINUTE),
    whole=st.booleans(),
)
def test_no_future_changes_what_was_seen_and_done_before_it(seed, who, kind, fields, cut, whole):
    """Klines, 15-second rows, book, funding, mark and oracle prices after an instant are others; it may be a close."""
    of = world(seed, kind)
    at = of.start_ms + (cut // MINUTE * MINUTE if whole else cut)
    wild = with_another_future(of, at, seed + 1)
    truth, other = run(of, who(of), **fields), run(wild, who(wild), **fields)

    def until(ran):
        seen = [entry for entry in ran.trader.seen if entry[0] <= at]
        funding = [(each.timestamp, each.amount) for each in ran.sim.account.ledger.postings if each.timestamp <= at]
        return seen, [fill for fill in ran.fills() if fill[0] <= at], funding

    assert until(other) == until(truth)


LIVELY = replace(HABITS, activity=0.6, closing=0.15, limits=0.4, take_profit=0.2, stop_loss=0.2, width=0.02)
OWN_BOOK = VenueRules(
    instruments={
        name: Instrument(
            name, price_step="0.01", size_step="0.1", min_notional=2_000.0, tiers=THREE_TIERS, liquidation_fee=0.3
        )
        for name in NAMES
    },
    fee_tiers=THREE_FEES,
    cancels_when_liquidated=True,
    partial_above_usd=15_000.0,
    partial_share=0.5,
    partial_cooldown_ms=30_000,
)
PLAIN = {reasons.LIMIT_NOT_MET, reasons.WOULD_TAKE, reasons.STALE_PRICE, reasons.NO_BALANCE, reasons.VOLUME_CAP}
OF_VENUES = {reasons.VENUE_LEVERAGE, reasons.NOTIONAL_TOO_SMALL}
OF_OWN = OF_VENUES | {reasons.SIZE_TOO_SMALL, reasons.LIQUIDATED}


@pytest.mark.parametrize(
    ("book", "rejections", "is_partial", "fees"),
    [
        (None, PLAIN, {False}, {0.035, 0.01}),
        # of 2024 and of 2025: taker, maker or rebate
        ("hyperliquid", PLAIN | OF_VENUES, {False, True}, {0.025, -0.002, 0.045, 0.015}),
        ("binance_um", PLAIN | OF_VENUES, {False}, {0.05, 0.02}),
        # of the first, the second and the third tier, which the volume of the day before reaches
        (OWN_BOOK, PLAIN | OF_OWN, {False, True}, {0.05, 0.02, 0.04, 0.01, 0.03}),
    ],
    ids=["no book", "hyperliquid", "binance_um", "own book"],
)
def test_the_worlds_of_the_laws_are_eventful(book, rejections, is_partial, fees):
    """Fills of every purpose, partial liquidations, rejections of every venue's own kind, and tiers that change."""
    purposes, refused, liquidated, paid, tiers = set(), set(), set(), set(), set()
    for seed in range(9):
        of = world(seed, ("none", "rows", "klines")[seed // 3 % 3])
        fields = {
            "initial_balance": (BALANCE, 500_000.0, 400.0)[seed % 3],
            "margin_mode": ("cross", "isolated")[seed % 2],
            "volume_cap_percent": (None, 20.0)[seed // 3 % 2],
        }
        ran = run(of, Trader(of, habits=LIVELY), book, **fields)
        purposes |= {fill[-1] for fill in ran.fills()}
        refused |= set(ran.result.rejections)
        liquidated |= {each["is_partial"] for each in ran.result.liquidations}
        traded = [fill for fill in ran.fills() if fill[-1] != "liquidation"]
        paid |= {round(100 * fee / (size * price), 4) for _, _, _, size, price, fee, _ in traded}
        tiers |= {OWN_BOOK.instruments["BTC"].tier(size * price) for _, _, _, size, price, _, _ in traded}
        assert set(NAMES) == set(of.records)
    assert purposes == {"entry", "decision", "tp", "sl", "trailing", "time", "liquidation"}
    assert refused >= rejections
    assert liquidated == is_partial
    assert paid >= fees
    assert tiers == set(THREE_TIERS)


def test_every_book_and_model_of_the_laws_takes_part_in_what_happens():
    of = world(2, "rows")
    own = [
        ExecutionModels(),
        ExecutionModels(slippage=ThinBook(300.0)),
        ExecutionModels(fees=LoyaltyFees(40_000.0)),
        ExecutionModels(latency=UnevenLatency()),
        ExecutionModels(volume_cap=Queue(80.0)),
    ]
    seen = [run(of, Trader(of, habits=LIVELY), models=each).fills() for each in own]
    seen += [run(of, Trader(of, habits=LIVELY), book).fills() for book in ("hyperliquid", "binance_um", OWN_BOOK)]
    assert len({repr(each) for each in seen}) == len(seen)
