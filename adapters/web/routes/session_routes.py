"""Requests about the server itself: that it is there, and a browser's session."""

from __future__ import annotations

from importlib.metadata import PackageNotFoundError, version

from fastapi import APIRouter
from fastapi.responses import JSONResponse, Response

from ...report import vocabulary
from ..forms import PRESETS, SERVED_DEFAULTS, START
from ..safety import COOKIE, Refused, same_token, session_cookie
from ..services import ServicesOf
from ..shapes import Health, Session
from .requests import Body, body, refusals

router = APIRouter(prefix="/api", tags=["server"])

_SCHEMA = {
    "title": "Token",
    "type": "object",
    "properties": {"token": {"type": "string"}},
    "required": ["token"],
    "additionalProperties": False,
}


@router.post("/session", response_model=Session, openapi_extra=body(_SCHEMA), responses=refusals(400, 413, 415))
def open_session(services: ServicesOf, values: Body) -> Response:
    """Exchange the token for a cookie, so that a browser's own requests are let in."""
    given = values.get("token")
    if not isinstance(given, str) or len(values) != 1:
        raise Refused(422, "the body must hold a token, and only that")
    token = services.settings.token
    if token is None:
        return JSONResponse({"open": True})
    if not same_token(token, given):
        raise Refused(401, "the token is wrong")
    answer = JSONResponse({"open": True})
    answer.set_cookie(COOKIE, session_cookie(token), httponly=True, samesite="strict", path="/")
    return answer


@router.get("/vocabulary", responses=refusals())
def words() -> Response:
    """Tell the words of the page: exit reasons, and what else its scripts show."""
    return JSONResponse(vocabulary(START, PRESETS, SERVED_DEFAULTS))


@router.get("/health", response_model=Health, responses=refusals())
def health(services: ServicesOf) -> Response:
    """Tell that server and database answer, and how many back-tests are under way."""
    with services.database.reading():
        pass
    try:
        installed = version("perpsim")
    except PackageNotFoundError:
        installed = "unknown"
    settings = services.settings
    return JSONResponse(
        {
            "version": installed,
            "under_way": len(services.queue.under_way),
            "most_runs": settings.most_runs,
            "needs_token": settings.token is not None,
        }
    )
