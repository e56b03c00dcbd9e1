"""What every request must pass before anything looks at it: its host, its origin, its token, its size."""

from __future__ import annotations

import hashlib
import hmac
from http.cookies import CookieError, SimpleCookie

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from .problems import Refused, defect, refusal
from .settings import ServerSettings, is_loopback

LARGEST_BODY = 1_000_000
LARGEST_QUERY = 8_000
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

        has_begun = False

        async def send_guarded(message: Message) -> None:
            nonlocal has_begun
            if message["type"] == "http.response.start":
                has_begun = True
                headers = MutableHeaders(scope=message)
                headers.update(_HEADERS)
                if scope["path"].startswith("/api/"):
                    headers["Cache-Control"] = "no-store"
            await send(message)

        refused = self._refused(scope, Headers(scope=scope))
        if refused is not None:
            await refusal(refused.status, refused.message)(scope, receive, send_guarded)
            return
        try:
            await self._app(scope, receive, send_guarded)
        except Exception as error:
            answer = defect(f"{scope['method']} {scope['path']!r}", error)
            if has_begun:
                raise RuntimeError("an answer has broken off") from None
            await answer(scope, receive, send_guarded)

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
        return Refused(413, f"the body is larger than {LARGEST_BODY:,} bytes") if int(length) > LARGEST_BODY else None

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
