"""The sandbox: source text in a locked-down process that is shown the past and nothing else."""

from .jail import jail_problem
from .job import SandboxLimits
from .own_memory import limit_own_memory
from .sandbox import Sandbox, SandboxUnavailable

__all__ = ["Sandbox", "SandboxLimits", "SandboxUnavailable", "jail_problem", "limit_own_memory"]
