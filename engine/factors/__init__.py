"""Factors: expressions over columns of klines, and the functions that they call."""

from .errors import FactorError
from .expression import COLUMNS, FEWEST_KLINES, LONGEST_EXPRESSION, LONGEST_PERIOD, FactorExpression
from .functions import FUNCTIONS, PLAIN_FUNCTIONS, Argument, FactorFunction, Kind

# an expression
__all__ = ["FactorExpression", "FactorError"]
__all__ += ["COLUMNS", "FEWEST_KLINES", "LONGEST_EXPRESSION", "LONGEST_PERIOD"]
# what it can call
__all__ += ["FUNCTIONS", "PLAIN_FUNCTIONS", "FactorFunction", "Argument", "Kind"]
