"""Tests of engine/market/."""
