"""Signals, pools and previews of them as tables for the terminal."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from rich import box
from rich.table import Table

from engine import ConfigurationError, utc_text
from engine.instants import duration_text

from .signal_preview import CLUSTER_MS, SignalPreview
from .signal_store import SignalStore, StoredPool, StoredSignal

_BAR = 40
_YES = {True: "yes", False: "no"}


def signal_table(signals: Sequence[StoredSignal]) -> Table:
    """Return one row for each signal."""
    table = _table("Signals", "ID", "Name", "Condition", "Enabled", "Exchange")
    for signal in signals:
        table.add_row(str(signal.signal_id), signal.name, _condition(signal), _YES[signal.enabled], signal.exchange)
    return table


def pool_table(pools: Sequence[StoredPool]) -> Table:
    """Return one row for each pool."""
    table = _table("Pools", "ID", "Name", "Logic", "Signals", "Symbols", "Enabled", "Exchange")
    for pool in pools:
        about = str(pool.pool_id), pool.name, pool.logic, str(pool.signal_ids), str(pool.symbols)
        table.add_row(*about, _YES[pool.enabled], pool.exchange)
    return table


def pool_parts(store: SignalStore, pool: StoredPool) -> Table:
    """Return the table of one pool's signals."""
    members = {signal.signal_id for signal in store.pool(pool.pool_id).signals}
    return signal_table([signal for signal in store.signals.values() if signal.signal_id in members])


def _condition(signal: StoredSignal) -> str:
    """Return a stored condition as a short text, or what is wrong with it."""
    try:
        return signal.parsed.describe()
    except ConfigurationError as error:
        return f"malformed: {'; '.join(error.problems)}"


def preview_tables(preview: SignalPreview, most: int) -> list[Table | str]:
    """Return the figures of a preview, its hours of day and its newest `most` triggers."""
    counts = preview.by_hour
    hours = _table("By hour of day (UTC)", "Hour", "Triggers", "")
    for hour, count in enumerate(counts):
        hours.add_row(f"{hour:02d}", str(count), "#" * round(_BAR * count / max(*counts, 1)))
    warnings = [f"Warning: {text}" for text in preview.backtest.detection.warnings]
    return [_figures(preview), *warnings, hours, *_triggers(preview, most)]


def _figures(preview: SignalPreview) -> Table:
    pool, detection = preview.backtest.pool, preview.backtest.detection
    days = preview.by_day
    gap = preview.median_gap_ms
    table = Table(box=None, show_header=False, title=f"{pool.name}: {preview.backtest.symbol}", title_justify="left")
    spread = f"fewest {min(days)}, most {max(days)}, none on {days.count(0)} of {len(days)} days"
    rows = {
        "range": f"{utc_text(preview.start_ms)} to {utc_text(preview.end_ms)}",
        "signals": f" {pool.logic} ".join(signal.condition.describe() for signal in pool.signals),
        "triggers": f"{len(preview.times_ms):,}",
        "a day": f"{preview.a_day:.2f} ({spread})",
        "clusters": f"{preview.clusters:,} (triggers within {duration_text(CLUSTER_MS)} of the one before)",
        "median gap": "-" if gap is None else duration_text(gap),
        "undefined": f"{detection.undefined_percent:.2f} % of {detection.check_points:,} check points",
    }
    for name, value in rows.items():
        table.add_row(name, value)
    return table


def _triggers(preview: SignalPreview, most: int) -> list[Table | str]:
    triggers = preview.backtest.detection.triggers
    table = _table("Triggers", "Time", "Signals that were true")
    for trigger in triggers[-most:] if most else ():
        table.add_row(utc_text(trigger.timestamp), "\n".join(map(_fact, trigger.triggered_signals)))
    left = len(triggers) - table.row_count
    notes = [f"and {left:,} earlier ones (--most shows more)"] if left else []
    return [*([table] if table.row_count else []), *notes]


def _fact(fact: Mapping[str, Any]) -> str:
    what = fact.get("triggered_event") or fact.get("direction") or ""
    return f"{fact['signal_name']}: {what} {fact['value']:.6g}".replace(":  ", ": ")


def _table(title: str, *headings: str) -> Table:
    table = Table(title=title, title_justify="left", box=box.HORIZONTALS)
    for heading in headings:
        right = heading in ("ID", "Triggers", "Hour") and title != "Triggers"
        table.add_column(heading, justify="right" if right else "left", overflow="fold")
    return table
