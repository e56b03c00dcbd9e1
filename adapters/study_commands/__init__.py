"""The commands of many runs: one file for each, imported when it is run."""
