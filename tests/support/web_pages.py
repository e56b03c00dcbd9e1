"""What a person does on the web page, for tests that do it in a real browser."""

from __future__ import annotations

import json
from typing import Any

from adapters import open_database
from adapters.report import bundled
from adapters.results import ResultStore
from adapters.web.browser_files import STATIC
from engine import BacktestConfig
from tests.support.web_server import Server

from tests.support.browsers import wait_until  # isort: skip - skips the tests where there is no browser

from playwright.sync_api import Page


def show(page: Page, server: Server, place: str) -> None:
    """Load a place anew: a page that only changes its place keeps what it has."""
    page.goto("about:blank")
    page.goto(f"{server.url}/#/{place}")


def write(page: Page, code: str) -> None:
    """Write a program as a person would: into the editor."""
    wait_until(page, "window.perpsim?.editor")
    page.evaluate("code => { perpsim.editor.text = code }", code)


def exposed(page: Page, expression: str) -> Any:
    return page.evaluate(f"() => {expression}")


def with_script(page: Page, name: str, function: str, argument: Any = None) -> Any:
    """Call a function of JavaScript with what a script of the page exports and an argument, and return its answer: the
    server gives all scripts as one, in which none has an address.
    """
    scripts = bundled(name, STATIC, served=True)
    text = f"async (argument) => {{\n{scripts}\nreturn ({function})(modules[{json.dumps(name)}], argument);\n}}"
    return page.evaluate(text, argument)


def after_a_frame(page: Page) -> None:
    """Let the page draw what it was told."""
    page.evaluate("() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))")


def start(page: Page, server: Server, code: str, interval: str = "15m") -> int:
    """Start a back-test through the form and return its id."""
    show(page, server, "new")
    write(page, code)
    page.get_by_role("button", name="Everything").click()
    page.locator("select[name=scheduled_interval]").select_option(interval)
    page.locator("#run").click()
    page.wait_for_url("**/#/results/*")
    return int(page.url.rpartition("/")[2])


def run_again(page: Page) -> int:
    page.locator("#run").click()
    page.wait_for_url("**/#/results/*")
    return int(page.url.rpartition("/")[2])


def form_values(page: Page, server: Server, run_id: int) -> str:
    """Open the form with the configuration of a stored run; return what it would send, as JSON."""
    show(page, server, f"new/{run_id}")
    wait_until(page, "window.perpsim?.form")
    found: str = exposed(page, "JSON.stringify(perpsim.form.values())")
    return found


def store(server: Server, config: BacktestConfig) -> int:
    """Store a run of a configuration that has ended, and return its id."""
    run = ResultStore(open_database(f"sqlite:///{server.market}")).begin(config)
    run.fail("made for a test")
    return run.run_id


def plain_text(config: dict[str, Any]) -> str:
    """A configuration as JSON, in which 1 and 1.0 are two things. No browser sends a class."""
    return json.dumps({name: value for name, value in config.items() if name != "strategy"}, sort_keys=True)


def has_completed(server: Server, run_id: int) -> bool:
    return bool(server.get(f"/api/backtests/{run_id}")["status"] == "completed")
