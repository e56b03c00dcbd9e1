"""Tests of engine/result/."""
