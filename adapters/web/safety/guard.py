"""What every request must pass before anything looks at it: its host, its origin, its token, its size."""

from __future__ import annotations

import asyncio
import hashlib
import hmac
from http.cookies import CookieError, SimpleCookie

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import RedirectResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from .forwarding import client_of, forwarded
from .hosts import host_of, is_loopback, same_origin
from .problems import Refused, defect, refusal
from .settings import ServerSettings
from .wrong_tokens import WrongTokens

#: Of source text, in characters; a file of a configuration has some more.
LONGEST_CODE, LONGEST_FILE = 500_000, 550_000
#: A character takes up to 12 bytes of JSON, which are two escapes; a megabyte is for what stands beside it.
_CHARACTER_BYTES, _BESIDE = 12, 1_000_000
LARGEST_BODY = _CHARACTER_BYTES * LONGEST_FILE + _BESIDE
LARGEST_QUERY = 8_000
#: A file of market data, which is sent to this address alone, and read there in pieces.
LARGEST_UPLOAD = 512 << 20
UPLOADS = "/api/data/files"
COOKIE = "perpsim_session"
_LONGEST_LENGTH = 18

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
        self.status = 0

    async def send(self, message: Message) -> None:
        """Send a part of it."""
        if message["type"] == "http.response.start":
            self.has_begun, self.status = True, message["status"]
            headers = MutableHeaders(scope=message)
            headers.update(_HEADERS)
            if self._scope["path"].startswith("/api/"):
                headers.setdefault("Cache-Control", "no-store")
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
    reach the server by a name of its own that points here. What comes from another site's page never passes, but for a
    link to a page of ours; and whatever changes anything must come from a page of this very address.
    """

    def __init__(self, app: ASGIApp, settings: ServerSettings) -> None:
        self._app, self._settings = app, settings
        self._wrong = WrongTokens()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, or refuse it."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return

        scope = forwarded(scope, self._settings)
        answer = _Answer(scope, receive, send)
        if scope["path"] == self._settings.path_prefix != "":
            await answer.refuse(RedirectResponse(f"{self._settings.path_prefix}/", 308))
            return
        headers = Headers(scope=scope)
        refused = self._refused(scope, headers)
        if refused is not None:
            await answer.refuse(self._refusal(scope, refused))
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
        if _brings_token(scope):
            self._learn(client_of(scope), answer.status)

    def _refusal(self, scope: Scope, refused: Refused) -> Response:
        answer = refusal(refused.status, refused.message)
        if refused.status == 429:
            answer.headers["Retry-After"] = str(self._wrong.wait_s(client_of(scope)))
        return answer

    def _refused(self, scope: Scope, headers: Headers) -> Refused | None:
        if len(scope.get("query_string", b"")) > LARGEST_QUERY:
            return Refused(414, "the query is too long")
        if self._settings.token is None and not is_loopback(host_of(headers.get("host", ""))):
            return Refused(403, "this server answers to loopback names only")
        if _is_foreign(scope, headers):
            return Refused(403, "requests from pages of other sites are refused")
        return self._unknown(scope, headers) or _too_large(scope, headers)

    def _unknown(self, scope: Scope, headers: Headers) -> Refused | None:
        """Return why a request may not pass that brings no token, a wrong one, or one too soon after wrong ones."""
        token, path = self._settings.token, scope["path"]
        if token is None or not path.startswith("/api/"):
            return None
        scheme, _, given = headers.get("authorization", "").partition(" ")
        is_bearer = scheme.lower() == "bearer"
        wait = self._wrong.wait_s(client_of(scope))
        if wait and (is_bearer or _brings_token(scope)):
            return Refused(429, f"too many wrong tokens came from there; try again in {wait} s")
        if is_bearer:
            is_right = same_token(token, given.strip())
            self._learn(client_of(scope), 200 if is_right else 401)
        else:
            is_right = path in _OPEN or same_token(session_cookie(token), _cookie(headers))
        return None if is_right else Refused(401, "the token is missing or wrong")

    def _learn(self, client: str, status: int) -> None:
        """Note what has come of a token that was brought."""
        if self._settings.token is not None and status == 401:
            self._wrong.note(client)
        elif status == 200:
            self._wrong.forget(client)


def _brings_token(scope: Scope) -> bool:
    return scope["path"] in _OPEN and scope["method"] == "POST"


def _is_foreign(scope: Scope, headers: Headers) -> bool:
    """Whether a request comes from a page of another address. A link there may lead here; nothing else may."""
    site, origin = headers.get("sec-fetch-site"), headers.get("origin")
    if scope["method"] in ("GET", "HEAD"):
        return site in ("cross-site", "same-site") and headers.get("sec-fetch-mode") != "navigate"
    if site in ("cross-site", "same-site"):
        return True
    return origin is not None and not same_origin(origin, scope["scheme"], headers.get("host", ""))


def _too_large(scope: Scope, headers: Headers) -> Refused | None:
    length = headers.get("content-length", "0")
    if not length.isascii() or not length.isdigit() or len(length) > _LONGEST_LENGTH:
        return Refused(400, "the length of the body is no number")
    most = LARGEST_UPLOAD if scope["path"] == UPLOADS and scope["method"] == "POST" else LARGEST_BODY
    return Refused(413, f"the body is larger than {most:,} bytes") if int(length) > most else None


def _cookie(headers: Headers) -> str:
    try:
        found = SimpleCookie(headers.get("cookie", "")).get(COOKIE)
    except CookieError:
        return ""
    return "" if found is None else found.value
