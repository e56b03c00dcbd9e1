"""What the API answers: a module for the requests about one thing, their parameters, and the shapes of the answers."""

from .all_routers import ROUTERS
from .requests import known_parameters

__all__ = ["ROUTERS", "known_parameters"]
