"""What sets two runs apart: the first difference, a gap whose parts add up exactly, the fills side by side."""

from __future__ import annotations

import json
import math
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import pytest

from adapters.journals import MoneyOfRun, RunDifference, difference_of, fills_table, journal_of_result
from adapters.journals.first_difference import money_of
from engine import DataError
from tests.support.journals import recorded
from tests.support.runs import MINUTE, START, buy, close, klines, market, sell
from tests.support.worlds import Dealer, Trader, run, world

PRICES = (100, 100, 101, 102, 103, 104, 103, 102, 101, 100, 99, 98, 99, 100, 101, 102)
DECISIONS = {1: buy(), 4: close("X", 1.0), 6: sell(), 9: close("X", 1.0), 11: buy(portion=0.3)}


def told(decisions=DECISIONS, prices=PRICES, **fields):
    return recorded(market(X=klines(*prices)), decisions, 14, **{"fee_rate": 0.1, **fields}).result


def journal(name: str = "A", *of, **fields):
    return journal_of_result(told(*of, **fields), name)


def parts(found: RunDifference) -> dict[str, float]:
    return {part: float(each) for part, each in found.split.parts.items() if each}


def independent_pnl(run: MoneyOfRun) -> Fraction:
    """What a run came to by its cash, each part of it as it was paid."""
    last = {each.symbol: each.price for each in run.fills} | run.marks
    cash = sum((-each.sign * each.size * each.price - each.fee for each in run.fills), Fraction(0))
    paid = sum((each.amount for each in [*run.funding, *run.covered]), Fraction(0))
    return cash + paid + sum((each.sign * each.size * last[each.symbol] for each in run.fills), Fraction(0))


@pytest.mark.parametrize("seed", range(6))
@pytest.mark.parametrize("kind", ["none", "rows"])
def test_in_random_worlds_the_parts_add_up_exactly(seed: int, kind: str) -> None:
    of = world(seed, kind)
    who = Dealer if seed % 2 else Trader
    left_out = frozenset(range(of.start_ms, of.start_ms + 45 * MINUTE, 10 * 45_000))
    first = run(of, who(of), record_journal=True)
    second = run(of, who(of, left_out=left_out), record_journal=True, slippage_percent=0.2, fee_rate=0.06)
    found = difference_of(*(journal_of_result(each.result) for each in (first, second)))
    split = found.split
    assert sum(split.parts.values()) == split.gap == split.second - split.first
    assert {*split.by_symbol} <= {"BTC", "ETH"}
    for ran, exact, money in ((first, split.first, found.money[0]), (second, split.second, found.money[1])):
        assert math.isclose(float(exact), ran.result.total_pnl, rel_tol=0, abs_tol=1e-6)
        assert len(money.fills) == ran.result.fills
        assert float(sum(each.fee for each in money.fills)) == pytest.approx(ran.result.fees_paid)
        assert float(sum(each.amount for each in money.funding)) == pytest.approx(ran.result.funding_received)
    assert found.rounding < 1e-6
    assert split.gap
    assert found.first_difference is not None


@pytest.mark.parametrize("seed", range(4))
def test_each_sum_is_what_the_cash_of_a_run_comes_to(seed: int) -> None:
    of = world(seed, "rows")
    found = difference_of(
        *(
            journal_of_result(run(of, Dealer(of), record_journal=True, slippage_percent=each).result)
            for each in (0.0, 0.1)
        )
    )
    for exact, money, other in zip(
        (found.split.first, found.split.second), found.money, found.money[::-1], strict=True
    ):
        marked = replace(money, marks={**other.marks, **money.marks})
        # what is flat but for a rounding may be worth anything
        assert float(exact - independent_pnl(marked)) == pytest.approx(0.0, abs=1e-9)


def test_a_run_beside_itself_differs_in_nothing() -> None:
    found = difference_of(journal(), journal("B"))
    assert found.is_same
    assert found.first_difference is None
    assert found.split.gap == 0
    assert not any(found.split.parts.values())
    assert (len(found.fills.pairs), found.fills.missed, found.fills.extra) == (5, [], [])
    head, lines = told().journal_head, len(told().journal.lines)
    assert repr(found) == f"A: A\nB: B\nNothing differs: {lines} lines, journal {head}"


def test_a_price_that_was_changed_is_all_of_the_gap() -> None:
    first = money_of(journal())
    changed = [*first.fills]
    changed[1] = changed[1]._replace(price=changed[1].price - Fraction(1, 4))
    found = difference_of(first, replace(first, fills=changed))
    size = changed[1].size
    assert found.split.parts["price"] == found.split.gap == -size / 4
    assert parts(found) == {"price": float(-size / 4)}
    assert found.slippage is not None
    assert found.slippage["worst"] == pytest.approx(0.25 / 102 * 10_000)


def test_a_fee_that_was_changed_is_all_of_the_gap() -> None:
    first = money_of(journal())
    changed = [first.fills[0]._replace(fee=first.fills[0].fee + 2), *first.fills[1:]]
    assert parts(difference_of(first, replace(first, fills=changed))) == {"fee": -2.0}


def test_orders_that_were_dropped_are_missed_fills_and_the_other_way_round_extra_ones() -> None:
    first = money_of(journal())
    second = replace(first, name="B", fills=[each for place, each in enumerate(first.fills) if place not in (0, 1)])
    found = difference_of(first, second)
    lost = first.fills[0].size * (first.fills[1].price - first.fills[0].price)
    fees = first.fills[0].fee + first.fills[1].fee
    assert found.split.parts["missed"] == found.split.gap == fees - lost
    assert {*parts(found)} == {"missed"}
    assert [each.at for each in found.fills.missed] == [START + MINUTE, START + 4 * MINUTE]
    back = difference_of(second, first)
    assert parts(back) == {"extra": float(lost - fees)}


