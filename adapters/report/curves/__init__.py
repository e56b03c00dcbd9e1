"""The curves of a result's chart, by windows: equity, holding, exposure, recorded series, indicators, funding."""

from .account_curves import held_of, minutes_of
from .curve_reader import CurveReader
from .file_curves import curve_in_memory, curves_for_file
from .kept_runs import KeptOfRuns
from .thinning import Window

__all__ = ["CurveReader", "KeptOfRuns", "Window", "curve_in_memory", "curves_for_file", "held_of", "minutes_of"]
