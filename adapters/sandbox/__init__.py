"""The sandbox: source text in a locked-down process, whose report is replayed and not believed."""

from .jail import jail_problem
from .sandbox import Sandbox, SandboxUnavailable
from .sandbox_limits import SandboxLimits

__all__ = ["Sandbox", "SandboxLimits", "SandboxUnavailable", "jail_problem"]
