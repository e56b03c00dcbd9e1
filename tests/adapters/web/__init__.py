"""Tests of adapters/web/."""
