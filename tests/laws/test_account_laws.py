"""Laws of money that hold for every market and every sequence of decisions."""

import math
from itertools import pairwise

from hypothesis import HealthCheck, given, settings, target
from hypothesis import strategies as st

from engine import Decision
from tests.support.retold import retold
from tests.support.runs import MINUTE, START, buy, klines, market, run_script

NAMES = ("X", "Y")

CLOSE = {"rel_tol": 1e-9, "abs_tol": 1e-6}

moves = st.floats(-0.15, 0.15)


@st.composite
def histories(draw, minutes=14):
    """Two symbols with opening gaps, wicks and missing minutes; the first kline is always there."""
    symbols = {}
    for name in NAMES:
        price, rows = draw(st.sampled_from([0.0001, 1.0, 100.0, 90_000.0])), []
        for minute in range(minutes):
            opened = price * math.exp(draw(moves) * draw(st.sampled_from([0, 0, 1])))
            price = opened * math.exp(draw(moves))
            wick = 1 + abs(draw(moves))
            row = (opened, max(opened, price) * wick, min(opened, price) / wick, price)
            rows.append(row if not minute or draw(st.integers(0, 4)) else None)
        symbols[name] = klines(*rows)
    return market(**symbols)


@st.composite
def sequences(draw, minutes=14):
    """A decision at some of the minutes; triggers are given as factors of the price of the moment."""
    decisions = {}
    for minute in draw(st.sets(st.integers(1, minutes), max_size=minutes)):
        name, operation = draw(st.sampled_from(NAMES)), draw(st.sampled_from(["buy", "sell", "close"]))
        portion = draw(st.sampled_from([0.1, 0.5, 1.0]) | st.floats(0.1, 1.0))
        leverage = draw(st.sampled_from([1, 2, 10, 50]))
        target, stop = (draw(st.none() | st.floats(0.001, 0.2)) for _ in range(2))
        terms = draw(st.sampled_from(["limit", "market"]))

        def decide(data, n=name, o=operation, p=portion, lev=leverage, t=target, s=stop, e=terms):
            price, sign = data.get_price(n) or 1.0, -1 if o == "sell" else 1
            return Decision(
                o,
                n,
                target_portion_of_balance=p,
                leverage=lev,
                take_profit_price=None if t is None else price * (1 + sign * t),
                stop_loss_price=None if s is None else price * (1 - sign * s),
                tp_execution=e,
                sl_execution=e,
            )

        decisions[minute] = decide
    return decisions


settled = settings(max_examples=120, deadline=None, suppress_health_check=[HealthCheck.too_slow])


@settled
@given(
    histories(),
    sequences(),
    st.sampled_from(["close", "open", "vwap"]),
    st.sampled_from(["market", "limit", "as_decided"]),
    st.sampled_from([0.0, 0.05, 1.0]),
    st.sampled_from([(0.0, None), (0.035, None), (0.1, -0.02)]),
)
def test_money_is_neither_made_nor_lost_by_the_books(history, decisions, execution, brackets, slippage, fees):
    script, sim, result = run_script(
        history,
        decisions,
        14,
        execution_price=execution,
        bracket_execution=brackets,
        slippage_percent=slippage,
        fee_rate=fees[0],
        maker_fee_rate=fees[1],
    )
    initial, ledger, state = 10_000.0, sim.account.ledger, sim.account.state
    # cash is what was there at first plus every posting
    assert math.isclose(ledger.cash, initial + math.fsum(p.amount for p in ledger.postings), **CLOSE)
    assert state.cash == ledger.cash
    # the result's parts add up to its total
    assert math.isclose(result.total_pnl, result.final_equity - initial, **CLOSE)
    parts = result.price_pnl - result.fees_paid + result.funding_received
    assert math.isclose(result.total_pnl, parts, rel_tol=1e-9, abs_tol=1e-5)
    # every fill's fee is in the books, and so is every trade
    assert math.isclose(result.fees_paid, math.fsum(fill.fee for fill in sim.exchange.fills), **CLOSE)
    open_fees = math.fsum(position["entry_fees"] for position in result.open_positions)
    closed = math.fsum(trade.pnl for trade in result.trades)
    assert math.isclose(closed, result.total_pnl - result.unrealized_pnl + open_fees, rel_tol=1e-9, abs_tol=1e-5)
    # what was bought and not sold is what is held
    for name in NAMES:
        bought = math.fsum((1 if f.side == "buy" else -1) * f.size for f in sim.exchange.fills if f.symbol == name)
        held = state.holdings.get(name)
        size = 0.0 if held is None else held.sign * held.size
        traded = sum(f.size for f in sim.exchange.fills if f.symbol == name)
        assert math.isclose(bought, size, rel_tol=1e-9, abs_tol=1e-9 * (traded or 1.0))
    # time never goes back, and the strategy saw the account that the books describe
    times = [posting.timestamp for posting in ledger.postings]
    assert times == sorted(times)
    for minute, data in script.seen.items():
        cash = initial + math.fsum(p.amount for p in ledger.postings if p.timestamp < START + minute * MINUTE)
        assert math.isfinite(data.total_equity)
        if not data.positions and all(p.timestamp != data.timestamp for p in ledger.postings):
            assert math.isclose(data.total_equity, cash, **CLOSE)


