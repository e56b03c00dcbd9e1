"""Tests of engine/market/indicators/."""
