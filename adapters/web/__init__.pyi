"""What others import from the web's room; `__init__.py` imports it when it is first used."""

from .app import create_app as create_app
from .safety import TOKEN_VARIABLE as TOKEN_VARIABLE
from .safety import ServerSettings as ServerSettings
from .serving import serve_app as serve_app
