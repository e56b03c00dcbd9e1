"""Requests for what happens in back-tests while they run: streams of events."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from types import MappingProxyType
from typing import Annotated, Any

from fastapi import APIRouter, Header, Query
from fastapi.responses import Response, StreamingResponse

from ..forms import LARGEST_ID
from ..runs import BACKTESTS, STUDIES
from ..services import ServicesOf
from .requests import RunId, refusals, text_up_to

router = APIRouter(prefix="/api", tags=["back-tests"])

_KINDS = ["calculating", "init", "progress", "complete", "error"]
_EVENT = {
    "type": "object",
    "properties": {
        "id": {"type": "string", "description": "its number in the run"},
        "event": {"enum": _KINDS},
        "data": {"type": "string", "description": "JSON; always with the id of the back-test"},
    },
    "required": ["id", "event", "data"],
}
_SHARED_EVENT = {
    "type": "object",
    "properties": {
        "data": {
            "type": "string",
            "description": f"JSON: of (backtests or studies), id, number in it, event ({', '.join(_KINDS)}), and data",
        }
    },
    "required": ["data"],
}
#: The answer that is the stream of one run.
RUN_STREAM: dict[str, Any] = {
    "description": f"server-sent events: {', '.join(_KINDS)}",
    "content": {"text/event-stream": {"schema": _EVENT}},
}
_SHARED: dict[str, Any] = {
    "description": "server-sent events, each of one of the back-tests",
    "content": {"text/event-stream": {"schema": _SHARED_EVENT}},
}
LAST_EVENT = Header(alias="Last-Event-ID", max_length=18, pattern="^[0-9]*$", description="the last event that came")
_MOST_IDS = 50
_ID = f"({text_up_to(LARGEST_ID)})"
_IDS = Query(
    min_length=1,
    max_length=600,
    pattern=rf"^s?{_ID}(,s?{_ID}){{0,{_MOST_IDS - 1}}}$",
    description=f"ids with commas between them, at most {_MOST_IDS}: of back-tests, and of studies after an s",
)


def streamed(parts: AsyncIterator[bytes], headers: Mapping[str, str] = MappingProxyType({})) -> StreamingResponse:
    """Return the answer that is a stream of events, which no proxy is to keep back."""
    return StreamingResponse(parts, media_type="text/event-stream", headers={"X-Accel-Buffering": "no", **headers})


@router.get(
    "/backtests/{run_id}/events", response_class=StreamingResponse, responses={200: RUN_STREAM, **refusals(404)}
)
async def events(
    services: ServicesOf, run_id: RunId, last_event_id: Annotated[str | None, LAST_EVENT] = None
) -> Response:
    """Stream what happens in a back-test; with Last-Event-ID, what has happened since. How it ended is told whatever
    that says, where this server has not run it.
    """
    await services.followed.require(run_id)
    return streamed(services.followed.stream(run_id, int(last_event_id or 0)))


@router.get("/events", response_class=StreamingResponse, responses={200: _SHARED, **refusals()})
async def shared_events(services: ServicesOf, ids: Annotated[str, _IDS]) -> Response:
    """Stream what happens in several back-tests and studies, each from its beginning, until they are all over. One that
    is not stored ends with an error.
    """
    found = [
        (STUDIES if each[0] == "s" else BACKTESTS, int(each.lstrip("s"))) for each in dict.fromkeys(ids.split(","))
    ]
    return streamed(services.followed.shared(found))
