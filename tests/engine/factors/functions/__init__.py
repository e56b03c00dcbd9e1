"""Tests of the functions of factors."""
