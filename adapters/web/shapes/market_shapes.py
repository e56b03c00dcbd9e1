"""The shapes of answers about what is stored of the market."""

from __future__ import annotations

from pydantic import BaseModel

from ...database import StoredSeries


class Symbols(BaseModel):
    """What the database covers; times are opens in epoch ms."""

    series: list[StoredSeries]
