"""Studies as they look at a prompt and in a notebook."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from html import escape
from typing import Any

from engine.plain_values import counted, shown
from engine.result import FIGURES, program_name
from engine.settings import NO_VALUE

from ..results import figure_text, period_text, unit_text
from .metric import why_undefined
from .study import Study, StudyTrial

_SHOWN = 10
#: What is told of the best trial beside its metric.
TOLD = {
    "total_pnl_percent": "return",
    "max_drawdown_percent": "drawdown",
    "sharpe_ratio": "Sharpe",
    "total_trades": "trades",
}


def study_lines(study: Study) -> Iterator[str]:
    """Yield five lines: what it is, on what, what varies, the best, and what it came to."""
    name = program_name(study.config) or "program"
    yield f"{study.kind.capitalize()} of {name}: {done_text(study)}"
    symbols = ", ".join(study.config.get("symbols") or ())
    yield f"  on      {symbols}, {period_text(study.config['start_time'], study.config['end_time'])}"
    yield f"  over    {', '.join(map(_parameter_text, study.parameters)) or 'nothing'}"
    best = study.best
    if best is None:
        yield f"  best    none: {why_no_best(study) or 'no trial is done'}"
        yield f"  figures {tests_text(study.tests_return_percent, len(study.tests)) if study.is_walk else 'none'}"
        return
    yield f"  best    trial {best.number}: {values_text(best.values)}"
    yield f"  figures {', '.join(f'{label} {text}' for label, text in best_texts(study, best))}"


def done_text(study: Study) -> str:
    """Return how many trials are done, of how many, and how long that took."""
    failed = len(study.failed)
    parts = [trials_text(len(study), study.planned)]
    parts += [f"{failed:,} failed"] if failed else []
    parts += [f"{study.duration_s:,.1f} s"] if study.duration_s else []
    parts += [study.status] if study.status not in ("completed", "running") else []
    return ", ".join(parts)


def trials_text(done: int, planned: int | None) -> str:
    """Return how many trials are done, and of how many, where that is more."""
    return counted(done, "trial") if planned in (None, done) else f"{done:,} of {counted(planned or 0, 'trial')}"


def values_text(values: dict[str, Any]) -> str:
    """Return what parameters are, as they are given."""
    return ", ".join(f"{name}={value_text(value)}" for name, value in values.items()) or "as configured"


def value_text(value: Any) -> str:
    """Return a value of a parameter as a short text."""
    if value is None:
        return NO_VALUE
    if isinstance(value, float):
        return f"{value + 0.0:.10g}"
    return value if isinstance(value, str) and value.isprintable() and len(value) <= 60 else shown(value, 60)


def best_texts(study: Study, best: StudyTrial) -> list[tuple[str, str]]:
    """Return the metrics of a trial and what else is told of it, each with its name."""
    names = dict.fromkeys([each.name for each in study.metrics] + [*TOLD])
    return [(TOLD.get(name, name), figure_cell(name, best)) for name in names]


def tests_text(percent: float | None, count: int) -> str:
    """Return what the tests of a walk-forward came to."""
    if percent is None:
        return "nothing tested"
    value = unit_text(FIGURES["total_pnl_percent"].unit, percent, signed=True)
    return f"out of sample {value} in {counted(count, 'test')}"


def figure_cell(name: str, done: StudyTrial) -> str:
    """Return a figure of a trial as text, "-" where it has none."""
    figures = {"undefined": {}, **done.figures}
    return "-" if figures.get(name) is None else figure_text(name, figures)


def why_no_best(study: Study) -> str:
    """Return why no trial is the best, though some are done; empty where one is."""
    if not len(study) or study.best is not None:
        return ""
    if study.is_walk:
        return "a walk-forward chooses in each window anew, and its tests say what that came to"
    if len(study.failed) == len(study):
        first = study.failed[0].outcome.error
        if len(study) == 1:
            return f"the only trial failed with: {first}"
        return f"all {len(study):,} trials failed, the first with: {first}"
    metric = study.metrics[0]
    whole = [each for each in study if each.state == "done"]
    if not whole:
        return "no trial keeps the constraints"
    reasons = Counter(why_undefined(metric.name, each.figures) for each in whole)
    counted = ", ".join(f"{why} ({count:,})" for why, count in reasons.most_common())
    return f"{metric.name} is not defined for any trial: {counted}; choose another metric"


def _parameter_text(parameter: Any) -> str:
    if parameter.values is not None:
        return f"{parameter.name} ({len(parameter.values):,})"
    return f"{parameter.name} ({value_text(parameter.low)} to {value_text(parameter.high)})"


def study_html(study: Study) -> str:
    """Return the lines, and a table of the best trials, of a walk-forward its tests, as HTML."""
    names = [each.name for each in study.parameters]
    best = study.tests if study.is_walk else study.ranked(_SHOWN)
    heads = [] if not best else [*names, *(label for label, _ in best_texts(study, best[0]))]
    rows = [
        [*(value_text(each.values.get(name)) for name in names), *(text for _, text in best_texts(study, each))]
        for each in best
    ]
    head = "".join(f"<th>{escape(each)}</th>" for each in ["trial", *heads])
    body = "".join(
        f"<tr><th>{each.number}</th>{''.join(f'<td>{escape(cell)}</td>' for cell in row)}</tr>"
        for each, row in zip(best, rows, strict=True)
    )
    table = f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>" if best else ""
    return f"<div><pre>{escape(chr(10).join(study_lines(study)))}</pre>{table}</div>"
