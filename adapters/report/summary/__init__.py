"""The summary of a result: tables worked out from its trades, its curve and its figures."""

from .excursions_seen import EXCURSIONS
from .summary_parts import ResultFacts, summary_of
from .summary_table import SummaryTable

__all__ = ["EXCURSIONS", "ResultFacts", "SummaryTable", "summary_of"]
