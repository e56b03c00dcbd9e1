"""A walk-forward as text: a few lines, the table of its windows, HTML for a notebook."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from html import escape
from typing import TYPE_CHECKING, Any

from engine import utc_text
from engine.durations import duration_name
from engine.plain_values import counted
from engine.result import FIGURES, Unit
from engine.settings import NO_VALUE

from ..results import unit_text

if TYPE_CHECKING:
    from .walk_result import WalkForward
    from .walked_window import WalkedWindow

#: "in" is in sample, "out" out of sample: the metric, and the return.
_HEADS = ("#", "tested from", "to", "chosen", "in", "out", "in %", "out %", "eff.", "trades")
_ACCOUNTS = {
    "carried": "carried on: a test begins with the equity that the one before ended with",
    "restarted": "restarted: a test begins with the initial balance, and returns compound",
}
#: So many windows and reasons are named.
_MOST_NAMED = 10
_DAY, _MINUTE = len("2024-01-31"), len("2024-01-31 00:00")


def few_lines(walked: WalkForward) -> str:
    """Return what was run and what came of it."""
    return "\n".join(f"  {name:<12}{text}" if name else f"WalkForward: {text}" for name, text in summary(walked))


def summary(walked: WalkForward) -> Iterator[tuple[str, str]]:
    """Yield (name, text) of what came of it; the first has no name."""
    figures = walked.figures
    yield "", _scheme_text(walked)
    yield (
        "joined",
        f"{_percent(figures['total_pnl_percent'])}, {_percent(figures['annual_return_percent'])} a year, drawdown "
        f"{_percent(figures['max_drawdown_percent'], False)}, {counted(int(figures['total_trades'] or 0), 'trade')}",
    )
    yield (
        "ratios",
        f"Sharpe {_ratio(figures['sharpe_ratio'])}, Sortino {_ratio(figures['sortino_ratio'])}, "
        f"Calmar {_ratio(figures['calmar_ratio'])}",
    )
    efficiency = walked.efficiency
    yield (
        "efficiency",
        "not defined: the trainings that were chosen did not gain"
        if efficiency is None
        else f"{_ratio(efficiency)} (annual return of the tests over that of their trainings)",
    )
    yield "consistency", f"{walked.consistency:.0%} of {counted(len(walked.windows), 'window')} made a profit"
    yield "account", _ACCOUNTS[walked.account]
    if walked.flat:
        yield "flat", f"{counted(len(walked.flat), 'window')} without a test: {reasons_text(walked.flat)}"


def _scheme_text(walked: WalkForward) -> str:
    scheme, windows = walked.walk.scheme, walked.windows
    lengths = {
        "train": scheme.train_ms,
        "test": scheme.test_ms,
        "step": 0 if scheme.stride_ms == scheme.test_ms else scheme.stride_ms,
        "purge": scheme.purge_ms,
        "embargo": scheme.embargo_ms,
    }
    told = ", ".join(f"{name} {duration_name(length)}" for name, length in lengths.items() if length)
    search = walked.walk.search
    found = (
        ""
        if search is None
        else f" of {counted(walked.walk.per_window, 'trial')} by {search.sampler}, seed {search.seed}"
    )
    kind = "anchored" if scheme.is_anchored else "rolling"
    begin, end = windows[0].window.test_from_ms, windows[-1].window.test_to_ms
    tested = f"tested from {utc_text(begin)[:_MINUTE]} to {utc_text(end)[:_MINUTE]} UTC"
    return f"{counted(len(windows), f'{kind} window')}, {told}, by {walked.walk.metric.name}{found}; {tested}"


def window_rows(walked: WalkForward) -> Iterator[tuple[str, ...]]:
    """Yield the cells of each window, under those of the head."""
    yield _HEADS
    for each in walked.windows:
        row = each.row()
        yield (
            str(row["window"]),
            *(utc_text(row[name])[:_DAY] for name in ("test_from", "test_to")),
            chosen_text(row["parameters"]) or "nothing",
            *(unit_text(FIGURES[each.metric.name].unit, row[name]) for name in ("in_metric", "out_metric")),
            *(unit_text(Unit.RATIO, row[name], True) for name in ("in_return_percent", "out_return_percent")),
            _ratio(row["efficiency"]),
            f"{row['trades']:,}" + "*" * bool(row["open_pnl"]) + "!" * each.is_cut_short + "~" * bool(each.gaps),
        )


def reasons_text(windows: Sequence[WalkedWindow]) -> str:
    """Return why windows were not tested, or not to the end: each reason, where there are several with its windows."""
    numbers: dict[str | None, list[str]] = {}
    for each in windows:
        numbers.setdefault(each.remark, []).append(str(each.window.number + 1))
    if len(numbers) == 1:
        return str(windows[0].remark)
    told = [f"{why} ({numbers_text(which)})" for why, which in [*numbers.items()][:_MOST_NAMED]]
    others = len(numbers) - len(told)
    return "; ".join(told) + (f"; and {counted(others, 'other reason')}, each in the files" if others else "")


def numbers_text(numbers: Sequence[str]) -> str:
    """Return the numbers of windows, the first of many."""
    return f"window {', '.join(numbers[:_MOST_NAMED])}{', ...' * (len(numbers) > _MOST_NAMED)}"


def stability_lines(walked: WalkForward) -> Iterator[str]:
    """Yield how each parameter moved."""
    for name, each in walked.stability.items():
        most = chosen_text({name: each.most_chosen})
        yield (
            f"{name}: {counted(len(each.distinct), 'value')} chosen, {most} in {each.share:.0%} of the windows, "
            f"changed {counted(each.changes, 'time')}"
        )


def html_of(walked: WalkForward) -> str:
    """Return what a notebook shows: what came of it, and the windows."""
    head, *rows = window_rows(walked)
    lines = [f"<b>{escape(name or 'walk-forward')}</b> {escape(text)}" for name, text in summary(walked)]
    table = _tag("tr", (_tag("th", [escape(cell)]) for cell in head))
    table += "".join(_tag("tr", (_tag("td", [escape(cell)]) for cell in row)) for row in rows)
    notes = "".join(_tag("li", [escape(each)]) for each in (*stability_lines(walked), *walked.notes))
    return f"<div>{'<br>'.join(lines)}</div><table>{table}</table><ul>{notes}</ul>"


def _tag(name: str, inner: Iterable[str]) -> str:
    return f"<{name}>{''.join(inner)}</{name}>"


def chosen_text(parameters: Mapping[str, Any]) -> str:
    """Return parameters as they are written."""
    short = {name: f"{value:.6g}" if isinstance(value, float) else value for name, value in parameters.items()}
    return ", ".join(f"{name}={NO_VALUE if value is None else value}" for name, value in short.items())


def _percent(value: float | None, signed: bool = True) -> str:
    return unit_text(Unit.PERCENT, value, signed)


def _ratio(value: float | None) -> str:
    return unit_text(Unit.RATIO, value)
