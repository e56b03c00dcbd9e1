"""The page's files as a browser gets them: one script and one style under a name that changes with them, and the page
that asks for those.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from fastapi import APIRouter, Request
from fastapi.responses import Response
from starlette.exceptions import HTTPException

from ..report import bundled, page_style

STATIC = Path(__file__).with_name("static")

_KEPT = "public, max-age=31536000, immutable"
_ICON = "icon.svg"

router = APIRouter(include_in_schema=False)


@dataclass(frozen=True)
class PageFile:
    """A file that is kept by browsers for as long as its address is asked for."""

    content: bytes
    kind: str


@cache
def page_files() -> dict[str, PageFile]:
    """Return the files by their names: each stands under the digest of all of them."""
    return {
        "page.js": PageFile(bundled("app.js", STATIC, served=True).encode(), "text/javascript; charset=utf-8"),
        "early.js": PageFile((STATIC / "early.js").read_bytes(), "text/javascript; charset=utf-8"),
        "page.css": PageFile(_style().encode(), "text/css; charset=utf-8"),
        _ICON: PageFile((STATIC / _ICON).read_bytes(), "image/svg+xml"),
    }


def _style() -> str:
    """Return the style of a result's page, and what only this page has."""
    return "\n".join((page_style(), *(path.read_text("utf-8") for path in sorted(STATIC.glob("*.css")))))


@cache
def digest() -> str:
    """Return what the addresses of the files have in them."""
    found = hashlib.blake2b(digest_size=10)
    for name, file in page_files().items():
        found.update(name.encode() + b"\0" + file.content)
    return found.hexdigest()


@cache
def _page() -> bytes:
    return (STATIC / "index.html").read_text("utf-8").replace("static/HASH/", f"static/{digest()}/").encode()


@router.get("/")
def page() -> Response:
    """Return the page, which browsers ask for every time."""
    return Response(_page(), media_type="text/html; charset=utf-8", headers={"Cache-Control": "no-cache"})


@router.get("/favicon.ico")
def icon() -> Response:
    """Return the icon to who asks for it where browsers look by themselves."""
    return Response(page_files()[_ICON].content, media_type=page_files()[_ICON].kind)


@router.get("/static/{hashed}/{name}")
def file(request: Request, hashed: str, name: str) -> Response:
    """Return a file of the page; under another digest there is none, as after an update."""
    found = page_files().get(name)
    if found is None or hashed != digest():
        raise HTTPException(404)
    return Response(found.content, media_type=found.kind, headers={"Cache-Control": _KEPT})
