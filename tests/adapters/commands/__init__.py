"""Tests of adapters/commands/."""
