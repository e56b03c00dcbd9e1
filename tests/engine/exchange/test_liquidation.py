"""Liquidation: when, at what price, in what order, and what is left."""

import pytest

from engine import (
    FlowHistory,
    Instrument,
    Liquidated,
    MarginTier,
    MarketHistory,
    SymbolHistory,
    TimedValues,
    VenueRules,
)
from tests.support.runs import MINUTE, START, Script, buy, close, config, klines, market, run_script, sell, wired

ALL_IN = {"portion": 1.0, "leverage": 50}


def test_fifty_times_leverage_through_minus_ten_percent_and_back_is_no_gain():
    path = klines(100.0, 100.0, (100.0, 100.0, 90.0, 90.0), (90.0, 110.0, 90.0, 110.0), 110.0)
    _, _, result = run_script(market(X=path), {1: buy(**ALL_IN)}, 5)
    (trade,) = result.trades
    # 5,000 coins at 100: 10,000 - 5,000 d = 1 % of 5,000 (100 - d) at d = 1.010101...
    assert (trade.exit_reason, trade.exit_price) == ("liquidation", pytest.approx(100 - 5_000 / 4_950))
    assert result.final_equity == pytest.approx(10_000 - 5_000 * 5_000 / 4_950)
    assert 0 < result.final_equity < 10_000
    (event,) = result.liquidations
    assert (event["timestamp"], event["at_open"], event["is_partial"]) == (START + 3 * MINUTE, False, False)
    assert any("1 liquidations, the first at 2024-01-01 00:03:00 UTC" in text for text in result.warnings)


def test_without_liquidation_it_is_a_warning():
    path = klines(100.0, 100.0, (100.0, 100.0, 90.0, 90.0), (90.0, 110.0, 90.0, 110.0), 110.0)
    _, _, result = run_script(market(X=path), {1: buy(**ALL_IN)}, 5, liquidation=False)
    assert (result.trades, result.liquidations) == ((), [])
    assert any("liquidation is off" in text for text in result.warnings)


@pytest.mark.parametrize(("entry", "opened"), [(buy, 80.0), (sell, 120.0)])
def test_a_gap_through_the_liquidation_price_fills_at_the_open_and_ends_below_zero_by_the_gap(entry, opened):
    path = klines(100.0, 100.0, opened, opened, opened)
    _, _, result = run_script(market(X=path), {1: entry(**ALL_IN)}, 5)
    (trade,) = result.trades
    assert (trade.exit_price, trade.exit_timestamp) == (opened, START + 2 * MINUTE)
    assert result.final_equity == pytest.approx(10_000 - 5_000 * 20)
    assert result.liquidation_shortfall == pytest.approx(90_000)
    assert result.liquidations[0]["at_open"]
    assert any("jumped over a liquidation price: equity stood 90,000.00 USD below zero" in w for w in result.warnings)


STOPPED_FAR_FROM_ITS_VWAP = klines(100.0, 100.0, (100.0, 130.0, 100.0, 100.0), 100.0, 100.0)


@pytest.mark.parametrize("margin_mode", ["cross", "isolated"])
def test_a_stop_in_the_instant_of_an_entry_at_a_vwap_counts_what_it_loses_below_zero(margin_mode):
    entry = buy(**ALL_IN, stop_loss_price=105.0)
    _, sim, result = run_script(
        market(X=STOPPED_FAR_FROM_ITS_VWAP), {2: entry}, 5, execution_price="vwap", margin_mode=margin_mode
    )
    (trade,), size = result.trades, 500_000 / 110
    assert (trade.exit_reason, trade.entry_price, trade.exit_price) == ("sl", pytest.approx(110.0), 100.0)
    assert [(fill.purpose, fill.timestamp) for fill in sim.exchange.fills] == [
        ("entry", START + 3 * MINUTE),
        ("sl", START + 3 * MINUTE),
    ]
    assert result.liquidation_shortfall == pytest.approx(size * 10 - 10_000)
    if margin_mode == "cross":
        assert result.final_equity == pytest.approx(-result.liquidation_shortfall)
        assert result.shortfall_covered == 0.0
        assert any("an exit filled beyond a liquidation price: equity stood 35,454.55" in w for w in result.warnings)
    else:
        assert (result.final_equity, result.shortfall_covered) == (0.0, result.liquidation_shortfall)


