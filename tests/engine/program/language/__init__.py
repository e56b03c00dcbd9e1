"""Tests of engine/program/language/."""
