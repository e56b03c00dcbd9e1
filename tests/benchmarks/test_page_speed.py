"""The page of a result over a year of minutes: how large it is, how soon it is there, how long a zoom takes. In a real
browser, by its own clock; never fails by time. Run ``python -m pytest tests/benchmarks/test_page_speed.py``.
"""

from __future__ import annotations

import time
from pathlib import Path
from statistics import median
from typing import Any

import pytest

from adapters.report import result_page, with_prices
from tests.adapters.report.test_html_page import run_for

from tests.support.browsers import launched, wait_until  # isort: skip - skips it where there is no browser

from .conftest import AddRow

pytestmark = pytest.mark.xdist_group("page")

ROUNDS = 7
DAYS = 366
TITLE = "The page of a result, a year of minutes"
COLUMNS = ("what", "best", "median")
_WORK = ", processor time"

#: Notes when the chart has been drawn, counted from the start of the navigation.
WATCH = """(() => {
    const drawn = () => { window.drawn = performance.now(); };
    const look = () => requestAnimationFrame(window.perpsim?.ready_ms ? () => setTimeout(drawn) : look);
    requestAnimationFrame(look);
})()"""

#: A turn of the wheel over the chart, until it has been painted.
TURN = """() => new Promise((done) => {
    const box = perpsim.chart.box.querySelector("canvas").getBoundingClientRect();
    const at = { clientX: box.x + box.width / 2, clientY: box.y + box.height / 3, bubbles: true, cancelable: true };
    const began = performance.now();
    document.elementFromPoint(at.clientX, at.clientY).dispatchEvent(new WheelEvent("wheel", { ...at, deltaY: -120 }));
    requestAnimationFrame(() => setTimeout(() => done(performance.now() - began)));
})"""

#: Other klines for a window, until they have been painted.
LOAD = """(share) => new Promise(async (done) => {
    const [start, end] = perpsim.chart.windows.range;
    const half = (share * (end - start)) / 2;
    const middle = start + 0.4 * (end - start);
    const began = performance.now();
    await perpsim.chart.windows.focus(middle - half, middle + half);
    requestAnimationFrame(() => setTimeout(() => done(performance.now() - began)));
})"""


def test_the_page_of_a_year(tmp_path: Path, add_row: AddRow) -> None:
    result, market = run_for(DAYS, "12h")
    began = time.process_time()
    kept = with_prices(result, market)
    prices_s = time.process_time() - began
    began = time.process_time()
    page = result_page(kept)
    file = tmp_path / "year.html"
    page.save(file)
    made_s = time.process_time() - began
    size = f"{file.stat().st_size / 1e6:.2f} MB"
    add_row(TITLE, COLUMNS, (f"size, {DAYS * 1440:,} klines, {result.total_trades:,} trades", size, size))
    add_row(TITLE, COLUMNS, ("prices kept with the result, ms of processor time", f"{1e3 * prices_s:.0f}", ""))
    add_row(TITLE, COLUMNS, ("page made, ms of processor time", f"{1e3 * made_s:.0f}", ""))
    measured: dict[str, list[float]] = {}
    with launched() as browser:
        for _ in range(ROUNDS):
            context = browser.new_context(viewport={"width": 1280, "height": 900}, offline=True)
            shown = context.new_page()
            shown.add_init_script(WATCH)
            session = context.new_cdp_session(shown)
            session.send("Performance.enable", {"timeDomain": "threadTicks"})
            shown.goto(file.as_uri())
            wait_until(shown, "window.drawn")
            for name, value in _measures(shown, session).items():
                measured.setdefault(name, []).extend(value)
            context.close()
    for name, values in measured.items():
        add_row(TITLE, COLUMNS, (f"{name}, ms", f"{min(values):.0f}", f"{median(values):.0f}"))


def _measures(page: Any, session: Any) -> dict[str, list[float]]:
    """Return what was measured by name: by the clock, and as processor time of the thread that draws."""
    first = "performance.getEntriesByName('first-contentful-paint')[0].startTime"
    found = {
        f"chart drawn{_WORK}": [_worked_ms(session)],
        "first paint": [page.evaluate(first)],
        "chart drawn": [page.evaluate("window.drawn")],
    }
    page.wait_for_timeout(1_000)

    def measure(name: str, script: str, argument: float | None = None, times: int = 5) -> None:
        for _ in range(times):
            before = _worked_ms(session)
            found.setdefault(name, []).append(page.evaluate(script, argument))
            found.setdefault(f"{name}{_WORK}", []).append(_worked_ms(session) - before)

    measure("zoom, a turn of the wheel", TURN)
    page.wait_for_timeout(500)
    for name, share in (("half of the year", 0.5), ("a month", 1 / 12), ("a day", 1 / 366)):
        page.evaluate(LOAD, share * 0.9)
        measure(f"zoom, other klines for {name}", LOAD, share)
    return found


def _worked_ms(session: Any) -> float:
    metrics = session.send("Performance.getMetrics")["metrics"]
    return 1e3 * next(float(each["value"]) for each in metrics if each["name"] == "TaskDuration")