def test_without_liquidation_nothing_of_such_a_stop_is_a_shortfall():
    entry = buy(**ALL_IN, stop_loss_price=105.0)
    history = market(X=STOPPED_FAR_FROM_ITS_VWAP)
    _, _, result = run_script(history, {2: entry}, 5, execution_price="vwap", liquidation=False)
    assert (result.final_equity, result.liquidation_shortfall) == (pytest.approx(-35_454.55, abs=0.01), 0.0)


def test_what_a_stop_slips_below_zero_is_a_shortfall_too():
    path = klines(100.0, 100.0, (100.0, 100.0, 99.8, 99.8), 99.8)
    entry = buy(portion=1.0, leverage=30, stop_loss_price=99.9)
    _, _, result = run_script(market(X=path), {1: entry}, 4, slippage_percent=2.0)
    (trade,), size = result.trades, 300_000 / 102
    assert (trade.exit_reason, trade.exit_price) == ("sl", pytest.approx(99.9 * 0.98))
    assert result.final_equity == pytest.approx(10_000 - size * (102 - 99.9 * 0.98))
    assert result.liquidation_shortfall == pytest.approx(-result.final_equity)


@pytest.mark.parametrize(
    ("stop", "reason", "price"),
    [(99.5, "sl", 99.5), (98.5, "liquidation", 100 - 5_000 / 4_950)],
    ids=["the stop is nearer to the open", "the liquidation is nearer to the open"],
)
def test_of_a_stop_and_a_liquidation_in_one_kline_the_nearer_to_the_open_comes_first(stop, reason, price):
    path = klines(100.0, 100.0, (100.0, 100.0, 90.0, 90.0), 90.0, 90.0)
    _, _, result = run_script(market(X=path), {1: buy(**ALL_IN, stop_loss_price=stop)}, 5)
    (trade,) = result.trades
    assert (trade.exit_reason, trade.exit_price) == (reason, pytest.approx(price))


def test_a_stop_that_a_kline_reached_comes_before_the_gap_of_the_next():
    path = klines(100.0, 100.0, (100.0, 100.0, 99.2, 99.2), 50.0, 50.0)
    _, _, result = run_script(market(X=path), {1: buy(**ALL_IN, stop_loss_price=99.5)}, 5)
    (trade,) = result.trades
    assert (trade.exit_reason, trade.exit_price) == ("sl", 99.5)
    assert result.liquidation_shortfall == 0.0


def test_a_resting_order_nearer_to_the_open_is_filled_before_the_liquidation():
    path = klines(100.0, 100.0, 100.0, (100.0, 100.0, 90.0, 100.0), 100.0)
    more = buy(portion=1.0, leverage=50, time_in_force="Gtc", max_price=99.5)
    _, sim, result = run_script(market(X=path), {1: buy(portion=0.5, leverage=50), 2: more}, 5)
    assert [(fill.purpose, fill.timestamp) for fill in sim.exchange.fills] == [
        ("entry", START + MINUTE),
        ("entry", START + 4 * MINUTE),
        ("liquidation", START + 4 * MINUTE),
    ]
    assert result.liquidation_shortfall == 0.0


def test_cross_positions_stand_together_and_isolated_ones_alone():
    falling, rising = (100.0, 100.0, 96.0, 96.0), (100.0, 104.0, 100.0, 104.0)
    history = market(X=klines(100.0, 100.0, falling, 96.0, 96.0), Y=klines(100.0, 100.0, rising, 104.0, 104.0))
    orders = {1: lambda _: buy(portion=0.1, leverage=50)}
    both = {**orders, 1.5: buy("Y", portion=0.1, leverage=50)}
    fields = {"scheduled_interval": 30}
    _, _, cross = run_script(history, both, 4, **fields)
    _, _, isolated = run_script(history, both, 4, margin_mode="isolated", **fields)
    assert cross.liquidations == []
    (event,) = isolated.liquidations
    # margin 1,000 for 500 coins at 100: 1,000 - 500 d = 1 % of 500 (100 - d)
    assert (event["symbol"], event["price"]) == ("X", pytest.approx(100 - 500 / 495))


def test_what_the_strategy_sees_is_the_price_at_which_it_happens():
    path = klines(100.0, 100.0, 100.0, (100.0, 100.0, 90.0, 90.0), 90.0)
    script, _, result = run_script(market(X=path), {1: buy(portion=0.7, leverage=50, reason="in")}, 5, fee_rate=0.05)
    data = script.seen[2]
    assert result.trades[0].exit_price == pytest.approx(data.positions["X"].liquidation_price, rel=1e-12)
    assert data.max_leverage == 50
    assert data.maintenance_margin == pytest.approx(0.01 * data.positions["X"].size * 100.0)


