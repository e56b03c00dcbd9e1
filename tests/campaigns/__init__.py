"""Tests of campaigns/."""
