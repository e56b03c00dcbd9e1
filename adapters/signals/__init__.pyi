"""What others import from the room; `__init__.py` imports it when it is first used."""

# signals and pools to store
from .signal_addition import add_signals as add_signals

# how they are shown, in pictures
from .signal_picture import draw_triggers as draw_triggers
from .signal_preview import SignalPreview as SignalPreview

# stored signals and pools
from .signal_store import PoolSources as PoolSources
from .signal_store import SignalStore as SignalStore
from .signal_store import StoredPool as StoredPool
from .signal_store import load_pool_sources as load_pool_sources
from .signal_store import load_pools as load_pools

# how they are shown, in tables
from .signal_tables import pool_parts as pool_parts
from .signal_tables import pool_table as pool_table
from .signal_tables import preview_tables as preview_tables
from .signal_tables import signal_table as signal_table
