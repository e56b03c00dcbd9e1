"""Tests of engine/venue/models/."""
