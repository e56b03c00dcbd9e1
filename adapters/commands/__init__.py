"""One file for each command of ``perpsim``; `adapters.command_line` imports the one that is run."""
