"""What the requests of one server share: its database, its queue of runs, and what explains trades."""

from .shared_services import Services, ServicesOf

__all__ = ["Services", "ServicesOf"]
