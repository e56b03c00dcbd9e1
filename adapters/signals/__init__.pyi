"""What others import from the room; `__init__.py` imports it when it is first used."""

# what conditions are made of
from .condition_words import condition_kinds as condition_kinds

# signals and pools to store
from .pool_writing import KNOWN_KEYS as KNOWN_KEYS
from .pool_writing import PoolChanged as PoolChanged
from .pool_writing import PoolDraft as PoolDraft
from .pool_writing import SignalDraft as SignalDraft
from .pool_writing import delete_pool as delete_pool
from .pool_writing import enable_pool as enable_pool
from .pool_writing import members_of as members_of
from .pool_writing import pool_revision as pool_revision
from .pool_writing import restore_pool as restore_pool
from .pool_writing import save_pool as save_pool
from .signal_addition import add_signals as add_signals

# how they are shown, in pictures
from .signal_picture import draw_triggers as draw_triggers
from .signal_preview import SignalPreview as SignalPreview

# stored signals and pools
from .signal_store import MARKET_SIGNALS as MARKET_SIGNALS
from .signal_store import PoolSources as PoolSources
from .signal_store import SignalStore as SignalStore
from .signal_store import StoredPool as StoredPool
from .signal_store import StoredSignal as StoredSignal
from .signal_store import load_pool_sources as load_pool_sources
from .signal_store import load_pools as load_pools
from .signal_store import said_json as said_json

# how they are shown, in tables
from .signal_tables import pool_parts as pool_parts
from .signal_tables import pool_table as pool_table
from .signal_tables import preview_tables as preview_tables
from .signal_tables import signal_table as signal_table
