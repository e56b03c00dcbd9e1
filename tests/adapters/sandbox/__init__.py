"""Tests of adapters/sandbox/."""
