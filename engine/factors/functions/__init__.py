"""The functions of the factor language: one row of the catalogue each, with its formula."""

from .catalogue import FUNCTIONS, PLAIN_FUNCTIONS
from .function import Argument, FactorFunction, Kind
from .windows import ranks

__all__ = ["FUNCTIONS", "PLAIN_FUNCTIONS", "Argument", "FactorFunction", "Kind", "ranks"]
