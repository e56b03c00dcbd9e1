"""What the requests of one server share: its database, its queue of runs, what explains trades, what lists pools."""

from .pool_list import pool_answer, stored_signals
from .shared_services import Services, ServicesOf

__all__ = ["Services", "ServicesOf", "pool_answer", "stored_signals"]
