"""Maximum adverse and favourable excursion: hand-made trades, and a slow loop over all klines."""

import time

import numpy as np
import pytest

from engine import BacktestTradeRecord
from engine.account import Closing
from engine.contract import ExitReason
from engine.kernel import Fill
from engine.result.excursions import excursions_of
from tests.support.eventful_run import eventful_result
from tests.support.runs import HOUR, MINUTE, START, buy, close, klines, market, run_script, sell, walk


def excursions(rows, decisions, minutes=None, **fields):
    """(worst, best) unrealised PnL of each trade, in percent of its entry notional."""
    period = fields.pop("period_ms", MINUTE)
    history = market(X=klines(*rows, period_ms=period))
    _, _, result = run_script(history, decisions, minutes or len(rows) * period / MINUTE, **fields)
    for trade in result.trades:
        notional = trade.size * trade.entry_price
        assert trade.mae == pytest.approx(trade.mae_percent * notional / 100, abs=1e-9)
        assert trade.mfe == pytest.approx(trade.mfe_percent * notional / 100, abs=1e-9)
    return [(pytest.approx(trade.mae_percent), pytest.approx(trade.mfe_percent)) for trade in result.trades]


FLAT = (100.0, 100.0)
SWING = ((100, 108, 97, 101), (101, 103, 95, 102))


@pytest.mark.parametrize(("entry", "expected"), [(buy(), (-5.0, 8.0)), (sell(), (-8.0, 5.0))])
def test_the_worst_and_the_best_of_the_klines_it_was_held_through(entry, expected):
    assert excursions([100, *SWING, 200], {1: entry, 3: close()}) == [expected]


def test_klines_before_the_entry_and_after_the_exit_do_not_count():
    wild = (100, 150, 50, 100)
    assert excursions([wild, 100, wild], {1: buy(), 2: close()}) == [(0.0, 0.0)]


def test_a_kline_that_it_was_held_through_in_part_does_not_count_but_the_exit_price_does():
    rows = [100, (100, 150, 50, 100), 103, (103, 150, 50, 103)]
    assert excursions(rows, {1.5: buy(), 3.5: close()}, scheduled_interval=30) == [(0.0, 3.0)]


@pytest.mark.parametrize(
    ("entry", "row", "expected"),
    [
        (buy(take_profit_price=105.0), (100, 120, 98, 110), (-2.0, 5.0)),  # not beyond the exit
        (buy(stop_loss_price=95.0), (100, 102, 80, 90), (-5.0, 2.0)),
        (sell(take_profit_price=95.0), (100, 102, 80, 90), (-2.0, 5.0)),
        (sell(stop_loss_price=105.0), (100, 120, 98, 110), (-5.0, 2.0)),
        (buy(trailing_stop_percent=5.0), (100, 102, 80, 90), (-5.0, 2.0)),
    ],
)
def test_the_kline_of_a_touch_counts_to_the_exit_on_the_side_it_left_by(entry, row, expected):
    assert excursions([100, row, row], {1: entry}) == [expected]


def test_an_exit_at_an_open_beyond_the_stop_counts_at_that_price():
    assert excursions([100, (100, 104, 97, 100), (80, 200, 70, 80)], {1: buy(stop_loss_price=95.0)}) == [(-20.0, 4.0)]


def test_each_part_of_a_position_has_the_excursion_up_to_its_own_exit():
    rows = [100, (100, 102, 99, 100), (100, 101, 90, 100), (100, 110, 100, 100)]
    decisions = {1: buy(), 2: close(portion=0.5), 3: close(portion=0.5), 4: close()}
    assert excursions(rows, decisions) == [(-1.0, 2.0), (-10.0, 2.0), (-10.0, 10.0)]


def test_longer_base_klines_do():
    rows = [100, (100, 105, 98, 100), 100]
    assert excursions(rows, {60: buy(), 120: close()}, base_period="1h", period_ms=HOUR) == [(-2.0, 5.0)]


ADDED = [100, (100, 101, 90, 100), 110, (110, 111, 109, 110), (110, 112, 108, 110), 105]


def test_an_addition_does_not_make_earlier_losses_greater():
    """One coin at 100 fell to 90 before a second was bought at 110: that was -10 of 210, never -30."""
    decisions = {1: buy(portion=0.0, size=1.0), 3: buy(portion=0.0, size=1.0), 6: close()}
    assert excursions(ADDED, decisions) == [(-1000 / 210, 1400 / 210)]


def test_what_is_closed_after_an_addition_held_its_share_of_each_entry():
    decisions = {1: buy(portion=0.0, size=1.0), 3: buy(portion=0.0, size=1.0), 4: close(portion=0.5), 6: close()}
    assert excursions(ADDED, decisions) == [(-500 / 105, 600 / 105), (-500 / 105, 700 / 105)]


