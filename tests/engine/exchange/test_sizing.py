"""How large an order is: of the balance, of the position, and with room for the fee."""

import math
from fractions import Fraction

import numpy as np
import pytest

from tests.support.fills import RISING, fills_of
from tests.support.runs import buy, close, klines, market, run_script


@pytest.mark.parametrize(
    ("portion", "leverage", "fee_rate", "notional"),
    [
        (0.1, 1, 0.0, 1_000),
        (0.5, 2, 0.0, 10_000),
        (0.5, 2, 0.035, 10_000),
        (1.0, 1, 0.0, 10_000),
        (1.0, 10, 0.0, 100_000),
        (1.0, 1, 0.1, 10_000 / (1 + 0.001)),
        (1.0, 50, 0.035, 10_000 / (1 / 50 + 0.00035)),
        (0.999, 50, 0.1, 10_000 / (1 / 50 + 0.001)),
        (0.9, 50, 0.1, 450_000),
    ],
)
def test_the_notional_is_balance_times_portion_times_leverage_capped_by_margin_and_fee(
    portion, leverage, fee_rate, notional
):
    decision = buy(portion=portion, leverage=leverage)
    ((_, _, size, price, fee, _),), result = fills_of({1: decision}, 1, fee_rate=fee_rate)
    assert size * price == pytest.approx(notional, rel=1e-12)
    (position,) = result.open_positions
    assert position["margin"] == pytest.approx(notional / leverage, rel=1e-12)
    assert position["leverage"] == pytest.approx(leverage)
    assert position["margin"] + fee <= 10_000 * (1 + 1e-12)


def test_the_size_follows_from_the_slipped_price():
    ((_, _, size, price, _, _),), _ = fills_of({1: buy()}, 1, slippage_percent=2.0)
    assert (size, price) == (5000 / 102, 102.0)


@pytest.mark.parametrize("portion", [0, 0.0, 1, 1.0, 1.5, 99, np.float32(1.0), Fraction(3, 2)], ids=repr)
def test_closing_nothing_in_particular_or_everything_closes_all(portion):
    fills, result = fills_of({1: buy(), 3: close(portion=portion)})
    assert [size for _, _, size, *_ in fills] == [50.0, 50.0]
    assert result.open_positions == []


@pytest.mark.parametrize("portion", [1 - 1e-13, 0.5, 1e-9, 5e-324])
def test_closing_any_share_leaves_no_dust_and_no_error(portion):
    _, result = fills_of({1: buy(), 2: close(portion=portion), 3: close()}, fee_rate=0.1)
    assert result.open_positions == []
    assert result.success
    assert sum(trade.size for trade in result.trades) == pytest.approx(50.0)
    assert all(math.isfinite(trade.pnl_percent) for trade in result.trades)


@pytest.mark.parametrize("fee_rate", [0.0, 0.035, 0.1])
@pytest.mark.parametrize("leverage", [1, 3, 50])
def test_all_in_leaves_room_for_the_fee_and_nothing_more(fee_rate, leverage):
    _script, _, result = run_script(
        RISING, {1: buy(portion=1.0, leverage=leverage)}, 2, fee_rate=fee_rate, liquidation=False
    )
    result = result.open_positions[0]
    cash = 10_000 - result["entry_fees"]
    assert cash - result["margin"] == pytest.approx(0.0, abs=1e-8)


def test_available_balance_may_be_negative_and_then_an_opening_is_refused_but_a_close_is_not():
    history = market(X=klines(100.0, 100.0, 80.0, 80.0, 80.0, 80.0))
    script, _, result = run_script(history, {1: buy(portion=1.0, leverage=2), 3: buy(), 4: close()}, 5)
    assert script.seen[3].available_balance == pytest.approx(6_000 - 10_000)
    assert result.rejections == {"no available balance": 1}
    assert result.final_equity == pytest.approx(6_000)