TIERS = (MarginTier(0.0, 50, 0.01, 0.0), MarginTier(100_000.0, 20, 0.025, 1_500.0))


def with_rules(path, decision, minutes=5, **rules):
    sim = wired(market(X=path), config(Script({1: decision}), minutes), rules=VenueRules(**rules))
    return sim, sim.run()


def test_a_price_in_another_tier_is_found_exactly():
    # 2,000 coins from 60 to 40: the notional passes from the tier above 100,000 into the one below on the way
    path = klines(60.0, 60.0, (60.0, 60.0, 40.0, 40.0), 40.0)
    rules = {"instruments": {"X": Instrument("X", tiers=TIERS)}}
    sim, result = with_rules(path, buy(portion=1.0, leverage=12), **rules)
    (trade,) = result.trades
    size = 120_000 / 60
    value = 10_000 + size * (trade.exit_price - 60)
    assert value == pytest.approx(Instrument("X", tiers=TIERS).maintenance_margin(size * trade.exit_price), rel=1e-9)
    assert sim.exchange.fills[0].size == pytest.approx(size)


def test_a_large_position_is_liquidated_by_a_share_first_and_then_in_full():
    path = klines(100.0, 100.0, (100.0, 100.0, 98.9, 98.9), (98.9, 98.9, 90.0, 90.0), 90.0)
    _, result = with_rules(path, buy(**ALL_IN), partial_above_usd=100_000.0, partial_share=0.2)
    kinds = [(event["is_partial"], round(event["size"])) for event in result.liquidations]
    # a fifth of 5,000 coins; in the next kline a fifth of the rest, and in the same kline what then remains
    assert kinds == [(True, 1_000), (True, 800), (False, 3_200)]
    assert result.liquidations[0]["price"] == pytest.approx(100 - 5_000 / 4_950)
    assert result.liquidations[1]["timestamp"] >= result.liquidations[0]["timestamp"]
    assert not result.liquidations[-1]["is_partial"]
    assert result.final_equity > 0


def test_within_the_cool_down_all_of_it_goes():
    path = klines(100.0, 100.0, (100.0, 100.0, 90.0, 90.0), 90.0)
    rules = {"partial_above_usd": 100_000.0, "partial_share": 0.2, "partial_cooldown_ms": 30_000}
    _, result = with_rules(path, buy(**ALL_IN), **rules)
    assert [(each["is_partial"], round(each["size"])) for each in result.liquidations] == [
        (True, 1_000),
        (False, 4_000),
    ]
    first, second = (each["price"] for each in result.liquidations)
    assert second < first
    assert result.liquidation_shortfall == 0.0


@pytest.mark.parametrize(("stop", "exits"), [(98.9, [("liquidation", 1_000), ("sl", 4_000)]), (98.7, None)])
def test_a_stop_on_the_way_from_a_partial_liquidation_to_the_next_one_fills_first(stop, exits):
    path = klines(100.0, 100.0, (100.0, 100.0, 90.0, 90.0), 90.0)
    rules = {"partial_above_usd": 100_000.0, "partial_share": 0.2, "partial_cooldown_ms": 30_000}
    sim, _ = with_rules(path, buy(**ALL_IN, stop_loss_price=stop), **rules)
    done = [(str(fill.purpose), round(fill.size)) for fill in sim.exchange.fills[1:]]
    assert done == (exits or [("liquidation", 1_000), ("liquidation", 4_000)])  # which comes at 98.74


def test_the_liquidation_fee_is_charged_but_never_more_than_is_left():
    path = klines(100.0, 100.0, (100.0, 100.0, 90.0, 90.0), 90.0)
    for fee, left in ((0.5, 4_950 - 0.005 * 5_000 * 98.98989898), (5.0, 0.0)):
        instrument = Instrument("X", liquidation_fee=fee)
        _, result = with_rules(path, buy(**ALL_IN), instruments={"X": instrument})
        assert result.final_equity == pytest.approx(left, abs=1.0)
        assert result.final_equity >= 0.0
        assert result.liquidation_shortfall == 0.0


def test_a_liquidation_is_said_on_the_bus():
    path = klines(100.0, 100.0, (100.0, 100.0, 90.0, 90.0), 90.0)
    sim = wired(market(X=path), config(Script({1: buy(**ALL_IN)}), 4))
    heard: list[Liquidated] = []
    sim.bus.listen(Liquidated, heard.append)
    sim.run()
    assert [(each.timestamp, each.symbol, each.side) for each in heard] == [(START + 3 * MINUTE, "X", "long")]


