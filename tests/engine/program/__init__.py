"""Tests of engine/program/."""