@settled
@given(histories(), sequences())
def test_a_fill_is_never_better_than_its_kline_allows(history, decisions):
    _, sim, _ = run_script(history, decisions, 14, slippage_percent=0.5)
    for fill in sim.exchange.fills:
        if fill.purpose not in ("tp", "sl"):
            continue
        columns = history.symbols[fill.symbol].base.columns
        traded = (columns.open_ms <= fill.timestamp) & (columns.open_ms + MINUTE >= fill.timestamp)
        best = columns.high[traded].max() if fill.side == "sell" else columns.low[traded].min()
        assert fill.price <= best * (1 + 1e-12) if fill.side == "sell" else fill.price >= best * (1 - 1e-12)


@settled
@given(histories(), sequences())
def test_an_opening_never_uses_more_than_is_available(history, decisions):
    _, sim, _ = run_script(history, decisions, 14, fee_rate=0.1)
    changes = sim.account.changes
    for before, after in pairwise(changes):
        grown = after.state.used_margin() - before.state.used_margin()
        if grown > 0:
            price = {name: history.symbols[name].price(after.timestamp, 0) or 0.0 for name in NAMES}
            equity = after.state.equity(price.__getitem__)
            assert after.state.used_margin() <= equity * (1 + 1e-9) + 1e-6


@settled
@given(histories(), sequences())
def test_leverage_shown_is_entry_notional_over_margin(history, decisions):
    script, _, result = run_script(history, decisions, 14)
    for data in script.seen.values():
        notional = math.fsum(p.size * p.entry_price / p.leverage for p in data.positions.values())
        assert math.isclose(notional, data.used_margin, **CLOSE)
        assert 0 <= data.margin_usage_percent <= 100
    assert all(0 < trade.leverage <= 50 * (1 + 1e-9) for trade in result.trades)


def stops_with_its_entry(fills):
    """Whether a stop filled in the instant of an entry of its symbol: an entry at a kline's vwap, when that closes, and
    a stop that the next one opens beyond. That comes before a liquidation at the open, which it leaves nothing to.
    """
    entered = {(fill.symbol, fill.timestamp) for fill in fills if fill.purpose == "entry"}
    return any(fill.purpose == "sl" and (fill.symbol, fill.timestamp) in entered for fill in fills)


@settled
@given(histories(), sequences(), st.sampled_from(["close", "open", "vwap"]))
def test_equity_ends_below_zero_only_by_a_recorded_gap(history, decisions, execution):
    _, sim, result = run_script(history, decisions, 14, execution_price=execution, fee_rate=0.1, slippage_percent=0.05)
    cash, shortfall = sim.account.state.cash, result.liquidation_shortfall
    target(shortfall)
    if not result.open_positions:
        assert cash >= -shortfall - 1e-6
        assert cash <= -shortfall + 1e-6 or not shortfall
    if shortfall > 1e-6 and not any(event["at_open"] for event in result.liquidations):
        assert execution == "vwap"
        assert stops_with_its_entry(sim.exchange.fills)


