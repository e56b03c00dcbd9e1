"""Tests of adapters/signals/."""
