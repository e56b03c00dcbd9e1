"""The body of a request as a JSON object, read with a limit."""

from __future__ import annotations

import json
from typing import Any, NoReturn

from fastapi import Request

from .guard import LARGEST_BODY
from .problems import Refused


async def json_object(request: Request) -> dict[str, Any]:
    """Return the body. Refuses what is no JSON object, is larger than the limit, or is not declared as JSON."""
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind != "application/json":
        raise Refused(415, "the body must be application/json")
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > LARGEST_BODY:
            raise Refused(413, f"the body is larger than {LARGEST_BODY:,} bytes")
    try:
        value = json.loads(bytes(body).decode("utf-8"), parse_constant=_no_number)
    except UnicodeDecodeError:
        raise Refused(400, "the body is no UTF-8 text") from None
    except RecursionError:
        raise Refused(400, "the body is nested too deeply") from None
    except ValueError as error:
        raise Refused(400, f"the body is no JSON: {error}") from None
    if not isinstance(value, dict):
        raise Refused(422, "the body is no JSON object")
    return value


def _no_number(name: str) -> NoReturn:
    raise ValueError(f"{name} is no JSON number")
