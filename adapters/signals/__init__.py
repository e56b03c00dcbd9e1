"""Stored signals and pools: read, added, previewed, shown."""

from .signal_addition import add_signals
from .signal_picture import draw_triggers
from .signal_preview import SignalPreview
from .signal_store import PoolSources, SignalStore, StoredPool, load_pool_sources, load_pools
from .signal_tables import pool_parts, pool_table, preview_tables, signal_table

# stored signals and pools
__all__ = ["PoolSources", "SignalStore", "StoredPool", "add_signals", "load_pool_sources", "load_pools"]
# how they are shown
__all__ += ["SignalPreview", "draw_triggers", "pool_parts", "pool_table", "preview_tables", "signal_table"]
