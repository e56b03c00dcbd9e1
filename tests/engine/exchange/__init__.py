"""Tests of engine/exchange/."""
