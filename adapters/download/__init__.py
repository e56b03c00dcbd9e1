"""Market data from venues, only what is missing."""

from .backfill import Download, Span, Target, funding_download, kline_download
from .venue import Venue

__all__ = ["Download", "Span", "Target", "Venue", "funding_download", "kline_download"]
