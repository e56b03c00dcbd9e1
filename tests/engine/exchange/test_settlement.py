"""What a fill leaves behind: averaged entries, shares of fees and margin, records of trades."""

import pytest

from tests.support.fills import RISING, fills_of
from tests.support.runs import MINUTE, START, buy, close, run_script


def test_adding_averages_the_entry_by_size_and_adds_margins():
    script, _, result = run_script(
        RISING, {1: buy(portion=0.5, leverage=2), 3: buy(portion=0.5, leverage=4), 5: close()}, 6, fee_rate=0.1
    )
    at4 = script.seen[4].positions["X"]
    first = 10_000 / 100
    balance = 10_000 - 10.0 + first * 5 - 5_000  # equity at 105 less the margin in use
    second = balance * 0.5 * 4 / 105
    assert at4.size == pytest.approx(first + second)
    assert at4.entry_price == pytest.approx((first * 100 + second * 105) / (first + second))
    assert script.seen[4].used_margin == pytest.approx(5_000 + balance * 0.5)
    assert at4.leverage == pytest.approx(at4.size * at4.entry_price / script.seen[4].used_margin)
    (trade,) = result.trades
    assert (trade.timestamp, trade.size, trade.entry_price) == (START + MINUTE, at4.size, at4.entry_price)
    assert trade.fee == pytest.approx(0.001 * (first * 100 + second * 105 + at4.size * 115))


def test_a_position_that_was_added_to_keeps_the_reason_of_its_first_entry():
    _, result = fills_of({1: buy(reason="first"), 2: buy(portion=0.2, reason="second"), 3: close(reason="enough")})
    (trade,) = result.trades
    assert (trade.reason, trade.exit_decision_reason, trade.exit_reason) == ("first", "enough", "decision")
    assert (trade.trigger_type, trade.exit_trigger_type, trade.operation) == ("scheduled", "scheduled", "buy")


def test_a_partial_close_takes_its_share_of_fees_and_margin_and_leaves_the_entry_price():
    script, _, result = run_script(RISING, {1: buy(), 2: close(portion=0.25), 3: close()}, 6, fee_rate=0.1)
    before, after = script.seen[2].positions["X"], script.seen[3].positions["X"]
    assert after.size == pytest.approx(0.75 * before.size)
    assert after.entry_price == before.entry_price
    assert script.seen[3].used_margin == pytest.approx(0.75 * script.seen[2].used_margin)
    quarter, rest = result.trades
    assert (quarter.size, rest.size) == (pytest.approx(12.5), pytest.approx(37.5))
    assert quarter.fee == pytest.approx(0.001 * (12.5 * 100 + 12.5 * 102))
    assert rest.fee == pytest.approx(0.001 * (37.5 * 100 + 37.5 * 105))
    assert result.open_positions == []
