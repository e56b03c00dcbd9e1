"""``python -m adapters`` is ``perpsim``."""

from .command_line import main

main(prog_name="perpsim")