def test_the_kline_under_way_counts_when_only_funding_was_paid():
    path = klines(*[100.0] * 28, (100.0, 100.0, 90.0, 99.9), 99.9, 99.9)
    flow = FlowHistory(funding_rate=TimedValues([START + 28 * MINUTE + 12], [0.0001]))  # no hour is near
    history = MarketHistory([SymbolHistory("X", path, flow=flow)])
    _, _, result = run_script(history, {1: buy(**ALL_IN)}, 31)
    assert result.funding_payments == 1
    assert [trade.exit_reason for trade in result.trades] == ["liquidation"]


ISOLATED = {"margin_mode": "isolated", "fee_rate": 0.05}


@pytest.mark.parametrize(("entry", "opened"), [(buy, 90.0), (sell, 110.0)])
def test_an_isolated_position_loses_its_margin_and_no_more_whatever_the_gap(entry, opened):
    path = klines(100.0, 100.0, opened, opened, opened)
    _, sim, result = run_script(market(X=path), {1: entry(portion=0.1, leverage=40)}, 5, **ISOLATED)
    (trade,), size = result.trades, 400.0
    assert (trade.exit_price, trade.size) == (opened, pytest.approx(size))
    entry_fee, exit_fee = size * 100 * 0.0005, size * opened * 0.0005
    assert trade.fee == pytest.approx(entry_fee + exit_fee)
    assert trade.shortfall_covered == pytest.approx(4_000 + exit_fee - 1_000)
    assert trade.pnl == pytest.approx(-1_000 - entry_fee)
    assert result.final_equity == pytest.approx(10_000 - 1_000 - entry_fee)
    assert result.liquidation_shortfall == result.shortfall_covered == trade.shortfall_covered
    parts = result.price_pnl - result.fees_paid + result.funding_received + result.shortfall_covered
    assert result.total_pnl == pytest.approx(parts, abs=1e-9)
    assert [posting.kind for posting in sim.account.ledger.postings] == ["fee", "pnl", "fee", "shortfall_covered"]
    jumped = f"{4_000 - 1_000:,.2f} USD where the market jumped over a liquidation price"
    lost = f"isolated positions lost {3_000 + exit_fee:,.2f} USD more than their margins, which nobody paid: {jumped}"
    assert f"{lost}; {exit_fee:,.2f} USD are fees of closing them" in result.warnings


def test_the_liquidation_fee_of_an_isolated_position_is_charged_in_full_and_what_is_beyond_its_margin_covered():
    path = klines(100.0, 100.0, (100.0, 100.0, 90.0, 90.0), 90.0)
    settings = config(Script({1: buy(portion=0.1, leverage=50)}), 4, margin_mode="isolated")
    rules = VenueRules(instruments={"X": Instrument("X", liquidation_fee=5.0)})
    result = wired(market(X=path), settings, rules=rules).run()
    (trade,) = result.trades
    assert trade.fee == pytest.approx(0.05 * 500 * trade.exit_price)
    assert result.final_equity == pytest.approx(9_000)
    assert result.shortfall_covered == pytest.approx(trade.fee - 1_000 + 500 * (100 - trade.exit_price))
    assert any(
        text.endswith(f"nobody paid: {result.shortfall_covered:,.2f} USD are fees of closing them")
        for text in result.warnings
    )


def test_without_liquidation_nobody_covers_what_an_isolated_position_loses():
    path = klines(100.0, 100.0, 90.0, 90.0, 90.0)
    orders = {1: buy(portion=0.1, leverage=40), 3: close()}
    _, _, result = run_script(market(X=path), orders, 5, margin_mode="isolated", liquidation=False)
    assert (result.final_equity, result.shortfall_covered) == (pytest.approx(6_000), 0.0)


