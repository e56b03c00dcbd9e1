"""The HTTP API and the web page."""

from .app import create_app
from .settings import ServerSettings

__all__ = ["ServerSettings", "create_app"]
