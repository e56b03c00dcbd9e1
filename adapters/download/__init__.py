"""Market data from venues, only what is missing."""

from .backfill import Download, Span, Target, funding_download, kline_download
from .reachability import Unreachable
from .venue import Venue

__all__ = ["Download", "Span", "Target", "Unreachable", "Venue", "funding_download", "kline_download"]
