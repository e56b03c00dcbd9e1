"""The sandbox: source text in a locked-down process that is shown the past and nothing else."""

from .jail import jail_problem
from .job import SandboxLimits
from .sandbox import Sandbox, SandboxUnavailable

__all__ = ["Sandbox", "SandboxLimits", "SandboxUnavailable", "jail_problem"]
