"""What others import from the sandbox; `__init__.py` imports it when it is first used."""

from .job import SandboxLimits as SandboxLimits
from .sandbox import Sandbox as Sandbox
from .sandbox import SandboxUnavailable as SandboxUnavailable
from .standing_walls import Wall as Wall
from .standing_walls import walls_here as walls_here
from .walls import jail_problem as jail_problem
from .walls import limited_memory as limited_memory
from .zygote_client import start_ahead as start_ahead
