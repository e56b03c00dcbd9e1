"""What others import from the web's room; `__init__.py` imports it when it is first used."""

from .app import create_app as create_app
from .serving import serve_app as serve_app
from .settings import TOKEN_VARIABLE as TOKEN_VARIABLE
from .settings import ServerSettings as ServerSettings
