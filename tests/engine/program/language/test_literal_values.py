"""Which literal values stand for nothing: the lists are those of what answers."""

import pytest

from engine.market.flow import FLOW_METRICS
from engine.market.indicators import INDICATOR_FAMILIES, PLAIN_INDICATORS
from engine.periods import PERIOD_MS
from engine.program.language.literal_values import ARGUMENT_CHECKS, field_check, operation_finding, symbol_check

ALL = {
    "period": list(PERIOD_MS),
    "metric": [*FLOW_METRICS, *map(str.lower, FLOW_METRICS)],
    "indicator": [*PLAIN_INDICATORS, *(f"{name}{length}" for name in INDICATOR_FAMILIES for length in (1, 14, 400))],
    "count": [1, 50, 5_000],
}


@pytest.mark.parametrize("name", ALL)
def test_all_that_is_answered_is_right(name):
    assert [ARGUMENT_CHECKS[name](value) for value in ALL[name]] == [None] * len(ALL[name])


@pytest.mark.parametrize("name", ALL)
@pytest.mark.parametrize("value", ["", "?", None, 0, -1, 1.5, (), b"1h"])
def test_what_has_no_answer_is_said_with_what_to_do(name, value):
    message, hint = ARGUMENT_CHECKS[name](value)
    assert message
    assert hint


def test_every_symbol_is_right_where_none_is_configured():
    assert symbol_check(())("X") is None
    assert symbol_check(["X"])("X") is None
    assert symbol_check(["X"])("Y") is not None


def test_a_field_is_wrong_where_no_operation_takes_it():
    assert field_check("leverage", ["buy", "close"], False)(0) is None
    assert field_check("leverage", ["buy", "sell"], False)(0) is not None
    assert [operation_finding(value) for value in ("buy", " SELL ", "Close", "hold")] == [None] * 4


@pytest.mark.parametrize(
    ("name", "right", "wrong"),
    [
        ("size", 0.5, -1.0),
        ("notional", 100, "100"),
        ("risk_percent", 1.5, 101),
        ("trigger_price", 90.0, 0.0),
        ("tag", "bid", 5),
        ("group", "", None),
        ("expires_after_seconds", 60, 0),
        ("reduce_only", True, "yes"),
        ("post_only", True, 1),
        ("order_id", 7, 7.5),
    ],
)
def test_the_fields_of_orders_have_their_ranges(name, right, wrong):
    operations = ["cancel", "amend"] if name == "order_id" else ["buy", "sell"]
    check = field_check(name, operations, False)
    assert check(right) is None
    assert check(wrong) is not None
    assert check(wrong)[1], "what may stand there is said"
