"""The run of a configuration, stored as ``perpsim run`` stores one, and its certificate."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

import click

from engine import BacktestResult, MarketHistory

from .. import certificates, results  # a name of them is imported when it is used
from ..study_commands import StudyRequest, begin_study
from ..terminal import written_to
from ..trials import Job
from ..workers import open_workers


@dataclass(frozen=True)
class RunsAgain:
    """How often a certificate runs a program again, drawn from what, and an empty database to run it from."""

    cuts: int
    ties: int
    seed: int
    postgresql: str | None


@dataclass(frozen=True)
class CertifiedRun:
    """A result with its certificate, on its market; `saved` is where it is stored, None where it is not."""

    result: BacktestResult
    certificate: certificates.Certificate
    market: MarketHistory
    saved: results.StoredRun | None

    def write_report(self, path: Path) -> None:
        """Write the report of the result, with its certificate."""
        from ..report import result_page  # what a certificate does without

        told = replace(self.result, certificate=self.certificate.to_dict())
        written_to(path, result_page(told, self.market).save)

    def say_stored(self, on_error: bool) -> None:
        """Say where the result is stored, if it is."""
        if self.saved is not None:
            click.echo(f"Stored as result {self.saved.run_id}", err=on_error)


def certified_run(request: StudyRequest, again: RunsAgain) -> CertifiedRun:
    """Run a configuration, store its result where that is asked for, and make its certificate, which is stored with it.

    A result whose certificate cannot be made, or is interrupted, stays stored without one, which is said.
    """
    begun = begin_study(request)
    job = begun.job
    with open_workers(request.workers, request.cluster) as workers:
        result, saved = _stored_run(request, job)
        try:
            made = certificates.make_certificate(
                job,
                workers,
                title=begun.subject,
                cuts=again.cuts,
                ties=again.ties,
                seed=again.seed,
                result=result,
                postgresql=again.postgresql,
            )
            if saved is not None:
                saved.certify(made.to_dict())
        except BaseException:
            if saved is not None:
                click.echo(f"Stored as result {saved.run_id}, without a certificate", err=True)
            raise
    return CertifiedRun(result, made, job.grounds[""].market, saved)


def _stored_run(request: StudyRequest, job: Job) -> tuple[BacktestResult, results.StoredRun | None]:
    """Run a job; store what it comes to where that is asked for."""
    database = request.store
    if database is None:
        return certificates.first_run(job), None
    return certificates.stored_first_run(job, database, request.label)
