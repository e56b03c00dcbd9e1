"""What rules for ambiguous klines make of the money: a check that tells an amount, and fails nobody for it."""

from __future__ import annotations

from engine import BacktestConfig, BacktestResult
from engine.config import SETTINGS
from engine.plain_values import counted
from engine.result import RANGE_FIGURES
from processes import OtherRules

from ..runs import long_step
from ..trials import Trial, TrialRunner
from .certificate_check import CertificateCheck, Verdict
from .proof_subject import ProofSubject

#: How many other rules there are.
OTHERS = len(SETTINGS["intrabar"].choices) - 1
NAME, TITLE = "ambiguity", "Ambiguity"
PROVES = (
    "No kline leaves open which of two exits came first, or whichever came first it is the same net PnL; else between "
    "which amounts it lies by the rules for such klines"
)


def ambiguity_check(subject: ProofSubject) -> CertificateCheck:
    """Return the check of a subject: its range, for which it is run again by the other rules where that is needed."""
    result = _with_range(subject)
    evidence = {name: getattr(result, name) for name in ("ambiguous_klines", "drilled_klines", *RANGE_FIGURES)}
    counts = _counts(result, subject.job.config.drill_down)
    if result.pnl_width is None:
        reason = f"{counts}; {result.warnings[-1]}"
        return CertificateCheck(NAME, TITLE, PROVES, Verdict.NOT_SHOWN, reason, (), evidence)
    if not result.pnl_width:
        same = "; by every rule for them the net PnL is the same" * bool(result.ambiguous_klines)
        return CertificateCheck(NAME, TITLE, PROVES, Verdict.PASSED, f"{counts}{same}", (), evidence)
    reason = (
        f"{counts}; by the rules for them the net PnL is {result.pnl_low:+,.2f} ({result.pnl_low_rule}) to "
        f"{result.pnl_high:+,.2f} USD ({result.pnl_high_rule}): {result.pnl_width:,.2f} USD wide, "
        f"{result.pnl_width_percent:,.2f} % of the initial balance"
    )
    return CertificateCheck(NAME, TITLE, PROVES, Verdict.NOTED, reason, (), evidence)


def _with_range(subject: ProofSubject) -> BacktestResult:
    """Return the result with its range; its last warning says why, where that is not known."""
    result, job = subject.result, subject.job
    if result.pnl_width is not None:
        return result
    with TrialRunner(job) as runner, long_step("running by other rules", OTHERS, "runs") as advance:

        def again(other: BacktestConfig) -> BacktestResult:
            found = runner.result(Trial(0, {"intrabar": other.intrabar}))
            advance(1)
            return found

        return OtherRules(job.config).told_in(result, again)


def _counts(result: BacktestResult, drills_down: bool) -> str:
    """Say how many klines touched two exits, and how many of them finer rows have decided."""
    remaining, decided = result.ambiguous_klines, result.drilled_klines
    count = remaining + decided
    told = f"{counted(count, 'kline')} touched two exits of one entry" if count else "no kline touched two exits"
    return f"{told}, of which finer rows decided {decided:,}: {remaining:,} remained" if drills_down and count else told
