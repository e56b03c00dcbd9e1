"""Tests of engine/selection/."""
