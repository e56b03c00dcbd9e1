"""Tests of processes/."""