@settled
@given(histories(), sequences(), st.sampled_from(["close", "open", "vwap"]), st.sampled_from(["cross", "isolated"]))
def test_a_liquidation_fills_at_a_price_of_its_kline(history, decisions, execution, margin_mode):
    _, sim, _ = run_script(
        history, decisions, 14, execution_price=execution, margin_mode=margin_mode, fee_rate=0.1, slippage_percent=0.05
    )
    for fill in sim.exchange.fills:
        columns = history.symbols[fill.symbol].base.columns
        traded = (columns.open_ms <= fill.timestamp) & (columns.open_ms + MINUTE >= fill.timestamp)
        if fill.purpose == "liquidation" and traded.any():
            assert columns.low[traded].min() * (1 - 1e-9) <= fill.price <= columns.high[traded].max() * (1 + 1e-9)


@settled
@given(histories(), sequences(), st.sampled_from(["close", "open", "vwap"]), st.sampled_from([0.0, 0.1]))
def test_an_isolated_account_ends_below_zero_only_by_the_profits_that_were_pledged(history, decisions, execution, fee):
    """A position pays for its losses with its own margin, so only an opening takes from the cash that is no margin. It
    may be below 0 then: the used margin is more than the cash, by the unrealized profits at most. So much as after the
    last opening, and not more, may be missing when all is closed.
    """
    _, sim, result = run_script(
        history, decisions, 14, execution_price=execution, margin_mode="isolated", fee_rate=fee, slippage_percent=0.05
    )
    least = 10_000.0
    for before, after in pairwise(retold(sim)):
        rounding = 1e-9 * (abs(before.cash) + after.used) + 1e-6
        if after.fill.purpose == "entry":
            prices = {name: history.symbols[name].price(after.fill.timestamp, 0) for name in NAMES}
            assert after.free >= -max(before.unrealized(prices), 0.0) - rounding
            least = after.free
        else:
            assert after.free >= before.free - rounding
    target(-least)
    if not result.open_positions:
        assert sim.account.state.cash >= least - 1e-6


def test_profits_that_were_pledged_and_lost_are_missing_to_the_last_dollar():
    """The bound is reached: 10,000 of profits are margin of the second position, and both lose all of their margin."""
    history = market(X=klines(100.0, 120.0, 120.0, 60.0, 60.0), Y=klines(100.0, 100.0, 100.0, 40.0, 40.0))
    decisions = {1: buy("X", 0.5, 10), 2: buy("Y", 1.0, 2)}
    _, sim, result = run_script(history, decisions, 5, margin_mode="isolated")
    last = [moment for moment in retold(sim) if moment.fill and moment.fill.purpose == "entry"][-1]
    assert math.isclose(last.cash, 10_000.0)
    assert math.isclose(last.used, 20_000.0)
    assert not result.open_positions
    assert math.isclose(sim.account.state.cash, -10_000.0)


@settled
@given(histories(), sequences(), st.sampled_from(["close", "open", "vwap"]))
def test_an_isolated_position_loses_its_margin_and_its_entry_fees_at_most(history, decisions, execution):
    _, _, result = run_script(
        history, decisions, 14, execution_price=execution, margin_mode="isolated", fee_rate=0.1, slippage_percent=0.05
    )
    for trade in result.trades:
        notional = trade.size * trade.entry_price
        assert trade.pnl >= -notional / trade.leverage - notional * 0.001 - 1e-6
    assert math.isclose(
        math.fsum(trade.shortfall_covered for trade in result.trades), result.shortfall_covered, **CLOSE
    )
    parts = result.price_pnl - result.fees_paid + result.funding_received + result.shortfall_covered
    assert math.isclose(result.total_pnl, parts, **CLOSE)
