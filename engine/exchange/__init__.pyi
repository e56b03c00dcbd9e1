"""What others import from the room; `__init__.py` imports it when it is first used."""

# the exchange, and what became of a decision
from .exchange import ExecutionSimulator as ExecutionSimulator

# the life of an order, and why one is refused
from .lifecycle import LIFE as LIFE
from .lifecycle import OrderEvent as OrderEvent
from .lifecycle import OrderLives as OrderLives
from .lifecycle import OrderResult as OrderResult
from .lifecycle import OrderState as OrderState

# liquidation
from .liquidation import Breach as Breach
from .liquidation import Search as Search
from .liquidation import Survey as Survey
from .liquidation import breaches_at as breaches_at
from .liquidation import slack_ahead as slack_ahead
from .liquidation import survey as survey

# what became of orders that did not fill at once
from .order_notes import AMENDED as AMENDED
from .order_notes import CANCELLED as CANCELLED
from .order_notes import EXPIRED as EXPIRED
from .order_notes import PLACED as PLACED
from .order_notes import REJECTED as REJECTED
from .order_notes import ClosedNote as ClosedNote
from .order_notes import ExitNote as ExitNote
from .order_notes import OrderNote as OrderNote
from .order_notes import OrderNotes as OrderNotes

# orders, also of one's own kind
from .orders import Ahead as Ahead
from .orders import PendingOrder as PendingOrder
from .orders import Touch as Touch
from .orders import value_problem as value_problem
