"""Stored signals and pools: read, added, previewed, shown."""

from .pool_sources import PoolSources, load_pool_sources
from .signal_addition import add_signals
from .signal_picture import draw_triggers
from .signal_preview import SignalPreview
from .signal_store import SignalStore, StoredPool, load_pools
from .signal_tables import pool_parts, pool_table, preview_tables, signal_table

# pool sources
__all__ = ["PoolSources", "load_pool_sources"]
# signal addition
__all__ += ["add_signals"]
# signal picture
__all__ += ["draw_triggers"]
# signal preview
__all__ += ["SignalPreview"]
# signal store
__all__ += ["SignalStore", "StoredPool", "load_pools"]
# signal tables
__all__ += ["pool_parts", "pool_table", "preview_tables", "signal_table"]
