"""The walls: what a process gives up before it runs a program that nobody vouches for, and limits around them all."""

from .control_group import ControlGroup
from .jail import (
    address_space,
    become_nobody,
    descriptor_problem,
    die_with_parent,
    jail_problem,
    live_apart,
    lock_down,
    platform_problem,
    unused_uid,
)
from .kernel import fixed_addresses
from .landlock import landlock_problem, landlock_version, restricts_signals, restricts_tcp
from .own_memory import limited_memory
from .seccomp import seccomp_problem

# of a process of its own
__all__ = ["address_space", "become_nobody", "die_with_parent", "jail_problem", "live_apart", "lock_down", "unused_uid"]
# of several, and of this one
__all__ += ["ControlGroup", "fixed_addresses", "limited_memory"]
# which of them stand on this machine
__all__ += ["descriptor_problem", "landlock_problem", "landlock_version", "platform_problem", "seccomp_problem"]
__all__ += ["restricts_signals", "restricts_tcp"]
