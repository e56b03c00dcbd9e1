"""What is to be said of a search beside its trials: why it ended, what was left out, what it saved."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence

from ..studies import Study, StudyTrial, figure_value, why_undefined
from .search_plan import SearchPlan


def search_remarks(study: Study, plan: SearchPlan) -> list[str]:
    """Return sentences about the trials of a search, the most important first."""
    done = [study.trials[number] for number in sorted(study.trials)]
    own = [each for each in done if "repeats" not in each.notes]
    found = [*_failed(done), *_undefined(study, own), *_infeasible(study, plan, own), *_pruned(study, plan, own)]
    if len(done) > len(own):
        found.append(
            f"{_count(len(done) - len(own), 'trial')} had the values of an earlier one, and took its outcome "
            "without a run"
        )
    return found


def _failed(done: Sequence[StudyTrial]) -> Iterator[str]:
    errors = Counter(each.outcome.error for each in done if each.state == "failed")
    for error, count in errors.most_common(3):
        yield f"{_count(count, 'trial')} failed: {error}"
    if len(errors) > 3:
        yield f"{errors.total() - sum(count for _, count in errors.most_common(3)):,} others failed for other reasons"


def _undefined(study: Study, own: Sequence[StudyTrial]) -> Iterator[str]:
    """Say which metrics have no value, and why."""
    whole = [each.outcome.figures for each in own if each.state in ("done", "infeasible")]
    for metric in study.metrics:
        why = Counter(why_undefined(metric.name, each) for each in whole if metric.value(each) is None)
        if why:
            who = "any trial" if why.total() == len(whole) else f"{why.total():,} of {len(whole):,} trials"
            reasons = ", ".join(f"{reason} ({count:,})" for reason, count in why.most_common())
            yield f"{metric.name} is not defined for {who}: {reasons}"


def _infeasible(study: Study, plan: SearchPlan, own: Sequence[StudyTrial]) -> Iterator[str]:
    """Say which constraints are left by how many, and of one that all leave, how near the nearest comes to it."""
    whole = [each for each in own if each.state in ("done", "infeasible")]
    for constraint in plan.constraints:
        left = [each for each in whole if str(constraint) in each.notes.get("violates", ())]
        if not left:
            continue
        values = [figure_value(constraint.figure, each.outcome.figures) for each in left]
        defined = [each for each in values if each is not None]
        text = f"{_count(len(left), 'trial')} of {len(whole):,} did not keep {constraint}"
        if len(defined) < len(values):
            text += f", {len(values) - len(defined):,} of them because {constraint.figure} is not defined"
        if len(left) == len(whole) and defined:
            nearest = min(defined, key=lambda value: abs(value - constraint.limit))
            text += f"; the nearest has {nearest:.6g}"
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
    cost = f"{abs(saved):.1f} of {len(own):,} whole runs were {'saved' if saved > 0 else 'made in addition'} by that"
    yield f"{pruned:,} of {_count(len(own), 'trial')} were not run whole, after {share}: {cost}"


def _count(count: int, noun: str) -> str:
    return f"{count:,} {noun}{'' if count == 1 else 's'}"
