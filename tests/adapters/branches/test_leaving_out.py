"""What each decision was worth."""

from __future__ import annotations

import os
import signal
from functools import partial
from typing import Any

import pytest

from adapters.branches import Change, DecisionWorths, branched, each_decision_left_out
from adapters.trials import Job
from adapters.workers import open_workers
from engine import Decision
from tests.laws.test_what_if import job_of
from tests.support.branches import TURNS, job, not_copied
from tests.support.process_facts import children
from tests.support.runs import MINUTE, START, Script, buy
from tests.support.sandboxes import jailed
from tests.support.worlds import Dealer, world

HERE = partial(open_workers, 1)


def left_out(of: Job) -> DecisionWorths:
    return each_decision_left_out(of, HERE)


@pytest.fixture(scope="module")
def copied() -> DecisionWorths:
    """What the six decisions of the usual run were worth."""
    return left_out(job())


def test_each_is_the_run_less_the_what_if_in_which_it_is_replaced_by_hold(copied: DecisionWorths) -> None:
    found = copied
    assert found.is_forked
    assert [each.at_ms for each in found.worths] == [START + place * MINUTE for place in range(10, 61, 10)]
    for each in found.worths:
        single = branched(job(), Change(each.at_ms, replaces=True))
        assert each.without is not None
        assert each.worth == pytest.approx(-single.gained, abs=1e-9)
        assert each.without.pnl == pytest.approx(single.branch.total_pnl, abs=1e-9)
        assert each.without.trades == single.branch.total_trades
        assert (each.problem, each.decisions[0].reason) == (None, str(each.number * 10))
    assert any(abs(each.worth or 0.0) > 0.1 for each in found.worths)


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_in_random_worlds_with_several_decisions_at_once_too(seed: int) -> None:
    of = world(seed, "klines")
    made = job_of(of, Dealer(of), fee_rate=0.05, scheduled_interval=180)
    found = left_out(made)
    assert len(found.worths) > 10
    for each in found.worths[:: len(found.worths) // 4]:
        single = branched(made, Change(each.at_ms, replaces=True))
        assert each.worth == pytest.approx(-single.gained, abs=1e-7)


def values(found: DecisionWorths) -> list[tuple[Any, ...]]:
    rows = [(each.number, each.at_ms, each.decisions, each.problem, each.without) for each in found.worths]
    return [(*row[:-1], round(row[-1].pnl, 6), row[-1].trades) for row in rows if row[-1] is not None]


def test_runs_made_again_come_to_the_same(copied: DecisionWorths) -> None:
    again = not_copied(lambda: left_out(job()))
    assert (copied.is_forked, again.is_forked) == (True, False)
    assert values(copied) == values(again)
    assert len(values(copied)) == 6


@jailed
def test_so_do_those_of_a_program_in_the_sandbox_on_workers(copied: DecisionWorths) -> None:
    found = each_decision_left_out(job(trust=False), partial(open_workers, 1))
    assert not found.is_forked
    assert values(found) == values(copied)


def test_a_run_that_fails_without_a_decision_says_so() -> None:
    code = TURNS.replace(
        "self.asked += 1",
        "self.asked += 1\n        if self.asked > 15 and not data.positions: raise ValueError('empty')",
    )
    for found in (left_out(job(code)), not_copied(lambda: left_out(job(code)))):
        assert found.base.success
        first, *others = found.worths
        assert "empty" in str(first.problem)
        assert [each.problem for each in others] == [None] * 5


def test_where_nothing_is_decided_nothing_was_worth_anything() -> None:
    hold = Script({5: Decision("hold", "X")})
    assert left_out(job(hold)).worths == ()
    assert str(left_out(job(hold))) == "0 decisions; net PnL 0.00 USD with all of them"


class Forgetful:
    """Counts over all its objects, so that it answers otherwise when it is asked again."""

    asked = 0

    def should_trade(self, data: Any) -> Decision | None:
        Forgetful.asked += 1
        return buy() if Forgetful.asked in (5, 70) else None


def test_a_program_that_answers_otherwise_has_no_worths() -> None:
    (worth,) = not_copied(lambda: left_out(job(Forgetful))).worths
    assert worth.worth is None
    assert "the program answers otherwise when it is asked again" in str(worth.problem)


def test_an_account_that_may_be_ruined_unnoticed_comes_to_what_its_result_says() -> None:
    of = job(liquidation=False)
    for each in left_out(of).worths[::2]:
        assert each.worth == pytest.approx(-branched(of, Change(each.at_ms, replaces=True)).gained, abs=1e-9)


class Dies:
    """As `TURNS`; in a copy that has left out the second decision it is killed, as where memory is short."""

    def __init__(self) -> None:
        self.asked, self.process = 0, os.getpid()

    def should_trade(self, data: Any) -> Decision | None:
        self.asked += 1
        if self.asked == 25 and os.getpid() != self.process and data.positions["X"].side == "long":
            os.kill(os.getpid(), signal.SIGKILL)
        if self.asked % 10:
            return None
        return buy(leverage=2) if self.asked % 20 else Decision("sell", "X", target_portion_of_balance=0.5, leverage=2)


def test_a_copy_that_is_killed_is_told_with_its_decision_and_none_is_left() -> None:
    before = set(children(os.getpid()))
    found = left_out(job(Dies))
    assert [each.number for each in found.worths if each.problem] == [2]
    assert "a copy of the run was killed (SIGKILL)" in str(found.worths[1].problem)
    assert "was killed (SIGKILL)" in str(found).splitlines()[5]
    assert [each.worth is None for each in found.worths] == [False, True, False, False, False, False]
    assert set(children(os.getpid())) <= before


def test_a_frame_has_a_row_for_each(copied: DecisionWorths) -> None:
    found, frame = copied, copied.frame
    assert list(frame.columns) == ["time", "decision", "pnl_without", "worth"]
    assert frame["worth"].tolist() == [each.worth for each in found.worths]
    assert frame["decision"].iloc[0] == "buy X 0.5 x2"
