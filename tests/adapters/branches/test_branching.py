"""A run that goes on otherwise from an instant on."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest

from adapters.branches import Branches, Change, branched
from adapters.trials import Job, Trial, TrialRunner
from engine import BacktestResult, ConfigurationError, DataError, Decision, ExecutionModels, SimulationError, reasons
from engine.venue.models import TradedVolume
from processes import TriggerTimes
from tests.support.branches import TURNS, job, not_copied
from tests.support.runs import MINUTE, START, Script, buy, klines, market
from tests.support.sandboxes import jailed

Ask = Callable[[Job, Change], Branches]
AT = START + 29 * MINUTE + 1
SLIPPAGE = Change(AT, {"slippage_percent": 0.2})


class Turns:
    """As `TURNS`, a class."""

    def __init__(self) -> None:
        self.asked = 0

    def should_trade(self, data: Any) -> Decision | None:
        self.asked += 1
        if self.asked % 10:
            return None
        return buy(leverage=2) if self.asked % 20 else Decision("sell", "X", target_portion_of_balance=0.5, leverage=2)


@pytest.fixture(params=["copied", "made again"])
def ask(request: pytest.FixtureRequest) -> Ask:
    """Both ways of a branch: the process is copied, or the run is made again."""
    if request.param == "copied":
        return branched
    return lambda of, change: not_copied(lambda: branched(of, change))


def ran(of: Job) -> BacktestResult:
    with TrialRunner(of) as runner:
        return runner.result(Trial(0))


def heads(found: Branches) -> tuple[str | None, str | None]:
    return found.base.journal_head, found.branch.journal_head


@pytest.mark.parametrize("program", [TURNS, Turns, Turns()], ids=["text", "class", "object"])
@pytest.mark.parametrize("change", [Change(AT), SLIPPAGE, Change(AT, replaces=True)], ids=["none", "field", "decision"])
def test_a_copy_and_a_run_made_again_are_the_same(program: Any, change: Change) -> None:
    copied, again = branched(job(program), change), not_copied(lambda: branched(job(program), change))
    assert (copied.is_forked, again.is_forked) == (True, False)
    assert heads(copied) == heads(again)
    assert copied.base.digest == ran(job(program)).digest
    assert (copied.branch.digest == copied.base.digest) is (not change.fields and not change.replaces)


@jailed
@pytest.mark.parametrize("change", [Change(AT), Change(AT, {"slippage_percent": 0.2}, True, buy())])
def test_a_program_in_the_sandbox_is_asked_again_and_comes_to_the_same(change: Change) -> None:
    found, trusted = branched(job(trust=False), change), branched(job(), change)
    assert not found.is_forked
    assert heads(found) == heads(trusted)


def test_what_comes_before_is_the_same_to_the_byte_and_what_comes_after_is_not(ask: Ask) -> None:
    found = ask(job(), SLIPPAGE)
    assert found.base.journal.upto(AT - 1) == found.branch.journal.upto(AT - 1)
    later = [each.price for each in found.base.fill_records if each.timestamp >= AT]
    changed = [each.price for each in found.branch.fill_records if each.timestamp >= AT]
    assert len(later) == len(changed) > 0
    assert all(before != after for before, after in zip(later, changed, strict=True))
    assert found.branch.config["slippage_percent"] == 0.2
    told = "what-if: from 2024-01-01 00:29:00 UTC on slippage_percent was 0.2, before 0.0"
    assert told in found.branch.warnings
    assert told not in found.base.warnings


def test_a_change_at_the_instant_of_a_fill_counts_for_it(ask: Ask) -> None:
    script = Script({5: buy()})
    (before,), (at,), (after,) = (
        ask(job(script, slippage_percent=0.0), Change(START + ms, {"slippage_percent": 1.0})).branch.fill_records
        for ms in (5 * MINUTE + 1, 5 * MINUTE, 5 * MINUTE - 1)
    )
    assert at.price == after.price == pytest.approx(before.price * 1.01)


@dataclass(frozen=True)
class DearerLater:
    """Fees that are others from `AT` on."""

    def percent(self, symbol: str, is_maker: bool, time_ms: int, traded: TradedVolume) -> float:
        return 0.05 if time_ms < AT else 0.3


@dataclass(frozen=True)
class LaterLater:
    """A latency that is another from `AT` on."""

    def delay_ms(self, decided_at_ms: int) -> int:
        return 0 if decided_at_ms < AT else 90_000


@pytest.mark.parametrize(
    ("fields", "models"),
    [
        ({"fee_rate": 0.3}, ExecutionModels(fees=DearerLater())),
        ({"order_latency_ms": 90_000}, ExecutionModels(latency=LaterLater())),
    ],
)
def test_a_cost_that_changes_is_a_model_of_ones_own_that_does(
    ask: Ask, fields: dict[str, Any], models: ExecutionModels
) -> None:
    found, by_hand = ask(job(), Change(AT, fields)), ran(job(models=models))
    assert found.branch.fill_records == by_hand.fill_records
    assert found.branch.final_equity == by_hand.final_equity != found.base.final_equity


@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        ({"max_position_usd": 1.0}, reasons.POSITION_NOTIONAL),
        ({"max_open_orders": 1}, reasons.OPEN_ORDERS),
        ({"max_daily_loss_usd": 1e-9}, reasons.DAILY_LOSS),
        ({"stop_cooldown_seconds": 3_600}, reasons.COOL_DOWN),
    ],
)
def test_limits_of_the_account_hold_from_then_on(ask: Ask, fields: dict[str, Any], reason: str) -> None:
    stopped = buy(portion=0.1, stop_loss_price=99.0)
    resting = buy(portion=0.1, max_price=50.0, time_in_force="Gtc")
    script = Script({1: stopped, 5: resting, 8: buy(portion=0.1), 12: buy(portion=0.1)})
    history = market(X=klines(100, 100, (100, 100, 98, 98), *[98.0] * 20))
    of = job(script, history, 20)
    found = ask(of, Change(START + 10 * MINUTE, fields))
    assert len(found.base.fill_records) == 4
    assert len(found.branch.fill_records) == 3
    assert (found.branch.rejections[reason], reason in found.base.rejections) == (1, False)
    assert len(found.branch.risk_limit_hits) == 1


def test_the_decision_of_the_trigger_then_or_next_is_replaced(ask: Ask) -> None:
    sell = Decision("sell", "X", target_portion_of_balance=0.2, leverage=1)
    script, other = Script({5: buy(), 20: buy()}), Script({5: buy(), 20: sell})
    found = ask(job(script), Change(START + 19 * MINUTE + 1, {}, True, sell))
    assert found.decided_at == START + 20 * MINUTE
    assert found.branch.fill_records == ran(job(other)).fill_records
    both = ask(job(script), Change(START + 19 * MINUTE + 1, {"fee_rate": 1.0}, True, sell))
    assert both.decided_at == START + 20 * MINUTE
    first, *later = (each.fee / (each.size * each.price) for each in both.branch.fill_records)
    assert first == pytest.approx(0.0005)
    assert later == pytest.approx([0.01] * len(later))
    assert later


def test_a_program_knows_what_it_has_decided_and_not_what_it_is_taken_to(ask: Ask) -> None:
    found = ask(job(), Change(START + 10 * MINUTE, replaces=True))
    reasons = [each.reason for each in found.branch.trades]
    assert found.decided_at == START + 10 * MINUTE
    assert "10" not in reasons
    assert "20" in reasons


def test_signals_wake_it_in_the_branch_too(ask: Ask) -> None:
    signals = (TriggerTimes("X", [START + place * 7 * MINUTE for place in range(1, 8)], "sevens"),)
    of = job(TURNS, signals=signals, scheduled_interval=None)
    found = ask(job(TURNS, signals=signals), SLIPPAGE)
    assert found.branch.total_triggers == found.base.total_triggers == 60 + 7
    assert ask(of, Change(AT)).branch.total_triggers == 7


def test_processes_of_ones_own_stand_in_both(ask: Ask) -> None:
    def closed(sim: Any) -> Any:
        yield sim.at(START + 39 * MINUTE)
        sim.exchange.reject_orders("closed")

    of = job(prepare=lambda sim: sim.process(closed))
    found = ask(of, SLIPPAGE)
    assert found.base.rejections == found.branch.rejections == {"closed": 3}


def test_an_instant_outside_of_the_run_is_refused(ask: Ask) -> None:
    with pytest.raises(ConfigurationError, match="at: 2023-12-31 23:59:59 UTC lies outside of the run, which goes"):
        ask(job(), Change(START - 1))
    assert ask(job(), Change(START)).gained == 0.0
    assert ask(job(), Change(START + 60 * MINUTE)).gained == 0.0


def test_a_run_that_does_not_come_there_is_told_with_why() -> None:
    code = TURNS.replace("self.asked += 1", "self.asked += 1\n        if self.asked == 5: raise ValueError('five')")
    for call in (lambda: branched(job(code), Change(AT)), lambda: not_copied(lambda: branched(job(code), Change(AT)))):
        with pytest.raises(DataError, match=r"nothing can change in the run: it had ended .*five"):
            call()
    with pytest.raises(DataError, match="there is no decision to replace"):
        branched(job(scheduled_interval=420), Change(START + 57 * MINUTE, replaces=True))


def test_two_figures_without_a_value_stand_apart(ask: Ask) -> None:
    assert "Sharpe ratio            under 2 returns  under 2 returns\n" in str(ask(job(), Change(AT)))


def test_why_a_decision_was_refused_is_told(ask: Ask) -> None:
    two = (buy(portion=0.1), buy(leverage=500), buy(portion=7.0))
    found = ask(job(), Change(AT, {}, True, two))
    assert found.refusals == ("leverage out of range", "portion out of range")
    assert found.decided_at == START + 30 * MINUTE
    assert ask(job(), Change(AT, {}, True, buy())).refusals == ask(job(), Change(AT, replaces=True)).refusals == ()


def test_a_branch_may_fail_where_the_run_does_not(ask: Ask) -> None:
    code = TURNS.replace(
        "self.asked += 1", "self.asked += 1\n        if data.total_equity < 9_500: raise ValueError('poor')"
    )
    found = ask(job(code), Change(AT, {"fee_rate": 10.0}))
    assert found.base.success
    assert not found.branch.success
    assert "poor" in found.branch.error


class Forgetful:
    """Counts over all its objects, so that it answers otherwise when it is asked again."""

    asked = 0

    def should_trade(self, data: Any) -> Decision | None:
        Forgetful.asked += 1
        return buy() if Forgetful.asked == 5 else None


def test_a_program_that_answers_otherwise_when_it_is_asked_again_is_refused() -> None:
    with pytest.raises(SimulationError, match="is not the same when the run is made again"):
        not_copied(lambda: branched(job(Forgetful), SLIPPAGE))


def test_a_known_result_with_a_journal_is_not_run_again_and_another_one_is_told() -> None:
    kept = not_copied(lambda: branched(job(), Change(AT))).base
    found = not_copied(lambda: branched(job(), SLIPPAGE, kept))
    assert found.base is kept
    assert found.remarks == ()
    (remark,) = branched(job(fee_rate=0.06), SLIPPAGE, kept).remarks
    assert remark.startswith(f"the result is not what its run gives now (digest {kept.digest}, now ")
