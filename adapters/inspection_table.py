"""Inspections as a table for the terminal."""

from __future__ import annotations

from collections.abc import Sequence

from rich.table import Table

from engine import duration_text, utc_text

from .inspection import OUTLIER_PCT, Inspection
from .kline_store import StoredSeries, period_length


def inspection_table(found: Sequence[tuple[StoredSeries, Inspection]]) -> Table:
    """Return one row for each series; times are UTC."""
    table = Table(title="Stored klines (times in UTC)", title_justify="left", show_lines=True)
    table.add_column("Series")
    table.add_column("First and last open")
    table.add_column("Klines", justify="right")
    table.add_column("Missing")
    table.add_column("Zero volume", justify="right")
    table.add_column(f"Moves over {OUTLIER_PCT:g} %")
    table.add_column("Faults")
    for series, inspection in found:
        table.add_row(
            f"{series.exchange}\n{series.symbol} {series.period}",
            f"{_minute(inspection.first_ms)}\n{_minute(inspection.last_ms)}",
            f"{inspection.count:,}",
            _missing(inspection, period_length(series.period)),
            f"{inspection.zero_volume:,}",
            _outliers(inspection),
            _faults(inspection),
        )
    return table


def _missing(inspection: Inspection, period_ms: int) -> str:
    gap = inspection.longest_gap
    if gap is None:
        return "none"
    share = 100.0 * inspection.missing / (inspection.missing + inspection.count)
    return (
        f"{inspection.missing:,} ({share:.2g} %) in {inspection.gaps:,} gap{'s' if inspection.gaps > 1 else ''}\n"
        f"longest {gap.missing:,} ({duration_text(gap.missing * period_ms)}) from {_minute(gap.first_ms)}"
    )


def _outliers(inspection: Inspection) -> str:
    if not inspection.outliers:
        return "none"
    first = [f"{_minute(outlier.open_ms)} {outlier.change_pct:+.1f} %" for outlier in inspection.first_outliers]
    return "\n".join([f"{inspection.outliers:,}, the first:", *first])


def _faults(inspection: Inspection) -> str:
    faults = {
        "duplicates": inspection.duplicates,
        "off the grid": inspection.off_grid,
        "without a value": inspection.incomplete,
        "inconsistent": inspection.inconsistent,
    }
    return "\n".join(f"{count:,} {name}" for name, count in faults.items() if count) or "none"


def _minute(time_ms: int) -> str:
    return utc_text(time_ms)[: len("YYYY-MM-DD HH:MM")]
