"""The shapes of answers about the server and the session of a browser."""

from __future__ import annotations

from pydantic import BaseModel


class Session(BaseModel):
    """Whether the browser may go on."""

    open: bool


class Health(BaseModel):
    """That the server and its database answer."""

    version: str
    under_way: int
    most_runs: int
    needs_token: bool
