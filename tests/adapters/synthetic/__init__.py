"""Tests of adapters/synthetic/."""
