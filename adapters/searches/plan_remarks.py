"""What is to be said of a search alone: which constraints were not kept, what pruning saved, what was not run."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from engine.plain_values import counted

from ..studies import Study, StudyTrial, figure_value
from .search_plan import SearchPlan


def search_remarks(study: Study, plan: SearchPlan) -> list[str]:
    """Return sentences about the trials of a search, beside what is said of any study, the most important first."""
    own = [each for each in study if "repeats" not in each.notes]
    found = [*_infeasible(plan, own), *_pruned(study, plan, own)]
    repeats = len(study) - len(own)
    if repeats:
        found.append(
            f"{counted(repeats, 'trial')} had the values of an earlier one, and took its outcome without a run"
        )
    return found


def _infeasible(plan: SearchPlan, own: Sequence[StudyTrial]) -> Iterator[str]:
    """Say which constraints are left by how many, and of one that all leave, how near the nearest comes to it."""
    whole = [each for each in own if each.state in ("done", "infeasible")]
    for constraint in plan.constraints:
        left = [each for each in whole if str(constraint) in each.notes.get("violates", ())]
        if not left:
            continue
        values = [figure_value(constraint.figure, each.outcome.figures) for each in left]
        defined = [each for each in values if each is not None]
        text = f"{len(left):,} of {counted(len(whole), 'trial')} did not keep {constraint}"
        if len(defined) < len(values):
            text += f", {len(values) - len(defined):,} of them because {constraint.figure} is not defined"
        if len(left) == len(whole) and defined:
            nearest = min(defined, key=lambda value: abs(value - constraint.limit))
            text += f"; the nearest has {nearest + 0.0:.6g}"
        yield text


def _pruned(study: Study, plan: SearchPlan, own: Sequence[StudyTrial]) -> Iterator[str]:
    """Say what pruning saved, in runs of the whole range."""
    if plan.prune is None or not own:
        return
    share, known = f"the first {plan.prune:.4g} of the range", sum("part" in each.notes for each in own)
    if not known:
        yield f"nothing was pruned: {study.metrics[0].name} is not defined for any trial in {share}"
        return
    pruned = sum(each.state == "pruned" for each in own)
    saved = pruned - plan.prune * len(own)
    how = "saved" if saved > 0 else "made in addition"
    cost = f"{abs(saved):.1f} of {counted(len(own), 'whole run')} were {how} by that"
    were = "was" if pruned == 1 else "were"
    yield f"{pruned:,} of {counted(len(own), 'trial')} {were} not run whole, after {share}: {cost}"
