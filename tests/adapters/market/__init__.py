"""Tests of adapters/market/."""
