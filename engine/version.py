"""The version of perpsim, which every result bears: what a run comes to is a promise of its engine."""

VERSION = "0.1.0"
