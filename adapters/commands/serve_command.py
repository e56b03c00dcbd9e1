"""``perpsim serve``."""

from __future__ import annotations

import os
import signal
import socket
import sys
import threading
from pathlib import Path

import click

from engine import ConfigurationError

from ..runs import ENDINGS, hearing, no_bars, signals_waiting
from ..sandbox import limited_memory
from ..terminal import INTERRUPTED, database_option

#: How long the threads of requests may take to end when the server has.
_THREAD_S = 0.1

_FILE = click.Path(path_type=Path, exists=True, dir_okay=False)


@click.command("serve")
@database_option
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option("--port", default=8000, show_default=True, type=click.IntRange(0, 65_535), help="0: any free port.")
@click.option("--runs", type=click.IntRange(1, 64), help="How many back-tests may run at a time.")
@click.option("--tls-cert", type=_FILE, help="Certificate in PEM form: the server speaks https.")
@click.option("--tls-key", type=_FILE, help="Its key.")
@click.option("--path-prefix", default="", help="What a proxy puts before every address, such as /perpsim.")
@click.option("--trust-proxy", is_flag=True, help="Believe X-Forwarded-Proto, -Host and -For: a proxy stands before.")
@click.option("--venue-url", help="Another address of venues for downloads, such as that of a proxy.")
def serve(
    database_url: str,
    host: str,
    port: int,
    runs: int | None,
    tls_cert: Path | None,
    tls_key: Path | None,
    path_prefix: str,
    trust_proxy: bool,
    venue_url: str | None,
) -> None:
    """Serve the HTTP API and the web page until Ctrl-C, SIGTERM or SIGHUP; runs under way keep what they have by then.

    Other addresses than this machine's own take a token in PERPSIM_TOKEN, which every caller must bring.
    """
    try:
        with signals_waiting():  # what is built on import takes an interruption for an error of its own
            from ..web import TOKEN_VARIABLE, ServerSettings, create_app, serve_app
    except ModuleNotFoundError as error:
        raise ConfigurationError([f"serving needs {error.name}: pip install 'perpsim[web]'"]) from error
    token = os.environ.get(TOKEN_VARIABLE) or None
    limits = {} if runs is None else {"most_runs": runs}
    settings = ServerSettings(
        database_url,
        host,
        port,
        token,
        tls_cert=tls_cert,
        tls_key=tls_key,
        path_prefix=path_prefix,
        trusts_proxy=trust_proxy,
        venue_url=venue_url,
        **limits,
    )
    app = create_app(settings)
    with limited_memory(), _listening(host, port) as listening:
        shown = f"{settings.scheme}://{f'[{host}]' if ':' in host else host}:{listening.getsockname()[1]}{path_prefix}"
        click.echo(f"perpsim serves {shown} (Ctrl-C ends it)")
        if signal.getsignal(signal.SIGHUP) is not signal.SIG_IGN:  # uvicorn hears Ctrl-C and SIGTERM only
            signal.signal(signal.SIGHUP, lambda *_: signal.raise_signal(signal.SIGTERM))
        try:
            with no_bars(), hearing():  # requests may be inside of a database that does not answer
                serve_app(app, listening, settings)
        except KeyboardInterrupt:
            _leave_requests()
            raise


def _leave_requests() -> None:
    """End the process if there are still threads at requests: Python would wait for them. Databases undo what they have
    begun to write.
    """
    for number in ENDINGS:
        signal.signal(number, signal.SIG_IGN)
    threads = [each for each in threading.enumerate() if each is not threading.main_thread() and not each.daemon]
    for each in threads:
        each.join(_THREAD_S / len(threads))
    if any(each.is_alive() for each in threads):
        click.echo("Interrupted.", err=True)
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(INTERRUPTED)


def _listening(host: str, port: int) -> socket.socket:
    """Return a socket that listens, so that an address that cannot be had is a plain error."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    found = socket.socket(family)
    found.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        found.bind((host, port))
        found.listen(128)  # who connects as soon as the address is printed is heard
    except OSError as error:
        found.close()
        raise ConfigurationError([f"host: {host}:{port} cannot be listened on: {error.strerror}"]) from error
    return found
