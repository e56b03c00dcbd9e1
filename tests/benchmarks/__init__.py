"""Benchmarks: they print figures and never fail by time. Run ``python -m pytest tests/benchmarks``."""