def test_a_decision_that_was_not_taken_is_the_first_difference_and_what_came_of_it_follows() -> None:
    second = {minute: each for minute, each in DECISIONS.items() if minute not in (1, 4)}
    found = difference_of(journal(), journal("B", second))
    where = found.first_difference
    assert where is not None
    assert (where.first["message"], where.first["at"]) == ("decision", START + MINUTE)
    assert (where.second["message"], where.second["at"]) == ("trigger", START + 2 * MINUTE)
    assert where.fields == {}
    ours, theirs = where.followed
    assert ours.count == {"order: submit": 1, "order: fill": 1, "fill": 1}
    assert [each["message"] for each in ours.shown] == ["order", "fill", "order"]
    assert not theirs.count
    assert "First difference:\n  A line " in repr(found)


def test_a_changed_price_of_the_market_is_told_with_its_field() -> None:
    other = [*PRICES]
    other[3] = 102.5
    found = difference_of(journal(), journal("B", DECISIONS, other))
    where = found.first_difference
    assert where is not None
    assert where.first["message"] == where.second["message"] == "fill"
    assert where.fields["price"] == (102.0, 102.5)
    text = repr(found)
    assert "differs in" in text
    assert "price: 102.0 in A, 102.5 in B" in text
    assert {*parts(found)} >= {"price"}


def test_other_costs_are_another_configuration_and_positions_that_are_held_count_at_their_marks() -> None:
    first, second = journal(), journal("B", slippage_percent=0.1)
    found = difference_of(first, second)
    assert "configuration" in found.journals.start
    assert found.money[0].marks == {"X": Fraction(100.0)}
    assert found.split.sized == 5
    assert sum(found.split.parts.values()) == found.split.gap
    assert found.slippage["mean"] == pytest.approx(10.0)
    assert found.delay == {"mean": 0.0, "median": 0.0, "least": 0.0, "most": 0.0}


def test_another_price_at_the_end_is_what_is_open() -> None:
    other = [*PRICES[:-3], 150, 150, 150]
    found = difference_of(journal(), journal("B", DECISIONS, other))
    held = found.money[0].fills[-1].size
    assert found.split.parts["open"] == found.split.gap == held * (150 - 100)
    assert found.first_difference is None
    assert "No message between their first and their last lines differs" in repr(found)


def test_the_fills_are_a_table_a_frame_and_json(tmp_path: Path) -> None:
    first = money_of(journal())
    late = [each._replace(at=each.at + 2_500) for each in first.fills[:4]]
    found = difference_of(first, replace(first, name="B", fills=late))
    table = fills_table(found).splitlines()
    assert len(table) == 6
    assert table[1].split()[:4] == ["both", "X", "buy", "entry"]
    assert table[1].split()[-2] == "+2.500"
    assert table[-1].startswith("missed")
    frame = found.frame
    assert [*frame["what"]] == ["both"] * 4 + ["missed"]
    assert str(frame["first_at"].dtype) == "datetime64[ms, UTC]"
    assert frame["delay_s"][:4].tolist() == [2.5] * 4
    found.to_json(tmp_path / "diff.json")
    kept = json.loads((tmp_path / "diff.json").read_text())
    assert kept == json.loads(json.dumps(found.to_dict()))
    assert sum(Fraction(kept["exact"][part]) for part in kept["parts"]) == Fraction(kept["exact"]["gap"])
    assert kept["delay_seconds"]["mean"] == 2.5
    with pytest.raises(DataError, match="within: -1 ms is no tolerance"):
        difference_of(first, first, -1)


def test_of_fills_of_a_venue_those_in_the_time_of_the_run_count() -> None:
    first = money_of(journal())
    before = [each._replace(at=START - MINUTE) for each in first.fills[:2]]
    live = MoneyOfRun("live.csv", [*before, *first.fills], tells_funding=False)
    found = difference_of(journal(), live)
    assert found.split.gap == 0
    assert "live.csv: 2 fills outside of 2024-01-01 00:00:00 UTC to 2024-01-01 00:15:00 UTC left out" in found.remarks
    assert any("tells no funding" in each for each in found.remarks)
    assert "One of them is a file of fills: only fills are compared" in repr(found)


def test_a_fill_that_comes_late_at_the_end_counts_and_one_of_later_decisions_does_not() -> None:
    decisions = {**DECISIONS, 14: close("X", 1.0)}
    first = money_of(journal("A", decisions))
    late = [each._replace(at=each.at + 2_000) for each in first.fills]
    later = late[0]._replace(at=late[-1].at + 10_000)
    found = difference_of(journal("A", decisions), MoneyOfRun("live.csv", [*late, later]))
    assert found.split.gap == 0
    assert (len(found.fills.pairs), found.fills.extra) == (6, [])


def test_what_a_venue_held_before_is_left_out_with_what_closes_it() -> None:
    first = money_of(journal())
    carried = first.fills[0]._replace(at=START - MINUTE, size=Fraction(2))
    closing = first.fills[1]._replace(at=START + 30_000, size=Fraction(2))
    live = MoneyOfRun("live.csv", [carried, closing, *first.fills])
    found = difference_of(journal(), live)
    assert found.split.gap == 0
    assert any("live.csv: +2 X was held before: 1 fill that closed it left out" in each for each in found.remarks)
