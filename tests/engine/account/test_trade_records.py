"""Records of closed trades are made when they are looked at, and say what the account did."""

from dataclasses import FrozenInstanceError

import pytest

from tests.support.runs import buy, close, klines, market, run_script


@pytest.fixture
def trades():
    decisions = {1: buy(stop_loss_price=80.0), 3: close(portion=0.5), 4: close(), 5: buy(), 6: close()}
    _, sim, result = run_script(market(X=klines(100, 100, 110, 120, 120, 120, 90, 90)), decisions, 7, fee_rate=0.1)
    assert result.trades is sim.account.trades
    return result.trades


def test_records_stand_in_the_order_of_the_exits_and_are_made_once(trades):
    assert len(trades) == 3
    assert [each.exit_timestamp for each in trades] == sorted(each.exit_timestamp for each in trades)
    assert trades[0] is trades[0]
    assert trades[-2:] == list(trades)[1:]
    assert trades == tuple(trades)
    assert trades != list(trades)[1:]
    with pytest.raises(IndexError):
        trades[3]
    with pytest.raises(FrozenInstanceError):
        trades[0].pnl = 0.0


def test_a_record_says_what_its_closing_brought(trades):
    for closing, record in zip(trades.closings, trades, strict=True):
        assert record.pnl == closing.pnl == pytest.approx(record.gross_pnl - record.fee + record.funding)
        assert (record.fee, record.risk) == (closing.fee, closing.risk)
        assert record.mae is not None
    assert trades.closings[0].share == pytest.approx(0.5)
    assert trades.closings[1].share == trades.closings[2].share == 1.0


def test_while_a_run_goes_on_there_are_no_excursions_yet():
    seen = []

    def look(data):
        seen.extend(data.recent_trades)
        return close()

    def watch(sim):
        yield sim.at(sim.start_ms + 200_000)
        seen.append(sim.account.trades[0])

    from tests.support.runs import Script, config, wired

    sim = wired(market(X=klines(*[100.0] * 6)), config(Script({1: buy(), 2: close(), 3: look}), 5))
    sim.process(watch)
    result = sim.run()
    record = seen[-1]
    assert record.mae is None
    assert result.trades[0].mae is not None
    assert seen[0].pnl == record.pnl
