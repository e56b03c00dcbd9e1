"""What each month and each year brought."""

from __future__ import annotations

from typing import Any

from engine.market.series import FloatColumn, TimeColumn
from engine.result import Column, Unit, YearReturns, month_returns

from ...results import minute_text
from .summary_table import SummaryTable

_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_TOTAL = "total"
_COLUMNS = (
    Column("year", "Year, UTC"),
    *(
        Column(name.lower(), name, Unit.PERCENT, True, meaning=f"Equity at the end of {name} / at its start - 1, in %")
        for name in _MONTHS
    ),
    Column(_TOTAL, "Year", Unit.PERCENT, True, meaning="All months of the year, compounded, in %"),
)


def month_table(times: TimeColumn, equity: FloatColumn) -> SummaryTable:
    """Return the change of equity in each UTC month and year, in percent, from its marks: start, every 00:00 UTC,
    end.
    """
    rows = [_row(each) for each in month_returns(times, equity)] if len(times) > 1 else []
    span = f" The run: {minute_text(int(times[0]))} to {minute_text(int(times[-1]))} UTC." if rows else ""
    meaning = (
        "Change of equity, open positions marked, from 00:00 UTC of the first day of a month (or the start of the run) "
        f"to that of the next month (or the end of the run); a year's is compounded.{span}"
    )
    return SummaryTable("months", "Returns by month, %", meaning, _COLUMNS, rows, len(rows))


def _row(found: YearReturns) -> dict[str, Any]:
    months = {name.lower(): each for name, each in zip(_MONTHS, found.months, strict=True)}
    return {"year": str(found.year), **months, _TOTAL: found.total}
