"""How far the money lies apart by the rules for ambiguous klines stands in a certificate, and fails nobody."""

from __future__ import annotations

import pytest

from adapters.certificates import Certificate, Verdict
from adapters.certificates.ambiguity import ambiguity_check
from adapters.certificates.certificate_checking import deviations
from adapters.certificates.proof_subject import ProofSubject
from adapters.trials import Ground, Job
from adapters.workers import ThisProcess
from engine import Decision
from tests.engine.exchange.orders.test_drill_down import history, rows_in
from tests.processes.test_other_rules import EXPECTED, MARKET, RULES, Buys, Counts, ran
from tests.support.runs import buy, config, klines, market

AMOUNTS = "the net PnL is -493.75 ({}) to +1,025.00 USD (optimistic): 1,518.75 USD wide, 15.19 % of the initial balance"
DRILLED = [100, 100, (100, 111, 94, 100), 100, (100, 111, 94, 100), 100]


def checked(program=Buys, where=MARKET, given=None, **fields):
    job = Job(config(program, 6, **fields), {"": Ground(where)})
    return ambiguity_check(ProofSubject(job, ThisProcess(), given=given))


@pytest.mark.parametrize("rule", list(RULES))
def test_the_range_is_noted_whatever_the_rule_of_the_run(rule):
    check = checked(intrabar=rule)
    assert check.verdict is Verdict.NOTED
    assert (check.evidence["pnl_low"], check.evidence["pnl_high"]) == EXPECTED
    both = ", ".join(sorted(("pessimistic", "nearest_open"), key=lambda each: each != rule))
    assert AMOUNTS.format(both) in check.reason or AMOUNTS.format(", ".join(reversed(both.split(", ")))) in check.reason
    assert check.reason.startswith(f"{check.evidence['ambiguous_klines']} kline")


def test_the_range_of_the_result_is_taken_where_it_has_one_and_an_object_remembers_no_run():
    given = ran(Buys)
    assert checked(given=given).evidence["pnl_width"] == given.pnl_width
    assert checked(Counts(), given=ran(Counts(), pnl_range=False)).evidence["pnl_width"] > 0


def test_nothing_ambiguous_and_one_net_pnl_by_all_rules_pass():
    calm = checked(where=market(X=klines(100, 100, 100, 100, 100, 100)))
    assert (calm.verdict, calm.reason) == (Verdict.PASSED, "no kline touched two exits")
    flat = checked(Flat, fee_rate=0.0, slippage_percent=0.0)
    assert (flat.verdict, flat.evidence["ambiguous_klines"]) == (Verdict.PASSED, 2)
    assert flat.reason.endswith("; by every rule for them the net PnL is the same")


class Flat:
    """Has both exits so near that it is one price to an account of so much."""

    def should_trade(self, data):
        exits = {"take_profit_price": 100.0 + 2e-13, "stop_loss_price": 100.0 - 2e-13}
        return None if data.positions else Decision("buy", "X", size=1e-9, leverage=1, **exits)


def test_what_remains_of_what_was_drilled_is_told():
    where = history(DRILLED, rows_in(2, (111, 100), (105, 94), (100, 95), (100, 99)))
    check = checked(where=where, drill_down=True)
    assert check.reason.startswith("2 klines touched two exits of one entry, of which finer rows decided 1: 1 remained")
    assert (check.verdict, check.evidence["drilled_klines"]) == (Verdict.NOTED, 1)
    decided = checked(where=history([*DRILLED[:4], 100, 100], rows_in(2, (111, 100), (105, 94), (100, 95), (100, 99))))
    assert decided.verdict is Verdict.NOTED  # without drill-down the same rows decide nothing
    assert "finer rows" not in decided.reason


class FailsByOtherRules:
    """Comes to no end where the target is taken first."""

    def should_trade(self, data):
        if data.available_balance > 10_000:
            raise ValueError("I expected to lose")
        return None if data.positions else buy(take_profit_price=110.0, stop_loss_price=95.0)


def test_a_range_that_is_not_known_is_not_shown_with_the_reason():
    check = checked(FailsByOtherRules)
    assert check.verdict is Verdict.NOT_SHOWN
    assert "is not known: optimistic: " in check.reason
    assert "I expected to lose" in check.reason


def test_a_certificate_passes_with_it_prints_it_and_is_checked_by_its_amounts():
    noted = checked()
    calm = checked(where=market(X=klines(*[100] * 6)))
    made = Certificate("T", 0, 1, "0" * 32, [calm, noted])
    assert (made.verdict, made.reason) == (Verdict.PASSED, "1 check passed, noted: Ambiguity")
    assert "Ambiguity: noted" in str(made)
    contents = dict.fromkeys(("versions", "data", "code", "configuration", "head"))
    told = {**made.to_dict(), "contents": contents, "checks": [noted.to_dict()]}
    assert [*deviations(told, told)] == []
    other = {**told, "checks": [{**noted.to_dict(), "reason": noted.reason.replace("1,025", "1,026")}]}
    (found,) = deviations(other, told)
    assert found.name == "check Ambiguity, reason"
