"""The HTTP API and the web page."""

from .app import create_app
from .html_report import write_report
from .settings import TOKEN_VARIABLE, ServerSettings

__all__ = ["TOKEN_VARIABLE", "ServerSettings", "create_app", "write_report"]
