"""Tests of adapters/results/."""
