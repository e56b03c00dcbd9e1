"""Inspections as a table for the terminal; it fits into 80 columns."""

from __future__ import annotations

from collections.abc import Sequence

from rich import box
from rich.table import Table

from engine import utc_text
from engine.instants import duration_text
from engine.market import ALL_SYMBOLS
from engine.periods import MINUTE_MS, SECOND_MS

from ..database import StoredSeries, period_length
from ..output import share_text
from .kline_inspection import OUTLIER_PCT, Inspection
from .row_inspection import RowInspection


def inspection_table(found: Sequence[tuple[StoredSeries, Inspection]]) -> Table:
    """Return one row for each series; times are opens in UTC."""
    table = Table(
        title="Stored klines (UTC)", title_justify="left", box=box.HORIZONTALS, show_lines=True, padding=(0, 0)
    )
    table.add_column("Series, first, last")
    table.add_column("Klines", justify="right", no_wrap=True)
    table.add_column("Missing")
    table.add_column("Findings")
    for series, inspection in found:
        first, last = _minute(inspection.first_ms), _minute(inspection.last_ms)
        mark = " mark" if inspection.price == "mark" else ""
        table.add_row(
            f"{series.exchange} {series.symbol} {series.period}{mark}\n{first}\n{last}",
            f"{inspection.count:,}",
            _missing(inspection, period_length(series.period)),
            _findings(inspection),
        )
    return table


def rows_table(title: str, found: Sequence[RowInspection]) -> Table:
    """Return one row for each series of rows beside the klines; times are UTC."""
    table = Table(title=f"{title} (UTC)", title_justify="left", box=box.HORIZONTALS, show_lines=True, padding=(0, 0))
    table.add_column("Series, first, last")
    table.add_column("Rows", justify="right", no_wrap=True)
    table.add_column("Missing")
    table.add_column("Findings")
    for each in found:
        of = "every symbol" if each.symbol == ALL_SYMBOLS else each.symbol
        table.add_row(
            f"{each.exchange} {of} {each.feature or each.table}\n{_minute(each.first_ms)}\n{_minute(each.last_ms)}",
            f"{each.rows:,}",
            _missing_rows(each),
            _row_findings(each),
        )
    return table


def _missing_rows(found: RowInspection) -> str:
    usual = f"usually every {_length(found.step_ms)}" if found.step_ms else "a single row"
    gap = found.longest_gap
    if gap is None:
        return f"none\n{usual}"
    gaps = f"{found.gaps:,} gap{'s' if found.gaps > 1 else ''}"
    share = share_text(found.missing, found.missing + found.rows)
    longest = f"longest {_length(gap.before_ms - gap.after_ms)}"
    return f"{found.missing:,} ({share}) in {gaps}\n{longest}\nfrom {_minute(gap.after_ms)}\n{usual}"


def _row_findings(found: RowInspection) -> str:
    counts = {"duplicates": found.duplicates, "off the grid": found.off_grid, **found.findings}
    return "\n".join(f"{count:,} {name}" for name, count in counts.items() if count) or "none"


def _length(length_ms: int) -> str:
    return duration_text(length_ms) if length_ms >= MINUTE_MS else f"{length_ms / SECOND_MS:g}s"


def _missing(inspection: Inspection, period_ms: int) -> str:
    gap = inspection.longest_gap
    if gap is None:
        return "none"
    share = share_text(inspection.missing, inspection.missing + inspection.count)
    gaps = f"{inspection.gaps:,} gap{'s' if inspection.gaps > 1 else ''}"
    longest = f"longest {duration_text(gap.missing * period_ms)} ({gap.missing:,})"
    return f"{inspection.missing:,} ({share}) in {gaps}\n{longest}\nat {_minute(gap.first_ms)}"


def _findings(inspection: Inspection) -> str:
    counts = {
        "duplicates": inspection.duplicates,
        "off the grid": inspection.off_grid,
        "without a value": inspection.incomplete,
        "inconsistent": inspection.inconsistent,
        "zero volume": inspection.zero_volume,
        f"moves over {OUTLIER_PCT:g} %": inspection.outliers,
        "flow rows that are whole klines": inspection.back_filled,
        "unlike their minutes": inspection.disagreeing,
    }
    lines = [f"{count:,} {name}" for name, count in counts.items() if count]
    lines += [f"{_minute(outlier.open_ms)} {outlier.change_pct:+.1f} %" for outlier in inspection.first_outliers]
    lines += [f"flow {_minute(each.first_ms)} to {_minute(each.last_ms)}" for each in inspection.first_back_fills]
    if inspection.first_disagreeing_ms is not None:
        lines.append(f"{_minute(inspection.first_disagreeing_ms)} is the first of them")
    return "\n".join(lines) or "none"


def _minute(time_ms: int) -> str:
    return utc_text(time_ms)[: len("YYYY-MM-DD HH:MM")]
