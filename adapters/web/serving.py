"""Serving the application until a signal, and ending it so that nobody waits for what does not answer."""

from __future__ import annotations

import asyncio
import gc
import logging
import socket

import uvicorn
from fastapi import FastAPI

from engine import ConfigurationError

from .safety import ServerSettings

#: Requests under way may take so long to be answered; none, when the database does not answer.
_GRACE_S = 1

#: A stored result has tens of thousands of objects without circles: to look for these after each 700 new ones, as by
#: default, takes as long again as to read it.
_COLLECTED_AFTER = 50_000, 20, 100


def serve_app(app: FastAPI, listening: socket.socket, settings: ServerSettings) -> None:
    """Answer on a socket that listens until Ctrl-C or SIGTERM; raises `KeyboardInterrupt` after the first."""
    config = uvicorn.Config(
        app,
        log_level="warning",
        server_header=False,
        proxy_headers=False,  # what a proxy says counts only where it is trusted: see safety
        timeout_graceful_shutdown=_GRACE_S,
        ssl_certfile=settings.tls_cert,
        ssl_keyfile=settings.tls_key,
    )
    try:
        config.load()
    except OSError as error:  # of files that are none, too: SSLError is one
        raise ConfigurationError([f"tls_cert: {error.strerror or error}"]) from error
    gc.collect()
    gc.freeze()  # what is there from the start is looked at no more
    gc.set_threshold(*_COLLECTED_AFTER)
    _Server(config, app).run([listening])


class _Server(uvicorn.Server):
    """Cancels the runs while the last requests are answered, not afterwards."""

    def __init__(self, config: uvicorn.Config, app: FastAPI) -> None:
        super().__init__(config)
        self._app = app

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Close the sockets, end the requests and the runs, and the application."""
        services = self._app.state.services
        ending = asyncio.create_task(services.close())
        if not await services.is_answering():
            self.config.timeout_graceful_shutdown = 0
            logging.getLogger("uvicorn.error").setLevel(logging.CRITICAL)  # it tells how many requests it gives up
        await super().shutdown(sockets)
        await ending
