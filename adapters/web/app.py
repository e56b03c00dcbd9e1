"""The application: routes, page and guard around one database."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager

from anyio import to_thread
from fastapi import Depends, FastAPI
from starlette.middleware.gzip import GZipMiddleware
from starlette.types import Message

from ..database import open_database
from ..results import ResultStore, index_results, remove_hidden
from ..runs import signals_waiting
from . import browser_files
from .routes import ROUTERS, known_parameters
from .safety import Guard, ServerSettings, add_handlers
from .services import KeptAnswers, Services

#: How many requests are answered at a time. More would only take the processor from each other, and those that wait for
#: a locked database are few.
_THREADS = 16

_ABOUT = """Back-tests of trading programs on perpetual futures.

Money is in USD, times are epoch milliseconds in UTC, names ending in percent are in percent. Every refusal has the
same form: a sentence, and each problem with its field or line."""


def create_app(settings: ServerSettings) -> FastAPI:
    """Return the application. Runs that an earlier server has lost are marked so, results
    that were deleted under it are removed. Raises `DataError`."""
    database = open_database(settings.database_url)
    ResultStore(database)
    remove_hidden(database)
    index_results(database)
    watch = database.watched()

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        to_thread.current_default_thread_limiter().total_tokens = _THREADS
        app.state.services = services = Services(settings, database)
        await _prepare(app)
        services.begin()
        yield
        await services.close()
        watch.close()

    with signals_waiting():  # what builds the routes takes an interruption for an error of its own
        app = _routed(lifespan, settings.path_prefix)
        browser_files.digest()
    app.add_middleware(GZipMiddleware, minimum_size=1_000, compresslevel=4)  # never streams of events
    app.add_middleware(KeptAnswers, watch=watch)
    app.add_middleware(Guard, settings=settings)
    return app


async def _prepare(app: FastAPI) -> None:
    """Have the routes look for what there is not: they are made ready by the first request, which takes 0.3 s."""

    async def receive() -> Message:
        return {"type": "http.disconnect"}

    async def send(message: Message) -> None:
        return

    scope = {
        "type": "http",
        "method": "GET",
        "path": "/api/nothing",
        "root_path": "",
        "query_string": b"",
        "headers": [],
    }
    await app.router(scope, receive, send)


def _routed(lifespan: Callable[[FastAPI], AbstractAsyncContextManager[None]], prefix: str) -> FastAPI:
    """Return the application with its routes and files."""
    app = FastAPI(
        title="perpsim",
        version="1",
        description=_ABOUT,
        lifespan=lifespan,
        docs_url=None,  # their pages load scripts from elsewhere
        redoc_url=None,
        openapi_url="/api/openapi.json",
        dependencies=[Depends(known_parameters)],
        servers=[{"url": prefix}] if prefix else None,
    )
    add_handlers(app)
    for router in ROUTERS:
        app.include_router(router)
    app.include_router(browser_files.router)
    return app
