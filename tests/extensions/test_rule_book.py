"""The rule book of a venue of one's own: fees, steps, margin tiers and liquidation, dated.

Touches 1 file: the book, a TOML file in the form of engine/venue/venues/*.toml (here a text).
"""

import tomllib

import pytest

from engine import RuleBook
from processes import ProgramBacktestEngine, trusted_executor
from tests.support.drills import BUY_ONCE, jailed
from tests.support.runs import START, config, klines, market

BOOK = """
[[fees]]
valid_from = "2023-01-01T00:00:00Z"
source = "the venue's fee page, 2023-01-01"
tiers = [[0, 0.1, 0.02], [1000000, 0.05, 0.0]]

[[funding]]
valid_from = "2023-01-01T00:00:00Z"
source = "the venue's rules"
interval = "8h"
price = "mark"

[[liquidation]]
valid_from = "2023-01-01T00:00:00Z"
source = "the venue's rules"
fee_percent = 1.5

[[instruments.default]]
valid_from = "2023-01-01T00:00:00Z"
source = "the venue's list of contracts"
price_step = "0.5"
size_step = "0.1"
min_notional = 5.0
margin = [[0, 20], [50000, 10]]

[[instruments.X]]
valid_from = "2023-06-01T00:00:00Z"
source = "the venue's list of contracts"
price_step = "0.01"
size_step = "0.25"
margin = [[0, 40]]
"""

HISTORY = market(X=klines(*[99.0] * 9))


def rules():
    return RuleBook("mine", tomllib.loads(BOOK)).rules(["X"], START, START + 8 * 60_000)


def test_the_venues_fees_and_steps_rule_the_run():
    engine = ProgramBacktestEngine(HISTORY, executor_for=trusted_executor, rules=rules())
    result = engine.run(config(BUY_ONCE, 8, ("X",)))
    (held,) = result.open_positions
    assert held["size"] == 50.5  # half of 10,000 USD at 99, in steps of 0.25
    assert result.fees_paid == pytest.approx(50.5 * 99 * 0.1 / 100)
    (instrument,) = rules().instruments.values()
    assert (instrument.max_leverage, instrument.liquidation_fee) == (40, 1.5)


def test_they_rule_the_run_of_a_jailed_program_too():
    (held,) = jailed(HISTORY, BUY_ONCE, 8, rules=rules()).open_positions
    assert held["size"] == 50.5
