"""Tests of adapters/readiness/."""
