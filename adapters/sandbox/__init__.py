"""The sandbox: source text in a locked-down process, whose report is replayed and not believed."""

from .jail import jail_problem
from .job import SandboxLimits
from .sandbox import Sandbox, SandboxUnavailable

__all__ = ["Sandbox", "SandboxLimits", "SandboxUnavailable", "jail_problem"]
