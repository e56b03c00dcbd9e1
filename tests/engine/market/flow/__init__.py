"""Tests of engine/market/flow/."""
