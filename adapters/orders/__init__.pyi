"""What others import from the room; `__init__.py` imports it when it is first used."""

# as columns
from .order_columns import Columns as Columns
from .order_columns import OrderColumns as OrderColumns
from .order_columns import SpansOf as SpansOf
from .order_columns import StoredNotes as StoredNotes
from .order_columns import order_columns as order_columns

# stored with a result
from .stored_orders import packed_orders as packed_orders
from .stored_orders import stored_orders as stored_orders
from .stored_orders import write_order_rows as write_order_rows
