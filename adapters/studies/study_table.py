"""The best trials of a study as a table for the terminal."""

from __future__ import annotations

from collections.abc import Sequence

from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

from engine.result import FIGURES

from ..results import minute_text
from .study import Study, StudyTrial
from .study_text import TOLD, figure_cell, value_text, values_text

_WIDEST = 10_000


def best_table(study: Study, trials: Sequence[StudyTrial], console: Console) -> Table:
    """Return a table of some trials: their values, the metrics, return, drawdown, Sharpe ratio and trades. Where a
    terminal is too narrow for a column of each value, these stand together in one.
    """
    table = _table(study, trials, [each.name for each in study.parameters])
    whole = console.options.update(max_width=_WIDEST)
    if console.measure(table, options=whole).maximum <= console.width:
        return table
    return _table(study, trials, None)


def _table(study: Study, trials: Sequence[StudyTrial], names: Sequence[str] | None) -> Table:
    table = Table(box=box.SIMPLE_HEAD, padding=(0, 1), collapse_padding=True, pad_edge=False, show_edge=False)
    table.add_column("Trial", justify="right", no_wrap=True)
    if study.is_walk:
        table.add_column("From", no_wrap=True)
    for name in ["Values"] if names is None else names:
        table.add_column(Text(name), justify="left" if names is None else "right", overflow="fold")
    figures = [*dict.fromkeys([*(each.name for each in study.metrics), *TOLD])]
    for name in figures:
        title = TOLD[name].capitalize() if name in TOLD else FIGURES[name].title
        table.add_column(title, justify="right", no_wrap=name in TOLD)
    own = {each.name for each in study.parameters}
    for each in trials:
        varied = {name: value for name, value in each.values.items() if name in own}
        values = [values_text(varied)] if names is None else [value_text(varied.get(name)) for name in names]
        begins = [minute_text(each.values["start_time"])] if study.is_walk else []
        cells = (figure_cell(name, each) for name in figures)
        table.add_row(str(each.number), *begins, *map(Text, values), *cells)
    return table
