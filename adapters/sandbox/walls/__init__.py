"""The walls: what a process gives up before it runs a program that nobody vouches for, and limits around them all."""

from .control_group import ControlGroup
from .jail import address_space, become_nobody, jail_problem, live_apart, lock_down, unused_uid
from .kernel import fixed_addresses
from .own_memory import limited_memory

# of a process of its own
__all__ = ["address_space", "become_nobody", "jail_problem", "live_apart", "lock_down", "unused_uid"]
# of several, and of this one
__all__ += ["ControlGroup", "fixed_addresses", "limited_memory"]
