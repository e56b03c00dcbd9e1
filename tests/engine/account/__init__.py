"""Tests of engine/account/."""