def test_isolated_positions_that_reach_their_levels_in_one_kline_close_at_its_close_in_the_order_of_the_configuration():
    falling = (100.0, 100.0, 97.0, 99.9)
    history = market(X=klines(100.0, 100.0, falling, 100.0), Y=klines(100.0, 100.0, falling, 100.0))
    orders = {1: buy("Y", portion=0.1, leverage=50), 1.5: buy("X", portion=0.1, leverage=50)}
    later = market(X=klines(100.0, 100.0, 100.0, falling, 100.0), Y=klines(100.0, 100.0, 100.0, falling, 100.0))
    fields = {"margin_mode": "isolated", "scheduled_interval": 30}
    # an entry of X within the kline does not hide it from Y, which was held all through it
    _, _, first = run_script(history, {1: orders[1], 2.5: orders[1.5]}, 4, **fields)
    assert [(each["symbol"], each["timestamp"]) for each in first.liquidations] == [("Y", START + 3 * MINUTE)]
    _, _, both = run_script(later, orders, 5, **fields)
    assert [(each["symbol"], each["timestamp"]) for each in both.liquidations] == [
        ("X", START + 4 * MINUTE),
        ("Y", START + 4 * MINUTE),
    ]


def test_cross_positions_are_closed_in_the_order_of_the_configuration():
    history = market(X=klines(100.0, 100.0, 90.0, 90.0), Y=klines(100.0, 100.0, 90.0, 90.0))
    orders = {1: buy("Y", portion=0.4, leverage=50), 1.5: buy("X", portion=0.4, leverage=50)}
    _, _, result = run_script(history, orders, 3, scheduled_interval=30)
    assert [each["symbol"] for each in result.liquidations] == ["X", "Y"]


def with_funding(path, rate, at_minute):
    flow = FlowHistory(funding_rate=TimedValues([START + round(at_minute * MINUTE)], [rate]))
    return MarketHistory([SymbolHistory("X", path, flow=flow)])


def test_funding_that_eats_the_margin_of_an_isolated_position_liquidates_it_at_the_price_of_the_moment():
    history = with_funding(klines(*[100.0] * 32), 0.03, 28.2)  # no hour is near
    _, _, result = run_script(history, {1: buy(portion=0.1, leverage=50)}, 31, margin_mode="isolated")
    (event,) = result.liquidations
    assert (event["timestamp"], event["price"]) == (START + round(28.2 * MINUTE), 100.0)
    # 1,500 paid on a margin of 1,000: the position is worth -500, and nobody bears that
    assert result.funding_received == pytest.approx(-1_500)
    assert (result.final_equity, result.liquidation_shortfall) == (pytest.approx(9_000), pytest.approx(500))


RESTING = buy("Y", portion=0.1, leverage=1, time_in_force="Gtc", max_price=50.0)


@pytest.mark.parametrize(("cancels", "fills"), [(True, []), (False, ["Y"])])
@pytest.mark.parametrize("margin_mode", ["cross", "isolated"])
def test_a_resting_order_goes_with_the_liquidation_of_its_account_where_the_venue_says_so(cancels, fills, margin_mode):
    path = klines(100.0, 100.0, (100.0, 100.0, 97.0, 99.0), 99.0, 99.0)
    other = klines(100.0, 100.0, 100.0, 40.0, 40.0)
    settings = config(
        Script({1: RESTING, 1.5: buy("X", portion=0.9, leverage=50)}),
        5,
        ["X", "Y"],
        scheduled_interval=30,
        margin_mode=margin_mode,
    )
    sim = wired(market(X=path, Y=other), settings, rules=VenueRules(cancels_when_liquidated=cancels))
    result = sim.run()
    bought = [fill.symbol for fill in sim.exchange.fills if fill.purpose == "entry" and fill.symbol == "Y"]
    alone = margin_mode == "isolated"  # another symbol's order is not of that position's account
    assert [each["symbol"] for each in result.liquidations] == ["X"]
    assert bought == (["Y"] if alone else fills)
    assert result.rejections == ({"account liquidated": 1} if cancels and not alone else {})


def marked(path, rows=None, mark_klines=None):
    """X with a mark row every 15 s, from one value for each, and with klines of the mark price."""
    times = [START + 15_000 * place for place in range(len(rows or ()))]
    flow = FlowHistory(mark_price=TimedValues(times, rows)) if rows else None
    return MarketHistory([SymbolHistory("X", path, flow=flow, mark_klines=mark_klines)])


def test_a_mark_row_liquidates_at_itself_and_program_watcher_and_result_agree():
    rows = [100.0] * 13 + [98.8] * 15  # from 00:03:15 on
    history = marked(klines(*[100.0] * 8), rows)
    script, _, result = run_script(history, {1: buy(**ALL_IN)}, 6)
    (event,) = result.liquidations
    assert (event["timestamp"], event["price"]) == (START + 195_000, 98.8)
    assert event["at_open"]
    assert result.final_equity == pytest.approx(4_000)
    seen = script.seen[3]
    assert seen.positions["X"].liquidation_price == pytest.approx(100 - 5_000 / 4_950)
    assert script.seen[4].total_equity == pytest.approx(4_000)
    assert result.margin_prices == {"X": "25 mark rows"}


