"""``perpsim search``."""

from __future__ import annotations

from contextlib import closing, nullcontext
from dataclasses import replace
from math import inf
from typing import Any

import click
from click.core import ParameterSource

from ..runs import no_bars
from ..searches import (
    BATCH,
    LAST_SEED,
    SAMPLERS,
    TRIALS,
    Constraint,
    SearchPlan,
    SearchRounds,
    parse_constraint,
    stored_plan,
)
from ..studies import read_study, running
from ..terminal import ROW_ID
from ..workers import open_workers
from .study_options import StudyRequest, begin_study, with_study_options
from .study_running import keeper_of, new_study, shown_at_its_end, storing_request


def _constraints(context: click.Context, parameter: click.Parameter, texts: tuple[str, ...]) -> tuple[Constraint, ...]:
    try:
        return tuple(map(parse_constraint, texts))
    except ValueError as error:
        raise click.BadParameter(str(error)) from error


@click.command("search")
@with_study_options()
@click.option(
    "--sampler",
    type=click.Choice(SAMPLERS),
    default="tpe",
    show_default=True,
    help="What proposes values: a Parzen estimator, chance, NSGA-II for two metrics, or all combinations, in order or "
    "shuffled.",
)
@click.option(
    "--trials", type=click.IntRange(min=1), metavar="N", help=f"How many; default: {TRIALS}, or all of a grid."
)
@click.option(
    "--constraint",
    "constraints",
    multiple=True,
    metavar="FIGURE<NUMBER",
    callback=_constraints,
    help="Trials that do not keep it are never the best; also <=, > and >=; repeatable.",
)
@click.option(
    "--seed",
    type=click.IntRange(0, LAST_SEED),
    default=0,
    show_default=True,
    metavar="N",
    help="The same seed makes the same trials, whatever the number of workers.",
)
@click.option(
    "--batch",
    type=click.IntRange(min=1),
    default=BATCH,
    show_default=True,
    metavar="N",
    help="So many trials are proposed together, and learned from together.",
)
@click.option(
    "--prune",
    type=float,
    metavar="SHARE",
    help="Run this first part of the range before, such as 0.3, and only those whole that are no worse there than "
    "half of the trials before.",
)
@click.option(
    "--prune-quantile",
    type=float,
    default=0.5,
    show_default=True,
    metavar="SHARE",
    help="Prune what is worse than this share of the trials before, instead of half.",
)
@click.option("--timeout", type=click.FloatRange(min=0), metavar="SECONDS", help="Begin no batch after that time.")
@click.option(
    "--resume",
    type=ROW_ID,
    metavar="STUDY",
    help="Go on with a stored study as if it had not ended; --trials may be more.",
)
def run_search(request: StudyRequest, resume: int | None, timeout: float | None, **given: Any) -> None:
    """Back-test values that the trials before make promising, and show the best.

    --param "threshold=int(10,45)", "stop=float(0.002,0.05)" or "size=float(0.1,10,log)" give intervals, lists and
    ranges single values. Each trial is what perpsim run would do with these settings, and comes to the same digest.
    With two --metric the trials that no other is as good as by both are shown.

    Ctrl-C stops it within two seconds; what is done is shown, and stored with --save, and --resume goes on with it.
    Exit status: 0 success, 1 all trials failed or nothing could be run, 2 wrong usage, 130 interrupted.
    """
    request = storing_request(request, "search", resume)
    plan = SearchPlan(**given) if resume is None else _resumed_plan(request, resume, given)
    plan.require_fit(request.parameters, request.metrics)
    with no_bars() if request.quiet else nullcontext():
        beginning = begin_study(request)
        study = new_study("search", request, beginning)
        with open_workers(request.workers, request.cluster) as workers:
            rounds = SearchRounds(beginning.job, study, plan, workers, inf if timeout is None else timeout)
            keeper = keeper_of(request, study, beginning, plan.plain(), resume)
            shown = shown_at_its_end(request, study, beginning.title("Search"))
            with shown, running(study, keeper) as add, closing(iter(rounds)) as trials:
                for done in trials:
                    add(done)


def _resumed_plan(request: StudyRequest, study_id: int, given: dict[str, Any]) -> SearchPlan:
    """Return the plan of a stored search, with what is said otherwise: more trials, or what is refused later."""
    stored, plan = read_study(request.required_store, study_id)
    source = click.get_current_context().get_parameter_source
    said = {name: value for name, value in given.items() if source(name) is not ParameterSource.DEFAULT}
    before = stored_plan(plan["of_kind"], stored.planned) if stored.kind == "search" else SearchPlan()
    return replace(before, **said)
