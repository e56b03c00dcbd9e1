"""The first view of a result of a year with thousands of trades, as a server gives it to a real browser: when the
figures and when the chart are there, what both sides compute for that, what is asked for. Never fails by time. Run
``python -m pytest tests/benchmarks/test_served_speed.py``.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from statistics import median
from typing import Any

import pytest

from tests.support.process_facts import used_s
from tests.support.web_server import Server

from tests.support.browsers import launched, wait_until  # isort: skip - skips it where there is no browser

from .conftest import AddRow
from .served_year import year_server

pytestmark = pytest.mark.xdist_group("page")

ROUNDS = 7
TITLE = "The first view of a year from a server"
COLUMNS = ("what", "best", "median")

#: Notes when the figures and when the chart have been drawn, counted from the start of the navigation.
WATCH = """(() => {
    const note = (name) => setTimeout(() => { window[name] ??= performance.now(); });
    const look = () => {
        if (document.querySelector(".figures")) note("figures_ms");
        if (window.perpsim?.ready_ms) note("chart_ms");
        else requestAnimationFrame(look);
    };
    requestAnimationFrame(look);
})()"""


def test_the_first_view_of_a_year(tmp_path: Path, add_row: AddRow) -> None:
    server, run_id = year_server(tmp_path)
    cold: dict[str, list[float]] = {}
    warm: dict[str, list[float]] = {}
    try:
        with launched() as browser:
            for _ in range(ROUNDS):
                server.close()
                server = Server(server.market)
                context = browser.new_context(viewport={"width": 1280, "height": 900})
                for times in (cold, warm):  # a server and a browser that know nothing yet, and both again
                    page = context.new_page()
                    page.add_init_script(WATCH)
                    for name, value in view(page, server, run_id).items():
                        times.setdefault(name, []).append(value)
                    page.close()
                context.close()
    finally:
        server.close()
    for which, times in (("cold", cold), ("warm", warm)):
        for name, values in times.items():
            add_row(TITLE, COLUMNS, (f"{which}: {name}", f"{min(values):.0f}", f"{median(values):.0f}"))
    load = f"{os.getloadavg()[0]:.1f}"
    add_row(TITLE, COLUMNS, ("load of the machine at the end", load, load))


def view(page: Any, server: Server, run_id: int) -> dict[str, float]:
    """Return what one view of the result took."""
    session = page.context.new_cdp_session(page)
    session.send("Performance.enable", {"timeDomain": "threadTicks"})
    session.send("Network.enable")
    received: list[float] = []
    session.on("Network.loadingFinished", lambda event: received.append(event["encodedDataLength"]))
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    before = used_s(server.process.pid)
    page.goto(f"{server.url}/#/results/{run_id}")
    wait_until(page, "window.chart_ms")
    before_chart = len(asked)
    wait_for_rest(page, lambda: len(received))
    metrics = {each["name"]: each["value"] for each in session.send("Performance.getMetrics")["metrics"]}
    return {
        "figures there, ms": page.evaluate("window.figures_ms"),
        "chart there, ms": page.evaluate("window.chart_ms"),
        "page, ms of processor time": 1e3 * metrics["TaskDuration"],
        "of that scripts": 1e3 * metrics["ScriptDuration"],
        "of that layout and style": 1e3 * (metrics["LayoutDuration"] + metrics["RecalcStyleDuration"]),
        "server, ms of processor time": 1e3 * (used_s(server.process.pid) - before),
        "requests until the chart": before_chart,
        "requests in all": len(asked),
        "kB in all": sum(received) / 1e3,
    }


def wait_for_rest(page: Any, count: Callable[[], int]) -> None:
    """Wait until nothing more has come for a while."""
    known = -1
    while count() != known:
        known = count()
        page.wait_for_timeout(700)
