"""Stored signals and pools: read, added, previewed, shown."""

from .pool_sources import PoolSources, load_pool_sources
from .signal_addition import add_signals
from .signal_picture import draw_triggers
from .signal_preview import SignalPreview
from .signal_store import SignalStore, StoredPool, load_pools
from .signal_tables import pool_parts, pool_table, preview_tables, signal_table

__all__ = [
    # pool sources
    "PoolSources",
    "load_pool_sources",
    # signal addition
    "add_signals",
    # signal picture
    "draw_triggers",
    # signal preview
    "SignalPreview",
    # signal store
    "SignalStore",
    "StoredPool",
    "load_pools",
    # signal tables
    "pool_parts",
    "pool_table",
    "preview_tables",
    "signal_table",
]
