"""Tests of engine/contract/."""
