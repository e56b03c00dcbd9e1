"""What is known of an instant."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from adapters.explanations import Explanation, JournalExplained
from engine import DataError, Simulation
from tests.support.journals import Told, recorded
from tests.support.runs import MINUTE, START, buy, klines, market

RISE = market(X=klines(100, 100, 100, (100, 115, 100, 110), *[110.0] * 8))
BRACKET: dict[str, Any] = {"take_profit_price": 112.0, "stop_loss_price": 90.0}


def explained(told: Told, at: Any) -> Explanation:
    assert told.result.journal is not None
    return JournalExplained(told.result.journal).explanation(at=at)


def texts(found: Explanation, title: str) -> list[str]:
    (section,) = [each for each in found.sections if each.title == title]
    return [step.text for step in section.steps]


def test_an_instant_at_which_nothing_happened_says_what_is_around_it() -> None:
    found = explained(recorded(RISE, {1: buy(**BRACKET)}, 6), START + 2 * MINUTE + 30_000)
    assert found.summary == "nothing happened"
    assert texts(found, "The last thing before") == ["Woken: the schedule is due."]
    assert texts(found, "At the instant")[0].startswith("Nothing happened")
    assert texts(found, "What was open after it") == [
        "Positions: 50 X; 10,000.00 USD in cash, and equity 10,000.00 USD at the last change of 2024-01-01 00:01:00.",
        "Still so: Order 2 is armed: Take Profit Limit (it fills at the market), Sell 50 X at 112.",
        "Still so: Order 3 is armed: Stop Limit (it fills at the market), Sell 50 X at 90.",
    ]
    assert texts(found, "What came next") == ["Woken: the schedule is due."]


def test_all_of_an_instant_is_told_in_order() -> None:
    found = explained(recorded(RISE, {1: buy(**BRACKET)}, 6), "2024-01-01T01:04:00+01:00")
    kinds = [step.what for step in found.sections[1].steps]
    assert kinds == ["order", "order", "price", "fee", "ledger", "trigger"]
    assert texts(found, "What was open after it")[-1] == "Orders: none."


def test_before_the_first_and_after_the_last_thing() -> None:
    told = recorded(RISE, {}, 3)
    first, last = explained(told, START), explained(told, START + 3 * MINUTE)
    assert texts(first, "The last thing before") == ["The start."]
    assert texts(first, "What was open after it")[0] == "Positions: none yet; 10,000.00 USD in cash."
    assert texts(last, "What came next") == ["The end of the run."]


def test_a_time_that_was_asked_for_says_when() -> None:
    told = recorded(RISE, {2: lambda data: data.wake_at(START + 200_000)}, 5)
    found = explained(told, START + 200_000)
    assert texts(found, "At the instant") == ["Woken: the program has asked to be woken then, at 2024-01-01 00:02:00."]


def test_a_time_outside_of_the_run_and_none_at_all_are_refused() -> None:
    told = recorded(RISE, {}, 3)
    with pytest.raises(DataError, match="is not in the run, which goes from 2024-01-01 00:00:00 to"):
        explained(told, "2024-01-01T00:04:00Z")
    with pytest.raises(DataError, match="has no time zone"):
        explained(told, "2024-01-01T00:02:00")


def test_a_pause_is_told_with_its_reason_and_not_with_the_hash_of_its_line() -> None:
    def maintenance(sim: Simulation) -> Iterator[Any]:
        yield sim.at(START + 3 * MINUTE)
        sim.exchange.pause("maintenance")

    told = recorded(RISE, {}, 6, lambda sim: sim.process(maintenance))
    (text,) = [each for each in texts(explained(told, START + 3 * MINUTE), "At the instant") if "paused" in each]
    assert text.endswith("nothing fills, nothing is accepted (reason maintenance).")
