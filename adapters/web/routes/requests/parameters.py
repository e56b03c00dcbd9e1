"""The parameters and bodies that several requests have, with their limits."""

from __future__ import annotations

import json
import math
from collections import Counter
from collections.abc import Iterator
from typing import Annotated, Any, Literal, NoReturn, get_args, get_origin

from fastapi import Depends, Path, Query, Request
from fastapi.dependencies.models import Dependant
from starlette.concurrency import run_in_threadpool

from engine.instants import LAST_MS
from engine.plain_values import shown

from ....results import ALL_TRIGGERS
from ...forms import LARGEST_ID, LONGEST_NAME
from ...safety import LARGEST_BODY, Refusal, Refused, wrong_field

#: What a body is made of, by the marks between: as many as a megabyte can hold. A long text has no more of them.
_PARTS, _MOST_PARTS = (b"{", b"[", b","), 1_000_000
#: No control characters: databases differ in what they make of them.
_NAME = r"^[^\x00-\x1f\x7f]+$"

RunId = Annotated[int, Path(ge=1, le=LARGEST_ID, description="the id of a back-test")]
PoolId = Annotated[int, Path(ge=1, le=LARGEST_ID, description="the id of a signal pool")]
JobId = Annotated[int, Path(ge=1, le=LARGEST_ID, description="the id of an import or a download")]
FileId = Annotated[str, Path(pattern=r"^[0-9a-f]{16}$", description="the id of an uploaded file")]
_IN_FILE, _AT_ENDS = r"[^\x00-\x1f\x7f/\\]", r"[^\x00-\x1f\x7f/\\. ]"
_FILE = rf"^([^\x00-\x1f\x7f/\\.]{_IN_FILE}*)?{_AT_ENDS}{_IN_FILE}*$"
FileName = Annotated[str, Query(min_length=1, max_length=200, pattern=_FILE, description="without a path")]
Index = Annotated[int, Path(ge=0, le=LARGEST_ID)]
TradeNumber = Annotated[int, Path(ge=1, le=LARGEST_ID, description="the number of a trade, 1 is the first")]
Offset = Annotated[int, Query(ge=0, le=LARGEST_ID)]
Limit = Annotated[int, Query(ge=1, le=500)]
TimeMs = Annotated[int, Query(ge=0, le=LAST_MS, description="epoch ms")]
Name = Annotated[str, Query(min_length=1, max_length=LONGEST_NAME, pattern=_NAME)]
AllTriggers = Annotated[bool, Query(description=ALL_TRIGGERS)]
ChartPeriod = Literal["1m", "3m", "5m", "15m", "30m", "1h", "2h", "4h", "8h", "12h", "1d"]
SearchText = Annotated[str, Query(min_length=1, max_length=100, pattern=_NAME)]


def text_up_to(most: int) -> str:
    """Return a pattern of the whole numbers from 1 to the greatest, as texts without zeros before."""
    digits = str(most)
    found = [rf"[1-9][0-9]{{0,{len(digits) - 2}}}"]
    for place, digit in enumerate(digits):
        lowest = 0 if place else 1
        if int(digit) > lowest:
            rest = rf"[0-9]{{{len(digits) - place - 1}}}" if place < len(digits) - 1 else ""
            found.append(f"{digits[:place]}[{lowest}-{int(digit) - 1}]{rest}")
    return "|".join([*found, digits])


def refusals(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """Return the refusals that a request can meet, for its description; some come with every request."""
    texts = {
        400: "no JSON, or no such form of it",
        401: "the token is missing or wrong",
        403: "another host or origin",
        404: "there is no such thing",
        409: "not in its present state",
        413: "too large",
        414: "the query is too long",
        415: "not JSON",
        422: "problems, each of them named",
        429: "too many back-tests are waiting",
        503: "the database cannot be used",
    }
    return {each: {"model": Refusal, "description": texts[each]} for each in (401, 403, 414, 422, 503, *statuses)}


async def known_parameters(request: Request) -> None:
    """Refuse a query parameter that the request does not have, or that comes twice."""
    if not request.url.query:
        return
    known = dict(_queried(request.scope["route"].dependant))
    given = Counter(name for name, _ in request.query_params.multi_items())
    foreign = next((name for name in given if name not in known), None)
    if foreign is not None:
        raise wrong_field(foreign, f"there is no such parameter; there are {', '.join(known) or 'none'}")
    twice = next((name for name, count in given.items() if count > 1 and not known[name]), None)
    if twice is not None:
        raise wrong_field(twice, "comes twice")


def _queried(asked: Dependant) -> Iterator[tuple[str, bool]]:
    """Yield the query parameters of a request, and whether each of them may come several times."""
    for each in asked.query_params:
        hint: Any = each.field_info.annotation
        yield each.alias, any(get_origin(kind) is list for kind in (hint, *get_args(hint)))
    for inner in asked.dependencies:
        yield from _queried(inner)


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
    if len(body) > _MOST_PARTS and sum(map(body.count, _PARTS)) > _MOST_PARTS:
        raise Refused(413, f"the body has more than {_MOST_PARTS:,} parts")
    return await run_in_threadpool(_parsed, bytes(body))


def _parsed(body: bytes) -> dict[str, Any]:
    try:
        value = json.loads(body.decode("utf-8"), parse_constant=_no_number, parse_float=_float)
    except UnicodeDecodeError:
        raise Refused(400, "the body is no UTF-8 text") from None
    except RecursionError:
        raise Refused(400, "the body is nested too deeply") from None
    except ValueError as error:
        raise Refused(400, f"the body is no JSON: {error}") from None
    if not isinstance(value, dict):
        raise Refused(422, "the body is no JSON object")
    return value


Body = Annotated[dict[str, Any], Depends(json_object)]


def body(schema: dict[str, Any]) -> dict[str, Any]:
    """Return what the OpenAPI description of a request says of its body."""
    return {"requestBody": {"required": True, "content": {"application/json": {"schema": schema}}}}


def _float(text: str) -> float:
    value = float(text)
    if not math.isfinite(value):
        raise ValueError(f"{shown(text)} is larger than any number can be here")
    return value


def _no_number(name: str) -> NoReturn:
    raise ValueError(f"{name} is no JSON number")
