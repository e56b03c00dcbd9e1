"""A certificate of a job."""

from __future__ import annotations

from collections.abc import Callable

from engine import BacktestResult

from ..trials import Job
from ..workers import Workers
from .ambiguity import ambiguity_check
from .certificate import Certificate
from .certificate_check import CertificateCheck
from .certificate_contents import contents_of
from .determinism import determinism_check
from .ledger_proof import ledger_check
from .look_ahead import look_ahead_check
from .metamorphic_laws import laws_check
from .order_independence import order_check
from .proof_subject import CUTS, TIES, ProofSubject
from .warm_up_rows import warm_up_check

#: What a certificate is made of, in the order in which it is told: a new check is a module and a row here.
CHECKS: tuple[Callable[[ProofSubject], CertificateCheck], ...] = (
    look_ahead_check,
    determinism_check,
    order_check,
    warm_up_check,
    ledger_check,
    laws_check,
    ambiguity_check,
)


def make_certificate(
    job: Job,
    workers: Workers,
    *,
    title: str = "",
    cuts: int = CUTS,
    ties: int = TIES,
    seed: int = 0,
    result: BacktestResult | None = None,
    postgresql: str | None = None,
) -> Certificate:
    """Return the certificate of a job's configuration, from its run and many like it on workers.

    `title` says what is run (default: the program's name and its symbols), `cuts` how often the future is replaced by
    noise, `ties` how often the order of ties is shuffled, both drawn from `seed`; `result` is that of the job, where it
    was run already, and `postgresql` the URL of an empty
    database of PostgreSQL to run from, too. Raises `ConfigurationError` and
    `DataError` for what cannot be run, and `StrategyError` where the program does not come to its end.
    """
    subject = ProofSubject(job, workers, cuts, ties, seed, result, postgresql)
    run = subject.result
    checks = tuple(check(subject) for check in CHECKS)
    return Certificate(title or subject.title, run.start_time, run.end_time, run.digest, checks, contents_of(subject))
