"""What sets two runs apart: the first difference, a gap whose parts add up exactly, the fills side by side."""

from __future__ import annotations

import json
import math
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import pandas
import pytest

from adapters.journals import MoneyOfRun, RunDifference, difference_of, fills_table, journal_of_result
from adapters.journals.first_difference import money_of
from engine import DataError, MarketHistory
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
    sums = found.split.first, found.split.second
    for exact, money, other in zip(sums, found.money, found.money[::-1], strict=True):
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
    assert found.journals.settings == {"slippage_percent": (0.0, 0.1)}
    assert found.to_dict()["settings"] == {"slippage_percent": [0.0, 0.1]}
    assert "They are runs of other things: slippage_percent: 0.0 in A, 0.1 in B\n" in repr(found)
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
    assert {*found.journals.end} == {"digest", "equity", "prices.X"} == {*found.to_dict()["end"]}
    assert "\nTheir last lines differ in digest: " in repr(found)
    assert "data_coverage" not in repr(found)


def test_of_runs_that_differ_in_what_was_stored_alone_the_digest_is_told_with_why() -> None:
    plain = market(X=klines(*PRICES))
    unread = pandas.Series([1.0, 2.0], pandas.to_datetime([START, START + MINUTE], unit="ms", utc=True))
    given = plain, MarketHistory(plain.symbols, features={"unread": unread})
    first, second = (recorded(each, DECISIONS, 14) for each in given)
    found = difference_of(journal_of_result(first.result, "A"), journal_of_result(second.result, "B"))
    assert [*found.journals.end] == ["digest"]
    assert "\n  A digest is of all that a result says, also of what was stored of its market (data_coverage): " in repr(
        found
    )


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


def test_times_of_another_zone_are_noticed() -> None:
    decisions = {minute: buy() if minute % 2 else close("X", 1.0) for minute in range(1, 11)}
    first = money_of(journal("A", decisions))
    moved = MoneyOfRun("live.csv", [each._replace(at=each.at + 2 * 3_600_000 + 500) for each in first.fills])
    found = difference_of(journal("A", decisions), moved, 10_000)
    (told,) = (each for each in found.remarks if "time zone" in each)
    assert told == (
        "with times 2 h earlier 10 of its 10 fills would stand beside one of the other run, and 0 do: if its times are "
        "those of another time zone, say --time-zone +02:00"
    )
    here = MoneyOfRun("live.csv", [each._replace(at=each.at + 500) for each in first.fills])
    assert not any("time zone" in each for each in difference_of(journal("A", decisions), here, 10_000).remarks)


def test_what_a_venue_holds_in_the_end_is_said() -> None:
    first = money_of(journal())
    live = MoneyOfRun("live.csv", first.fills[:3])
    assert any(
        each.startswith("live.csv holds -") and each.endswith("of the other, or else at the last price")
        for each in difference_of(journal(), live).remarks
    )


OTHER = (50, 50, 51, 50, 49, 48, 49, 50, 51, 52, 53, 52, 51, 50, 49, 48)
TWO = market(X=klines(*PRICES), Y=klines(*OTHER))
BOTH = {**DECISIONS, 2: [buy("Y")], 8: [close("Y", 0.5)]}
THIN = market(X=klines(*((price, price, price, price, 10.0 + place % 3) for place, price in enumerate(PRICES))))


def capped(percent: float, minutes: int = 14, decisions=DECISIONS):
    return recorded(THIN, decisions, minutes, volume_cap_percent=percent, fee_rate=0.1, initial_balance=5_000.0)


AWKWARD = {
    "other numbers of parts": lambda: (capped(100.0), capped(30.0)),
    "one order in one fill and in several": lambda: (recorded(THIN, DECISIONS, 14, fee_rate=0.1), capped(40.0)),
    "another symbol more": lambda: (recorded(TWO, DECISIONS, 14), recorded(TWO, BOTH, 14, fee_rate=0.1)),
    "no symbol in common": lambda: (
        recorded(market(X=klines(*PRICES)), DECISIONS, 14),
        recorded(market(Y=klines(*OTHER)), {3: buy("Y"), 9: close("Y", 0.5)}, 14),
    ),
    "an earlier end with a position open": lambda: (capped(60.0), capped(60.0, 8)),
    "a later end with the other side open": lambda: (capped(60.0, 13), capped(25.0, 15, {1: sell(), 5: buy("X")})),
    "nothing done in one": lambda: (recorded(THIN, {}, 14), capped(50.0)),
}


def sums_by_symbol(records: list, prices: dict[str, Fraction]) -> dict[str, Fraction]:
    """What a run came to with each symbol, of the plain lines of its journal: cash, fees, payments, what it holds."""
    sums: dict[str, Fraction] = {}
    held: dict[str, Fraction] = {}
    for each in records:
        if each["message"] == "fill":
            symbol, coins = each["symbol"], Fraction(each["size"]) * (1 if each["side"] == "buy" else -1)
            held[symbol] = held.get(symbol, Fraction(0)) + coins
            sums[symbol] = sums.get(symbol, Fraction(0)) - coins * Fraction(each["price"]) - Fraction(each["fee"])
    return {symbol: each + held[symbol] * prices[symbol] for symbol, each in sums.items()}


@pytest.mark.parametrize("pair", AWKWARD)
def test_of_awkward_pairs_each_symbol_adds_up_to_what_its_lines_come_to(pair: str) -> None:
    first, second = AWKWARD[pair]()
    found = difference_of(journal_of_result(first.result, "A"), journal_of_result(second.result, "B"))
    marks = [{name: Fraction(price) for name, price in told.records[-1]["prices"].items()} for told in (first, second)]
    fills = sorted((each for told in (first, second) for each in told.all("fill")), key=lambda each: each["at"])
    last = {each["symbol"]: Fraction(each["price"]) for each in fills}
    one = sums_by_symbol(first.records, {**last, **marks[1], **marks[0]})
    other = sums_by_symbol(second.records, {**last, **marks[0], **marks[1]})
    assert {*one, *other} == {*found.split.by_symbol}
    for symbol, split in found.split.by_symbol.items():
        by_hand = other.get(symbol, Fraction(0)) - one.get(symbol, Fraction(0))
        assert float(sum(split.values()) - by_hand) == pytest.approx(0.0, abs=1e-9), symbol
    assert sum(found.split.parts.values()) == found.split.gap
    assert float(found.split.gap) == pytest.approx(second.result.total_pnl - first.result.total_pnl, abs=1e-6)


def test_the_parts_of_an_order_are_one_fill_of_a_pair_and_what_the_other_did_not_fill_is_missed() -> None:
    first, second = AWKWARD["one order in one fill and in several"]()
    assert len(second.all("fill")) > len(first.all("fill"))
    found = difference_of(journal_of_result(first.result, "A"), journal_of_result(second.result, "B"))
    pair = found.fills.pairs[0]
    parts = [Fraction(each["size"]) for each in second.all("fill")][: pair.second.parts]
    assert (pair.first.parts, len(parts) > 1, pair.second.size) == (1, True, sum(parts))


def test_of_a_run_that_ends_earlier_what_the_other_did_after_it_is_missed() -> None:
    first, second = AWKWARD["an earlier end with a position open"]()
    found = difference_of(journal_of_result(first.result, "A"), journal_of_result(second.result, "B"))
    assert found.fills.missed
    assert min(each.at for each in found.fills.missed) > second.records[-1]["at"] - MINUTE
    assert found.fills.extra == []
    assert second.records[-1]["prices"]
