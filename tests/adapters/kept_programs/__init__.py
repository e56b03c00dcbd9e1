"""Tests of adapters/kept_programs/."""
