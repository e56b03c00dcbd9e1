"""Tests of adapters/inspection/."""
