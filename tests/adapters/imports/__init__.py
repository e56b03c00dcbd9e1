"""Tests of adapters/imports/."""
