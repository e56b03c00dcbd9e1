"""The check that the money of a run adds up, and that its figures are what they say."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from typing import Any

from engine import BacktestResult, DataError, SymbolHistory
from engine.journal import replay

from .certificate_check import CertificateCheck, Verdict
from .proof_subject import ProofSubject
from .reruns import Prices, SymbolPrices, second_figures

NAME, TITLE = "ledger", "Ledger and figures"
PROVES = (
    "Every fill and payment changes the account by just what it says, and the main figures come out of them a second "
    "time, by other means"
)
#: Two figures are the same that differ by no more than this part of them.
_MOST = 1e-9
#: What is left, of 1 USD at the start, of sums that should be nothing.
_LEAST = 1e-12


def ledger_check(subject: ProofSubject) -> CertificateCheck:
    """Return the check of a subject: its journal applied to an empty account, and its figures worked out anew."""
    lines, result = subject.journal[0], subject.result
    evidence: dict[str, Any] = {"lines": len(lines)}
    problems = []
    try:
        replayed = replay(line + b"\n" for line in lines)
    except DataError as error:
        problems.append(f"the journal does not add up: {error}")
    else:
        evidence |= {"fills": replayed.fills, "postings": len(replayed.account.ledger)}
    symbols, config = subject.seen_market.symbols, subject.job.config
    prices = {name: _prices(symbols[name], config.mark_stale_ms) for name in config.symbols}
    figures = second_figures([json.loads(line) for line in lines], prices)
    evidence["figures"] = figures
    evidence["differing"] = differing = _differing(figures, result)
    problems += [f"{name} is {first!r}, and a second time {second!r}" for name, (first, second) in differing.items()]
    if problems:
        reason = f"{'; '.join(problems[:3])}{f'; and {len(problems) - 3} more' * (len(problems) > 3)}"
        return CertificateCheck(NAME, TITLE, PROVES, Verdict.FAILED, reason, (), evidence)
    reason = f"{len(lines):,} lines add up, and {len(figures)} figures are the same a second time"
    return CertificateCheck(NAME, TITLE, PROVES, Verdict.PASSED, reason, (), evidence)


def _prices(history: SymbolHistory, stale_ms: int) -> SymbolPrices:
    """Return the prices of a symbol, in order of when they are known."""
    base = history.base.columns
    closes = _known((base.open_ms + base.period_ms).tolist(), base.close.tolist())
    rows, klines = history.flow.mark_price, history.mark_klines
    marks: dict[int, float] = {}
    if klines is not None:
        marks |= _known((klines.open_ms + klines.period_ms).tolist(), klines.close.tolist())
    if rows is not None:
        marks |= _known(rows.rows.timestamp_ms.tolist(), rows.rows.value.tolist())
    return SymbolPrices([*closes], sorted(marks.items()), stale_ms)


def _known(times_ms: list[int], values: list[float]) -> Prices:
    return [*zip(times_ms, values, strict=True)]


def _differing(figures: Mapping[str, Any], result: BacktestResult) -> dict[str, tuple[Any, Any]]:
    """Return the figures that are not the same, each as it was and as it came out the second time."""
    least = _LEAST * max(1.0, result.initial_balance)
    pairs = {name: (getattr(result, name), second) for name, second in figures.items()}
    return {name: pair for name, pair in pairs.items() if not _is_same(*pair, least)}


def _is_same(one: float | None, two: float | None, least: float) -> bool:
    if one is None or two is None:
        return one is two
    return math.isclose(one, two, rel_tol=_MOST, abs_tol=least)
