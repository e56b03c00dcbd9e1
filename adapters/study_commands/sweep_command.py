"""``perpsim sweep``."""

from __future__ import annotations

from contextlib import nullcontext

import click

from engine.plain_values import counted

from ..runs import no_bars
from ..studies import planned_trials, running, sweep_grid
from ..terminal import ROW_ID
from ..workers import open_workers
from .study_options import StudyRequest, begin_study, with_study_options
from .study_running import keeper_of, new_study, shown_at_its_end, storing_request


@click.command("sweep")
@with_study_options()
@click.option(
    "--resume", type=ROW_ID, metavar="STUDY", help="Run what a stored study lacks, with the same configuration."
)
def run_sweep(request: StudyRequest, resume: int | None) -> None:
    """Back-test every combination of values on all cores, and show the best.

    Each trial is what perpsim run would do with these settings, and comes to the same digest. What --param and --vary
    name stands in place of what CONFIG.toml says; the last one changes first.

    Ctrl-C stops it within two seconds; what is done is shown, and stored with --save, and --resume goes on with it.
    Exit status: 0 success, 1 all trials failed or nothing could be run, 2 wrong usage, 130 interrupted.
    """
    request = storing_request(request, "sweep", resume)
    planned = planned_trials(request.parameters)
    with no_bars() if request.quiet else nullcontext():
        beginning = begin_study(request)
        study = new_study("sweep", request, beginning, planned)
        keeper = keeper_of(request, study, beginning, resume=resume)
        if resume is not None and not request.quiet:
            left = planned - len(study)
            whole = "its only trial is done" if planned == 1 else f"all {planned:,} trials are done"
            said = f"{left:,} of {counted(planned, 'trial')} are left" if left else whole
            click.echo(f"Study {resume}: {said}", err=True)
        with shown_at_its_end(request, study, beginning.title("Sweep")), running(study, keeper) as add:
            if len(study) < planned:
                with open_workers(request.workers, request.cluster) as workers:
                    for done in sweep_grid(beginning.job, study, workers):
                        add(done)
