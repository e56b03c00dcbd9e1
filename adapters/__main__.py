"""``python -m adapters`` is ``perpsim``."""

from .commands import main

main(prog_name="perpsim")
