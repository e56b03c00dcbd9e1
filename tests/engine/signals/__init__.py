"""Tests of engine/signals/."""
