"""What others import from the room; `__init__.py` imports it when it is first used."""

from .examination import examine as examine
from .finding import Finding as Finding
from .finding import can_run as can_run
