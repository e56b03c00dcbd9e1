"""``perpsim serve``."""

from __future__ import annotations

import os

import click

from engine import ConfigurationError

from .options import database_option


@click.command("serve")
@database_option
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option("--port", default=8000, show_default=True, type=click.IntRange(0, 65_535), help="0: any free port.")
@click.option("--runs", type=click.IntRange(1, 64), help="How many back-tests may run at a time.")
def serve(database_url: str, host: str, port: int, runs: int | None) -> None:
    """Serve the HTTP API and the web page until Ctrl-C.

    Other addresses than this machine's own take a token in PERPSIM_TOKEN, which every caller must bring.
    """
    try:
        import uvicorn

        from ..web import ServerSettings, create_app
    except ModuleNotFoundError as error:
        raise ConfigurationError([f"serving needs {error.name}: pip install 'perpsim[web]'"]) from error
    from ..web.settings import TOKEN_VARIABLE

    limits = {} if runs is None else {"most_runs": runs}
    token = os.environ.get(TOKEN_VARIABLE) or None
    settings = ServerSettings(database_url, host, port, token, **limits)
    server = uvicorn.Server(
        uvicorn.Config(
            create_app(settings),
            host=host,
            port=port,
            log_level="warning",
            server_header=False,
            timeout_graceful_shutdown=3,
        )
    )
    click.echo(f"perpsim serves {click.style(f'http://{host}:{port}', bold=True)} (Ctrl-C ends it)")
    server.run()
