"""The application: routes, page and guard around one database."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path

from fastapi import FastAPI
from fastapi.responses import FileResponse
from fastapi.staticfiles import StaticFiles

from ..database import open_database
from ..report import STATIC as SHARED
from ..results import ResultStore, remove_hidden
from ..runs import signals_waiting
from .routes import ROUTERS
from .safety import Guard, ServerSettings, add_handlers
from .services import Services

STATIC = Path(__file__).with_name("static")

_ABOUT = """Back-tests of trading programs on perpetual futures.

Money is in USD, times are epoch milliseconds in UTC, names ending in percent are in percent. Every refusal has the
same form: a sentence, and each problem with its field or line."""


def create_app(settings: ServerSettings) -> FastAPI:
    """Return the application. Runs that an earlier server has lost are marked so, results
    that were deleted under it are removed. Raises `DataError`."""
    database = open_database(settings.database_url)
    ResultStore(database)
    remove_hidden(database)

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        app.state.services = services = Services(settings, database)
        yield
        await services.close()

    with signals_waiting():  # what builds the routes takes an interruption for an error of its own
        app = _routed(lifespan)
    app.add_middleware(Guard, settings=settings)
    return app


def _routed(lifespan: Callable[[FastAPI], AbstractAsyncContextManager[None]]) -> FastAPI:
    """Return the application with its routes and files."""
    app = FastAPI(
        title="perpsim",
        version="1",
        description=_ABOUT,
        lifespan=lifespan,
        docs_url=None,  # their pages load scripts from elsewhere
        redoc_url=None,
        openapi_url="/api/openapi.json",
    )
    add_handlers(app)
    for router in ROUTERS:
        app.include_router(router)
    app.mount("/static", StaticFiles(directory=STATIC, packages=[("adapters.report", SHARED.name)]), name="static")

    @app.get("/", include_in_schema=False)
    def page() -> FileResponse:
        return FileResponse(STATIC / "index.html", headers={"Cache-Control": "no-cache"})

    @app.get("/favicon.ico", include_in_schema=False)
    def icon() -> FileResponse:
        return FileResponse(STATIC / "icon.svg", media_type="image/svg+xml")

    return app
