"""Time stops: the price and the instant of a close after so long a holding."""

from tests.support.fills import fills_of_order
from tests.support.runs import buy


def test_a_time_stop_closes_at_the_price_of_its_instant():
    done, result = fills_of_order(101.0, 102.0, 103.0, order=buy(max_holding_seconds=150), slippage_percent=1.0)
    assert done == [(3.5, 101.0 * 0.99, "time")]
    assert result.trades[0].exit_reason == "time"


def test_a_time_stop_without_a_price_waits_for_the_next_close():
    rows = [None] * 12 + [(110, 111, 109, 110)]
    done, _ = fills_of_order(*rows, minutes=20, order=buy(max_holding_seconds=720))
    assert done == [(15, 110.0, "time")]


def test_of_a_time_stop_and_a_stop_the_earlier_one_closes():
    done, _ = fills_of_order((100, 100, 94, 95), 95.0, 95.0, order=buy(max_holding_seconds=180, stop_loss_price=95.0))
    assert done == [(3, 95.0, "sl")]
    done, _ = fills_of_order(100.0, (100, 100, 94, 95), 95.0, order=buy(max_holding_seconds=60, stop_loss_price=95.0))
    assert done == [(2, 100.0, "time")]
