"""The sandbox: source text in a locked-down process that is shown the past and nothing else."""

from .job import SandboxLimits
from .sandbox import Sandbox, SandboxUnavailable
from .walls import jail_problem, limited_memory

__all__ = ["Sandbox", "SandboxLimits", "SandboxUnavailable", "jail_problem", "limited_memory"]
