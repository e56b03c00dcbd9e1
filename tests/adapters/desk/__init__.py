"""Tests of adapters/desk/."""
