"""Every page for everybody: axe finds nothing, it fits every window in both schemes, and keys are enough."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import ROOT
from tests.support.commands import perpsim
from tests.support.web_pages import after_a_frame, exposed, show
from tests.support.web_server import DIPS, ENDLESS, Server, configuration, read_events

from tests.support.browsers import wait_until  # isort: skip - skips the tests where there is no browser
from tests.support.axe import violations  # isort: skip

from playwright.sync_api import Browser, Page, expect

pytestmark = pytest.mark.xdist_group("page")

THEME = (ROOT / "adapters/report/static/style/theme.css").read_text("utf-8")
SCHEMES = ("light", "dark")
WINDOWS = ((390, 844), (1024, 768), (1440, 900))
SHORT = {"scheduled_interval": "1h", "end_time": "2024-01-07T00:00:00Z", "params": {"threshold": 40}}
POOL = {"metric": "price_change", "operator": "less_than", "threshold": -1, "time_window": "1h"}

THERE = "document.querySelector('h1')"
RESULT = "window.perpsim?.ready_ms"
ROWS = "document.querySelector('main tbody tr:not(:only-child), main tbody td:nth-child(2)')"
CHARTED = "document.querySelector('main canvas')"

#: The address of each page, when it is there, and what is pressed to see more of it.
PLACES: dict[str, tuple[str, str, tuple[str, ...]]] = {
    "form": ("new/{done}", "window.perpsim?.form", ("summary >> nth=0",)),
    "programs": ("programs", ROWS, ("table[aria-label=Programs] tbody tr",)),
    "desk": ("history?chosen={done},{eventful}", ROWS, ("summary:has-text('Filter')",)),
    "columns of the desk": ("history", ROWS, ("button:has-text('Columns')",)),
    "compare": ("compare?ids={done},{eventful}", "window.perpsim?.compared", ()),
    "result": ("results/{eventful}", f"{RESULT} && document.querySelector('.pictures')", ()),
    "trade": ("results/{eventful}?tab=trades&trade=5", f"{RESULT} && document.querySelector('#trade-triggers')", ()),
    "trigger": ("results/{done}?trigger={trigger}", "document.querySelector('#trigger-detail dl')", ()),
    "failed": ("results/{failed}", THERE, ()),
    "running": ("results/{running}", CHARTED, ()),
    "pools": ("pools", ROWS, ("button:has-text('Edit')", "button:has-text('Show when it fires') >> nth=0")),
    "data": ("data", THERE, ("button[aria-label='BTC on hyperliquid: series']", "button[aria-label^='Chart of 1m']")),
    "studies": ("studies", ROWS, ()),
    "study": ("studies/{study}", "document.querySelector('.heat')", ()),
    "walk-forward": ("studies/{walk}", CHARTED, ()),
    "new study": ("studies/new?from={done}", "document.querySelector('#amount')", ()),
    "shortcuts": ("programs", THERE, ("#keys",)),
    "no such result": ("results/99999", THERE, ()),
    "unknown address": ("nowhere", "window.perpsim?.form", ()),
}


@pytest.fixture(scope="module")
def stored(server: Server, done: int, eventful: int) -> Iterator[dict[str, int]]:
    """What there is of each kind; other tests find no more of it than they expect."""
    found = {"done": done, "eventful": eventful, "failed": server.run(code=DIPS.replace("45)", "1 / 0)"), **SHORT)}
    vary = {"over": {"threshold": "30,40"}}
    scheme = {"train": "1d", "test": "1d", "metrics": ["total_pnl_percent"]}
    asked = {
        "study": {"kind": "sweep", **vary, "vary": {"fee_rate": "0.02,0.1"}},
        "walk": {"kind": "walk-forward", **vary, **scheme},
    }
    for name, study in asked.items():
        answer = server.client.post("/api/studies", json={"config": configuration(**SHORT), **study})
        found[name] = answer.json()["id"]
    program = server.client.post("/api/programs", json={"name": "Kept", "code": DIPS}).json()["id"]
    body = {"name": "Falls", "symbols": ["BTC"], "signals": [{"name": "falls", "condition": POOL}]}
    pool = server.client.post("/api/pools", json=body).json()["id"]
    for name in asked:
        with server.client.stream("GET", f"/api/studies/{found[name]}/events") as answer:
            assert list(read_events(answer))[-1][1] == "complete"
    found["trigger"] = server.get(f"/api/backtests/{done}/triggers", only="fills")["items"][0]["index"]
    found["running"] = server.start(code=ENDLESS)
    yield found
    server.client.delete(f"/api/backtests/{found['running']}")
    server.client.delete(f"/api/programs/{program}")
    server.client.delete(f"/api/pools/{pool}")


@pytest.fixture(scope="module")
def view(browser: Browser) -> Iterator[Page]:
    """One page for all of them: what is asked of each, all look at."""
    context = browser.new_context(locale="en-GB", reduced_motion="reduce")
    found = context.new_page()
    failed: list[str] = []
    found.on("pageerror", lambda error: failed.append(str(error)))
    yield found
    context.close()
    assert failed == []


def turn_to(page: Page, scheme: Any, window: tuple[int, int]) -> None:
    """Change what a page is seen in while it is open."""
    page.set_viewport_size({"width": window[0], "height": window[1]})
    page.emulate_media(color_scheme=scheme)
    after_a_frame(page)


#: How much of what is painted has the ground of each scheme: texts may be white or black in both.
PAINTED = """(grounds) => [...document.querySelectorAll('canvas')].map((each) => {
    if (!each.width || !each.height) return grounds.map(() => 0);
    const { data } = each.getContext('2d').getImageData(0, 0, each.width, each.height);
    const found = grounds.map(() => 0);
    for (let at = 0; at < data.length; at += 4) {
        if (data[at + 3] !== 255) continue;
        const place = grounds.indexOf(256 * (256 * data[at] + data[at + 1]) + data[at + 2]);
        if (place >= 0) found[place] += 4 / data.length;
    }
    return found;
})"""


def colours(scheme: str) -> dict[str, int]:
    """Return the colours of a scheme by their names."""
    block = THEME.split(":root")[1 + SCHEMES.index(scheme)]
    found = re.findall(r"--([\w-]+): #([0-9a-f]+);", block)
    return {name: int(text if len(text) == 6 else "".join(2 * each for each in text), 16) for name, text in found}


def brightness(colour: int) -> float:
    """Return the relative luminance of WCAG."""
    parts = (((colour >> shift) & 255) / 255 for shift in (16, 8, 0))
    red, green, blue = (each / 12.92 if each <= 0.04045 else ((each + 0.055) / 1.055) ** 2.4 for each in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


@pytest.mark.parametrize("scheme", SCHEMES)
def test_every_text_can_be_read_on_every_ground(scheme: str) -> None:
    found = colours(scheme)
    texts = ("text", "soft", "accent", "good", "bad", "warn", "kw", "str", "num", "fn")
    pairs = [(each, ground) for each in texts for ground in ("bg", "card", "hover", "warn-bg")]
    low = {}
    for text, ground in [*pairs, ("accent-text", "accent"), ("bg", "text")]:
        dark, light = sorted(brightness(found[name]) for name in (text, ground))
        if (light + 0.05) / (dark + 0.05) < 4.5:
            low[text, ground] = (light + 0.05) / (dark + 0.05)
    assert low == {}


@pytest.mark.parametrize("name", PLACES)
def test_everybody_can_use_it(view: Page, server: Server, stored: dict[str, int], name: str) -> None:
    address, is_there, presses = PLACES[name]
    turn_to(view, "light", WINDOWS[-1])
    show(view, server, address.format(**stored))
    wait_until(view, is_there)
    for press in presses:
        view.locator("body").locator(press).first.click()
        after_a_frame(view)
    look_at_all(view)
    if presses and view.locator("dialog").count():
        view.keyboard.press("Escape")
        expect(view.locator("dialog")).to_have_count(0)


def test_every_tab_of_a_result(view: Page, server: Server, stored: dict[str, int]) -> None:
    turn_to(view, "light", WINDOWS[-1])
    show(view, server, f"results/{stored['eventful']}?tab=trades")
    wait_until(view, RESULT)
    tabs = view.get_by_role("tab").all()
    assert len(tabs) > 6
    for tab in tabs[1:]:  # of the first one all is looked at
        tab.click()
        after_a_frame(view)
        found = violations(view, "#tabpanel")
        turn_to(view, "dark", WINDOWS[0])
        assert [*found, *violations(view, "#tabpanel")] == [], tab.text_content()
        assert exposed(view, "document.documentElement.scrollWidth") <= WINDOWS[0][0], tab.text_content()
        turn_to(view, "light", WINDOWS[-1])


def look_at_all(page: Page) -> None:
    """Look at what a page shows: as it is, then in the other scheme and in other windows, without loading it again."""
    assert violations(page) == []
    for window, scheme in zip(WINDOWS, ("dark", "light", "dark"), strict=True):
        turn_to(page, scheme, window)
        assert exposed(page, "document.documentElement.dataset.theme") == scheme
        assert exposed(page, "document.documentElement.scrollWidth") <= window[0]
        assert exposed(
            page, "[...document.querySelectorAll('dialog')].every((each) => each.scrollWidth <= each.clientWidth)"
        )
        own, other = (colours(each)["card"] for each in (scheme, SCHEMES[1 - SCHEMES.index(scheme)]))
        painted = page.evaluate(PAINTED, [own, other])
        assert not painted or max(of_own for of_own, _ in painted) > 0.2
        assert [of_other for _, of_other in painted if of_other > 0.02] == []
        if window == WINDOWS[0]:
            assert violations(page) == []
    page.evaluate("() => { document.documentElement.style.fontSize = '200%'; }")
    after_a_frame(page)
    assert exposed(page, "document.documentElement.scrollWidth") <= WINDOWS[-1][0], "texts of twice the size"
    page.evaluate("() => { document.documentElement.style.fontSize = ''; }")


def test_the_exported_report_is_for_everybody(
    view: Page, server: Server, stored: dict[str, int], tmp_path: Path
) -> None:
    file = tmp_path / "report.html"
    database = f"sqlite:///{server.market}"
    assert perpsim("report", stored["eventful"], "--database", database, "--html", file).exit_code == 0
    turn_to(view, "light", WINDOWS[-1])
    view.goto(file.as_uri())
    wait_until(view, f"{RESULT} && document.querySelector('.pictures')")
    look_at_all(view)
    view.get_by_role("button", name="Keyboard shortcuts").click()
    expect(view.get_by_role("dialog")).to_contain_text("The chart of a result")
    view.keyboard.press("Escape")
    expect(view.get_by_role("button", name="Keyboard shortcuts")).to_be_focused()


@pytest.mark.parametrize("window", [(1440, 900), (1024, 768)])
def test_equity_is_above_the_fold(view: Page, server: Server, stored: dict[str, int], window: tuple[int, int]) -> None:
    turn_to(view, "light", window)
    show(view, server, f"results/{stored['eventful']}")
    view.locator(".picture .equity").wait_for()
    after_a_frame(view)
    bottom = exposed(view, "document.querySelector('.picture svg').getBoundingClientRect().bottom")
    assert bottom < window[1]
    expect(view.locator(".figure").first).to_be_in_viewport()