def test_what_the_mark_never_reached_liquidates_nothing():
    wick = klines(100.0, 100.0, (100.0, 100.0, 90.0, 100.0), 100.0, 100.0)
    for history in (marked(wick, [100.0] * 20), marked(wick, mark_klines=klines(*[100.0] * 5))):
        _, _, result = run_script(history, {1: buy(**ALL_IN)}, 4)
        assert result.liquidations == []
        assert result.worst_intrabar_equity == pytest.approx(10_000)
    _, _, result = run_script(market(X=wick), {1: buy(**ALL_IN)}, 4)
    assert len(result.liquidations) == 1
    assert result.margin_prices == {"X": "klines: no marks recorded"}


def test_inside_a_mark_kline_it_is_the_level_and_beyond_it_the_open():
    level = 100 - 5_000 / 4_950
    for row, price, minute in (((100.0, 100.0, 98.0, 100.0), level, 4), (97.0, 97.0, 3)):
        marks = klines(100.0, 100.0, 100.0, row, 100.0)
        _, _, result = run_script(marked(klines(*[100.0] * 6), mark_klines=marks), {1: buy(**ALL_IN)}, 5)
        (event,) = result.liquidations
        assert (event["timestamp"], event["price"]) == (START + minute * MINUTE, pytest.approx(price))


def test_without_a_fresh_mark_klines_count_again():
    wick = klines(*[100.0] * 4, (100.0, 100.0, 90.0, 100.0), 100.0)
    history = marked(wick, [100.0] * 13)  # up to 00:03:00: 120 s old when the wick's kline closes
    _, _, result = run_script(history, {1: buy(**ALL_IN)}, 6)
    assert [event["timestamp"] for event in result.liquidations] == [START + 5 * MINUTE]
    assert result.margin_prices == {"X": "13 mark rows, 2 klines without a fresh mark"}
    _, _, result = run_script(history, {1: buy(**ALL_IN)}, 6, mark_stale_ms=120_000)
    assert result.liquidations == []


def test_the_lowest_equity_is_that_of_the_mark_rows_within_a_minute():
    rows = [100.0] * 9 + [99.5] + [100.0] * 10  # at 00:02:15
    _, _, result = run_script(marked(klines(*[100.0] * 6), rows), {1: buy(**ALL_IN)}, 4)
    assert result.worst_intrabar_equity == pytest.approx(10_000 - 5_000 * 0.5)


def test_a_maintenance_breach_of_the_marks_is_a_warning_where_liquidation_is_off():
    rows = [100.0] * 9 + [98.5] + [100.0] * 10
    history = marked(klines(*[100.0] * 6), rows)
    _, _, result = run_script(history, {1: buy(**ALL_IN)}, 4, liquidation=False)
    assert any("liquidation is off" in text for text in result.warnings)


@pytest.mark.parametrize(("opened", "why"), [(100.0, "tp"), (99.4, "liquidation")])
def test_a_kline_that_reaches_a_target_and_a_liquidation_is_said_to_be_in_no_range(opened, why):
    path = klines(100.0, 100.0, (opened, 101.0, 95.0, 100.0), 100.0)
    _, _, result = run_script(market(X=path), {1: buy(**ALL_IN, take_profit_price=101.0)}, 5)
    assert [trade.exit_reason for trade in result.trades] == [why]
    said = (
        "1 kline reached a liquidation and an order: what was nearer to the open came first; what the other way round"
    )
    assert any(text.startswith(said) for text in result.warnings)
    assert (result.pnl_low, result.undefined["pnl_low"]) == (None, "no rule to vary")


def test_where_marks_end_the_market_is_where_it_trades_and_not_where_the_way_there_would_lead_past():
    path = klines(100.0, 100.0, 100.0, 90.0, 90.0, 90.0)  # the mark of 00:03 is fresh up to 00:04
    flow = FlowHistory(mark_price=TimedValues([START + n * MINUTE for n in range(4)], [100.0] * 4))
    _, _, result = run_script(MarketHistory([SymbolHistory("X", path, flow=flow)]), {1: buy(**ALL_IN)}, 6)
    (trade,) = result.trades
    assert (trade.exit_reason, trade.exit_price, trade.exit_timestamp) == ("liquidation", 90.0, START + 5 * MINUTE)
