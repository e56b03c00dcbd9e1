"""The commands that prove a result, or disturb a run: one file for each, imported when it is run."""
