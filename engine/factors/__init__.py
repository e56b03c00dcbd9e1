"""Factors: expressions over columns of klines, the functions that they call, and the factors that there are."""

from .built_in import BUILT_IN_FACTORS, ExpressedFactor
from .catalogue import (
    FACTOR_WINDOW,
    FEWEST_FACTOR_KLINES,
    Factor,
    FactorCatalogue,
    factor_series,
    factor_value,
    read_expression,
)
from .errors import FactorError
from .expression import COLUMNS, FEWEST_KLINES, LONGEST_EXPRESSION, LONGEST_PERIOD, FactorExpression
from .foretelling import (
    coefficient_ratio,
    equal_signs,
    forward_returns,
    half_life_hours,
    information_coefficient,
    turnover,
    windowed_coefficients,
)
from .functions import FUNCTIONS, PLAIN_FUNCTIONS, Argument, FactorFunction, Kind
from .registry import REGISTRY_FACTORS, FlowFactor, KlineFactor, RegistryFactor

# an expression, and what is wrong with one
__all__ = ["FactorExpression", "FactorError", "read_expression"]
__all__ += ["COLUMNS", "FEWEST_KLINES", "LONGEST_EXPRESSION", "LONGEST_PERIOD"]
# what it can call
__all__ += ["FUNCTIONS", "PLAIN_FUNCTIONS", "FactorFunction", "Argument", "Kind"]
# factors by name
__all__ += ["FactorCatalogue", "factor_series", "factor_value"]
__all__ += ["FACTOR_WINDOW", "FEWEST_FACTOR_KLINES"]
__all__ += ["Factor", "ExpressedFactor", "RegistryFactor", "KlineFactor", "FlowFactor"]
__all__ += ["BUILT_IN_FACTORS", "REGISTRY_FACTORS"]
# how well they foretell
__all__ += ["information_coefficient", "forward_returns", "windowed_coefficients", "coefficient_ratio"]
__all__ += ["half_life_hours", "equal_signs", "turnover"]
