"""Answers that are made of nothing but what is stored: given again, as they are, for as long as nothing is written."""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import Hashable
from typing import NamedTuple

from starlette.concurrency import run_in_threadpool
from starlette.datastructures import Headers
from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from ...database import StateWatch

#: Of a year of minutes all that a page asks for at first is 0.2 MB.
_MOST_BYTES = 32_000_000
#: The database is let go when nobody has asked for so long.
_IDLE_S = 60.0
#: What the begin of an answer says under this name, to the layers here alone.
_IS_STORED = "perpsim.is_stored"


class StoredAnswer(JSONResponse):
    """An answer that is made of nothing but the request and what is stored: not of runs under way, nor of the time."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send it, and say so at its begin."""

        async def marked(message: Message) -> None:
            await send({**message, _IS_STORED: True} if message["type"] == "http.response.start" else message)

        await super().__call__(scope, receive, marked)


class _Kept(NamedTuple):
    """An answer, and the state of the database that it is of."""

    state: Hashable
    begin: Message
    body: bytes


class KeptAnswers:
    """An ASGI layer that gives an answer again to who asks for the same while the database is in the same state.

    An endpoint says with a `StoredAnswer` that its answer depends on nothing else. What is kept is what the layers
    below have made of it: compressed, where that was asked for.
    """

    def __init__(self, app: ASGIApp, watch: StateWatch) -> None:
        self._app, self._watch = app, watch
        self._kept: OrderedDict[Hashable, _Kept] = OrderedDict()
        self._bytes = 0
        self._asked = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Give what is kept, or pass the request on and keep its answer."""
        if scope["type"] != "http" or scope["method"] != "GET" or not scope["path"].startswith("/api/"):
            await self._app(scope, receive, send)
            return
        state = await self._state()
        key = scope["path"], scope["query_string"], "gzip" in Headers(scope=scope).get("accept-encoding", "")
        kept = self._kept.get(key)
        if state is not None and kept is not None and kept.state == state:
            self._kept.move_to_end(key)
            await send({**kept.begin, "headers": [*kept.begin["headers"]]})
            await send({"type": "http.response.body", "body": kept.body})
            return
        copy = _Copy(send)
        await self._app(scope, receive, copy.send)
        if state is not None and copy.begin is not None and copy.is_whole:
            self._keep(key, _Kept(state, copy.begin, b"".join(copy.parts)))

    async def _state(self) -> Hashable | None:
        """Return the state before an answer is made: what is written meanwhile makes it another one's."""
        self._asked += 1
        asyncio.get_running_loop().call_later(_IDLE_S, self._let_go, self._asked)
        return await run_in_threadpool(self._watch.state)

    def _let_go(self, asked: int) -> None:
        if asked == self._asked:
            asyncio.get_running_loop().run_in_executor(None, self._watch.close)

    def _keep(self, key: Hashable, answer: _Kept) -> None:
        before = self._kept.pop(key, None)
        self._bytes -= 0 if before is None else len(before.body)
        self._kept[key] = answer
        self._bytes += len(answer.body)
        while self._bytes > _MOST_BYTES:
            self._bytes -= len(self._kept.popitem(last=False)[1].body)


class _Copy:
    """Passes an answer on, and has a copy of it where it is a good one that may be kept."""

    def __init__(self, send: Send) -> None:
        self._send = send
        self.begin: Message | None = None
        self.parts: list[bytes] = []
        self.is_whole = False

    async def send(self, message: Message) -> None:
        """Pass a part on."""
        if message["type"] == "http.response.start" and message["status"] == 200 and message.pop(_IS_STORED, False):
            self.begin = {**message, "headers": [*message["headers"]]}
        elif self.begin is not None and message["type"] == "http.response.body":
            self.parts.append(message.get("body", b""))
            self.is_whole = not message.get("more_body", False)
        await self._send(message)
