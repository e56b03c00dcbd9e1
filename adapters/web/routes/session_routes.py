"""Requests about the server itself: that it is there, and a browser's session."""

from __future__ import annotations

import hashlib
import json
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from typing import Annotated, Any

from fastapi import APIRouter, Header, Request
from fastapi.responses import JSONResponse, Response

from ...report import vocabulary
from ..forms import PRESETS, SERVED_DEFAULTS, START, fault_kinds
from ..safety import COOKIE, Refused, same_token, session_cookie
from ..services import ServicesOf
from ..shapes import Health, Session
from .requests import Body, body, refusals

LONGEST_TOKEN = 1_000
_IF_NONE_MATCH = Header(max_length=200, description="the ETag of what is there already")

router = APIRouter(prefix="/api", tags=["server"])

_SCHEMA = {
    "title": "Token",
    "type": "object",
    "properties": {"token": {"type": "string", "maxLength": LONGEST_TOKEN}},
    "required": ["token"],
    "additionalProperties": False,
}


@router.post("/session", response_model=Session, openapi_extra=body(_SCHEMA), responses=refusals(400, 413, 415, 429))
def open_session(request: Request, services: ServicesOf, values: Body) -> Response:
    """Exchange the token for a cookie, so that a browser's own requests are let in."""
    given = values.get("token")
    if not isinstance(given, str) or len(given) > LONGEST_TOKEN or len(values) != 1:
        raise Refused(422, "the body must hold a token, and only that")
    token = services.settings.token
    if token is None:
        return JSONResponse({"open": True})
    if not same_token(token, given):
        raise Refused(401, "the token is wrong")
    answer = JSONResponse({"open": True})
    place, is_secure = f"{services.settings.path_prefix}/", request.scope["scheme"] == "https"
    answer.set_cookie(COOKIE, session_cookie(token), httponly=True, samesite="strict", path=place, secure=is_secure)
    return answer


@cache
def _words() -> tuple[bytes, str]:
    """Return the words as JSON, and the mark that they are known by."""
    found = {**vocabulary(START, PRESETS, SERVED_DEFAULTS), "fault_kinds": fault_kinds()}
    content = json.dumps(found, allow_nan=False).encode()
    return content, f'W/"{hashlib.blake2b(content, digest_size=10).hexdigest()}"'


@router.get(
    "/vocabulary", response_model=dict[str, Any], responses={304: {"description": "they are the same"}, **refusals()}
)
def words(if_none_match: Annotated[str | None, _IF_NONE_MATCH] = None) -> Response:
    """Tell the words of the page: exit reasons, and what else its scripts show."""
    content, mark = _words()
    headers = {"ETag": mark, "Cache-Control": "private, no-cache"}
    if if_none_match is not None and mark in if_none_match:
        return Response(status_code=304, headers=headers)
    return Response(content, media_type="application/json", headers=headers)


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
