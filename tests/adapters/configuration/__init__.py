"""Tests of adapters/configuration/."""
