"""The parameters that several requests have, with their limits."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import Path, Query

from engine.instants import LAST_MS

from .problems import Refusal

_LARGEST_ID = 2**31 - 1
#: No control characters: databases differ in what they make of them.
_NAME = r"^[^\x00-\x1f\x7f]+$"

RunId = Annotated[int, Path(ge=1, le=_LARGEST_ID, description="the id of a back-test")]
OtherId = Annotated[int, Path(ge=1, le=_LARGEST_ID, description="the id of another back-test")]
Index = Annotated[int, Path(ge=0, le=_LARGEST_ID)]
Offset = Annotated[int, Query(ge=0, le=_LARGEST_ID)]
Limit = Annotated[int, Query(ge=1, le=500)]
TimeMs = Annotated[int, Query(ge=0, le=LAST_MS, description="epoch ms")]
Name = Annotated[str, Query(min_length=1, max_length=20, pattern=_NAME)]
SearchText = Annotated[str, Query(min_length=1, max_length=100, pattern=_NAME)]


def refusals(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """Return the refusals that a request can meet, for its description; some come with every request."""
    texts = {
        400: "no JSON, or no such form of it",
        401: "the token is missing or wrong",
        403: "another host or origin",
        404: "there is no such thing",
        409: "not in its present state",
        413: "too large",
        415: "not JSON",
        422: "problems, each of them named",
        429: "too many back-tests are waiting",
        503: "the database cannot be used",
    }
    return {each: {"model": Refusal, "description": texts[each]} for each in (401, 403, 422, 503, *statuses)}
