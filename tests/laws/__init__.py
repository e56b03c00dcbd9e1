"""Tests of laws/."""
