"""Tests of adapters/download/."""
