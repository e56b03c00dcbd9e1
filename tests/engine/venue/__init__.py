"""Tests of engine/venue/."""
