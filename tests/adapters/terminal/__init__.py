"""Tests of adapters/terminal/."""
