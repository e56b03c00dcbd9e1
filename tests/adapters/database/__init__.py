"""Tests of adapters/database/."""
