"""A result in five lines: what a person wants to know first; and what its program is called."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from ..instants import duration_text, utc_text
from ..periods import DAY_MS
from ..plain_values import counted, printable

if TYPE_CHECKING:
    from .result import BacktestResult

#: A class at the margin, or a method that decides, of the class before it.
_CLASS_OR_METHOD = re.compile(r"^class[ \t]+(\w+)|^[ \t]+def[ \t]+should_trade\b", re.MULTILINE)
_MINUTE = len("YYYY-MM-DD HH:MM")
_MOST_SYMBOLS = 5
_MOST_OF_AN_ERROR = 80


def five_lines(result: BacktestResult) -> str:
    """Return what was run, over what, and what came of it: net PnL, drawdown, trades, warnings."""
    begin, end = (utc_text(each)[:_MINUTE] for each in (result.start_time, result.end_time))
    lines = (
        ("", f"{_run_text(result.config)}{_state(result)}"),
        ("over", f"{begin} to {end} UTC ({_length(result.end_time - result.start_time)})"),
        (
            "net PnL",
            f"{result.total_pnl:+,.2f} USD ({result.total_pnl_percent:+,.2f} %), "
            f"fees {result.fees_paid:,.2f}, funding {result.funding_received:+,.2f}",
        ),
        (
            "drawdown",
            f"{result.max_drawdown_percent:,.2f} % ({result.max_drawdown:,.2f} USD), "
            f"longest {_length(result.longest_drawdown_ms)}",
        ),
        (
            "trades",
            f"{_trades(result)}; {counted(len(result.warnings), 'warning') if result.warnings else 'no warnings'}",
        ),
    )
    return "\n".join(f"  {name:<9} {text}" if name else f"BacktestResult: {text}" for name, text in lines)


def program_name(config: Mapping[str, Any]) -> str | None:
    """Return what the program of a configuration is called: the first class of its text that decides, or else the last;
    of a class of one's own its name. The text may be a stranger's: it is searched and not parsed.
    """
    return _class_name(str(config.get("code") or "")) or config.get("strategy")


def _class_name(code: str) -> str | None:
    name = None
    for found in _CLASS_OR_METHOD.finditer(code):
        if found[1] is None and name is not None:
            return name
        name = found[1] or name
    return name


def _run_text(config: dict[str, Any]) -> str:
    symbols, interval = config.get("symbols", []), config.get("scheduled_interval")
    further = f" and {len(symbols) - _MOST_SYMBOLS} more" if len(symbols) > _MOST_SYMBOLS else ""
    every = "" if interval is None else f", every {interval if isinstance(interval, str) else f'{interval} s'}"
    return f"{program_name(config) or 'a program'} on {', '.join(symbols[:_MOST_SYMBOLS])}{further}{every}"


def _state(result: BacktestResult) -> str:
    if result.success:
        return ""
    error = "" if result.error is None else f": {printable(result.error, _MOST_OF_AN_ERROR)}"
    return f" (interrupted{error})" if result.interrupted else f" (failed{error})"


def _trades(result: BacktestResult) -> str:
    won = f", {result.win_rate:.1f} % won" if result.total_trades else ""
    held = f", {len(result.open_positions)} open at the end" if result.open_positions else ""
    return f"{result.total_trades:,} closed{won}{held}"


def _length(milliseconds: int) -> str:
    if milliseconds >= 2 * DAY_MS:
        return f"{milliseconds / DAY_MS:,.1f} days"
    return duration_text(milliseconds)