def coins_of_trades(fills):
    """Of each closing fill in order: when, at which price and how many coins of it were entered; each close takes the
    same share of all entries that are open."""
    entered = {}
    for fill in fills:
        entries = entered.setdefault(fill.symbol, [])
        if fill.purpose == "entry":
            entries.append([fill.timestamp, fill.price, fill.size])
            continue
        held = sum(coins for _, _, coins in entries)
        share = min(fill.size / held, 1.0)
        yield [(at, price, coins * share) for at, price, coins in entries]
        entries[:] = [[at, price, coins * (1.0 - share)] for at, price, coins in entries if 1.0 - share > 1e-9]


def slow(trade: BacktestTradeRecord, entries, columns):
    """The worst and the best PnL, kline by kline and fill by fill."""
    is_long = trade.side == "long"
    sign = 1 if is_long else -1

    def pnl(price, held):
        return sum(sign * coins * (price - paid) for _, paid, coins in held)

    seen = [0.0, pnl(trade.exit_price, entries)]
    seen += [pnl(price, entries[:place]) for place, (_, price, _) in enumerate(entries)]
    for opened, low, high in zip(columns.open_ms.tolist(), columns.low.tolist(), columns.high.tolist(), strict=True):
        closed = opened + MINUTE
        if opened < trade.entry_timestamp or closed > trade.exit_timestamp:
            continue
        if any(opened < at < closed for at, _, _ in entries):
            continue
        if closed == trade.exit_timestamp and trade.exit_reason.is_at_a_price:
            if is_long == (trade.exit_reason is ExitReason.TAKE_PROFIT):
                high = min(high, trade.exit_price)
            else:
                low = max(low, trade.exit_price)
        held = [each for each in entries if each[0] <= opened]
        seen += [pnl(low, held), pnl(high, held)]
    return min(seen), max(seen)


def random_run(seed):
    random = np.random.default_rng(seed)
    decisions = {}
    for minute in random.choice(np.arange(2, 800), 90, replace=False) / 2:
        make = (buy, sell, close)[random.integers(3)]
        name, portion = "XY"[random.integers(2)], float(random.uniform(0.1, 0.5))

        def decide(data, make=make, name=name, portion=portion):
            if make is close:
                return close(name, portion=portion)
            price, sign = data.get_price(name), 1 if make is buy else -1
            stops = {"take_profit_price": price * (1 + sign * 0.006), "stop_loss_price": price * (1 - sign * 0.006)}
            return make(name, portion, 3, **stops if portion < 0.3 and price else {})

        decisions[float(minute)] = decide
    history = market(X=walk(420, seed, holes=0.1), Y=walk(420, seed + 50))
    _, sim, result = run_script(history, decisions, 400, scheduled_interval=30, fee_rate=0.05)
    return sim, history, result


@pytest.mark.parametrize("seed", range(6))
def test_excursions_are_those_of_a_slow_loop(seed):
    sim, history, result = random_run(seed)
    assert len(result.trades) > 20
    coins = list(coins_of_trades(sim.exchange.fills))
    assert any(len(entries) > 3 for entries in coins)
    for trade, entries in zip(result.trades, coins, strict=True):
        worst, best = slow(trade, entries, history.symbols[trade.symbol].base.columns)
        assert (trade.mae, trade.mfe) == (pytest.approx(worst, abs=1e-9), pytest.approx(best, abs=1e-9))


def test_a_result_lies_between_its_excursions():
    for trade in eventful_result().trades:
        assert trade.mae <= trade.gross_pnl + 1e-9
        assert trade.mfe >= trade.gross_pnl - 1e-9
        assert trade.mae <= 0.0 <= trade.mfe


def test_ten_thousand_closes_of_one_long_position_look_at_each_kline_once():
    """Looking at all its klines again for each of them would take minutes."""
    history = market(X=walk(200_000, 3))
    _, _, result = run_script(market(X=klines(*[100.0] * 5)), {1: buy(), 3: close()}, 4)
    (one,) = result.trades.closings
    exits = (START + MINUTE * np.arange(10_000, 200_000, 19)).tolist()
    entry = Fill(START, 1, "X", "buy", 1e6, one.held.entry_price, 0.0, "entry")
    held = one.held.replaced(opened_at=START, size=entry.size)
    closings = [Closing(held, one.fill.replaced(timestamp=each), bounds_loss=False) for each in exits]
    began = time.perf_counter()
    found = [mae for mae, *_ in excursions_of(closings, [entry, *(each.fill for each in closings)], history)]
    assert time.perf_counter() - began < 10.0
    low = history.symbols["X"].base.columns.low
    for left, mae in list(zip(exits, found, strict=True))[::2_500]:
        lowest = low[: (left - START) // MINUTE].min()
        assert mae == pytest.approx(one.fill.size * (min(lowest, one.fill.price) - held.entry_price))
    assert found == sorted(found, reverse=True)
