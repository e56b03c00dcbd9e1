"""What others import from the room; `__init__.py` imports it when it is first used."""

# as columns
from .columns_of_orders import Columns as Columns
from .columns_of_orders import OrderColumns as OrderColumns
from .columns_of_orders import SpansOf as SpansOf
from .columns_of_orders import StoredNotes as StoredNotes
from .columns_of_orders import order_columns as order_columns

# stored with a result
from .kept_orders import packed_orders as packed_orders
from .kept_orders import stored_orders as stored_orders
from .kept_orders import write_order_rows as write_order_rows
