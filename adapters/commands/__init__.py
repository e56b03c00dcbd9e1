"""The ``perpsim`` command: one file for each of its commands, imported when it is run."""

from .command_line import main

__all__ = ["main"]
