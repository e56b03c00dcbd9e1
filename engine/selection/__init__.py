"""Whether the best of many trials is more than luck: the statistics of selection, on numpy alone."""

from .block_length import automatic_block_length
from .cross_validation import Overfitting, overfitting_probability
from .judgement import SelectionReport, Verdict, judge_selection
from .returns_matrix import SharpeMoments, matrix_of_returns, sharpe_moments, sharpe_ratios
from .sharpe_probability import (
    deflated_sharpe_ratio,
    expected_maximum_sharpe,
    minimum_track_record_length,
    probabilistic_sharpe_ratio,
)
from .superiority import RealityCheck, SuperiorAbility, reality_check, superior_predictive_ability

# the material: returns, observations x configurations
__all__ = ["SharpeMoments", "matrix_of_returns", "sharpe_moments", "sharpe_ratios"]
# how sure a Sharpe ratio is
__all__ += ["deflated_sharpe_ratio", "expected_maximum_sharpe", "minimum_track_record_length"]
__all__ += ["probabilistic_sharpe_ratio"]
# what the choice is worth outside of where it was made
__all__ += ["Overfitting", "overfitting_probability"]
# whether the best beats a benchmark
__all__ += ["RealityCheck", "SuperiorAbility", "automatic_block_length", "reality_check"]
__all__ += ["superior_predictive_ability"]
# all of it, of a study
__all__ += ["SelectionReport", "Verdict", "judge_selection"]
