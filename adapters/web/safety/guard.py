"""What every request must pass before anything looks at it: its host, its origin, its token, its size."""

from __future__ import annotations

import asyncio
import hashlib
import hmac
from http.cookies import CookieError, SimpleCookie

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from .problems import Refused, defect, refusal
from .settings import ServerSettings, is_loopback

LARGEST_BODY = 1_000_000
LARGEST_QUERY = 8_000
#: A file of market data, which is sent to this address alone, and read there in pieces.
LARGEST_UPLOAD = 512 << 20
UPLOADS = "/api/data/files"
COOKIE = "perpsim_session"

#: The only paths without a token: the page's own files hold no data, and the session is how a browser brings one.
_OPEN = ("/api/session",)

_HEADERS = {
    "Content-Security-Policy": (
        "default-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; object-src 'none'; "
        "base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Resource-Policy": "same-origin",
}


def session_cookie(token: str) -> str:
    """Return what a browser keeps instead of the token: the token cannot be worked out from it."""
    return hmac.new(token.encode(), b"perpsim session", hashlib.sha256).hexdigest()


def same_token(token: str, given: str) -> bool:
    """Compare in constant time."""
    return hmac.compare_digest(token.encode(), given.encode("utf-8", "surrogateescape"))


class _Answer:
    """The answer to one request, with the headers that all have."""

    def __init__(self, scope: Scope, receive: Receive, send: Send) -> None:
        self._scope, self._receive, self._send = scope, receive, send
        self.has_begun = False

    async def send(self, message: Message) -> None:
        """Send a part of it."""
        if message["type"] == "http.response.start":
            self.has_begun = True
            headers = MutableHeaders(scope=message)
            headers.update(_HEADERS)
            if self._scope["path"].startswith("/api/"):
                headers["Cache-Control"] = "no-store"
        await self._send(message)

    async def refuse(self, refusal: Response) -> None:
        """Send a refusal in its place."""
        await refusal(self._scope, self._receive, self.send)

    async def break_off(self) -> None:
        """End it where it is."""
        await self._send({"type": "http.response.body", "body": b"", "more_body": False})


class Guard:
    """An ASGI layer that refuses foreign hosts and origins, missing tokens and huge requests, and answers for defects.

    Without a token only requests addressed to this machine by a loopback name pass, so that no page elsewhere can
    reach the server by a name of its own that points here. Requests that come from another site's page never pass.
    """

    def __init__(self, app: ASGIApp, settings: ServerSettings) -> None:
        self._app, self._settings = app, settings

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, or refuse it."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return

        refused = self._refused(scope, Headers(scope=scope))
        answer = _Answer(scope, receive, send)
        if refused is not None:
            await answer.refuse(refusal(refused.status, refused.message))
            return
        try:
            await self._app(scope, receive, answer.send)
        except asyncio.CancelledError:  # the server goes down and waits no longer
            await (answer.break_off() if answer.has_begun else answer.refuse(refusal(503, "the server is going down")))
        except Exception as error:
            told = defect(f"{scope['method']} {scope['path']!r}", error)
            if answer.has_begun:
                raise RuntimeError("an answer has broken off") from None
            await answer.refuse(told)

    def _refused(self, scope: Scope, headers: Headers) -> Refused | None:
        if len(scope.get("query_string", b"")) > LARGEST_QUERY:
            return Refused(414, "the query is too long")
        if self._settings.token is None and not is_loopback(_host(headers.get("host", ""))):
            return Refused(403, "this server answers to loopback names only")
        if self._is_foreign(headers):
            return Refused(403, "requests from pages of other sites are refused")
        if not self._is_known(scope["path"], headers):
            return Refused(401, "the token is missing or wrong")
        length = headers.get("content-length", "0")
        if not length.isascii() or not length.isdigit():
            return Refused(400, "the length of the body is no number")
        most = LARGEST_UPLOAD if scope["path"] == UPLOADS and scope["method"] == "POST" else LARGEST_BODY
        return Refused(413, f"the body is larger than {most:,} bytes") if int(length) > most else None

    def _is_foreign(self, headers: Headers) -> bool:
        origin = headers.get("origin")
        if headers.get("sec-fetch-site") in ("cross-site", "same-site"):
            return headers.get("sec-fetch-mode") != "navigate"
        return origin is not None and origin.partition("://")[2] != headers.get("host")

    def _is_known(self, path: str, headers: Headers) -> bool:
        token = self._settings.token
        if token is None or not path.startswith("/api/") or path in _OPEN:
            return True
        scheme, _, given = headers.get("authorization", "").partition(" ")
        if scheme.lower() == "bearer" and same_token(token, given.strip()):
            return True
        return same_token(session_cookie(token), _cookie(headers))


def _host(header: str) -> str:
    """Return the name in a Host header, without its port."""
    if header.startswith("["):
        return header.partition("]")[0].strip("[")
    return header.partition(":")[0]


def _cookie(headers: Headers) -> str:
    try:
        found = SimpleCookie(headers.get("cookie", "")).get(COOKIE)
    except CookieError:
        return ""
    return "" if found is None else found.value
