"""Tests of engine/kernel/."""
