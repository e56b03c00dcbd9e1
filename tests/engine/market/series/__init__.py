"""Tests of engine/market/series/."""
