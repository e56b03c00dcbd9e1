"""Where many calls are made: one interface, in this process, in processes of this machine, or on a cluster."""

from .this_process import ThisProcess
from .worker_interface import Done, Runner, Setup, Workers

__all__ = ["Done", "Runner", "Setup", "ThisProcess", "Workers"]
