"""Values that a decision gives, of whatever kind they are: read without raising, and judged."""

from __future__ import annotations

import math
from numbers import Real
from operator import attrgetter

from ... import reasons
from ...contract import Decision
from ...periods import SECOND_MS

LONGEST_S = 1e10
LONGEST_TEXT = 200


def number_of(value: object) -> float:
    """Return a number of any kind (numpy's too) as a float; nan for what is no number or too large to be a float."""
    if type(value) is float:  # numpy's are floats too, but write themselves in another way
        return value
    if type(value) is int or (isinstance(value, Real) and not isinstance(value, bool)):  # asking for a Real takes long
        try:
            return float(value)
        except OverflowError:
            return math.nan
    return math.nan


def text_problem(value: object) -> bool:
    """Tell whether a value is no text, or too long a one to name something."""
    return not isinstance(value, str) or len(value) > LONGEST_TEXT


def expiry_problem(seconds: object) -> str | None:
    """Return why an order cannot expire after so many seconds, or None."""
    if seconds is None or 0.0 < number_of(seconds) < LONGEST_S:
        return None
    return reasons.EXPIRY_OUT_OF_RANGE


def expiry_ms(seconds: object) -> int:
    """Return a time in seconds that is no problem in whole ms, at least one."""
    return max(round(number_of(seconds) * SECOND_MS), 1)


#: A decision's limits and triggers: maximum, minimum, take-profit, stop-loss, trigger; nan for what is no number.
Prices = list[float | None]
_given_prices = attrgetter("max_price", "min_price", "take_profit_price", "stop_loss_price", "trigger_price")


def prices_of(decision: Decision) -> Prices:
    """Return every price that a decision gives, as floats; nearly all are floats already."""
    return [price if price is None or type(price) is float else number_of(price) for price in _given_prices(decision)]


def price_problem(prices: Prices) -> str | None:
    """Return why one of some prices is none, or None."""
    for price in prices:
        if price is not None and not 0.0 < price < math.inf:
            return reasons.BAD_PRICE
    return None
