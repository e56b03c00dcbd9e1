"""Tests of adapters/files/."""
