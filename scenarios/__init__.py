"""Runnable examples: each is a small complete program, started with ``python -m scenarios.NAME``."""
