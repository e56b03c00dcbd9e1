"""The page of stored data, imports and downloads."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.data_jobs import KLINES, sent
from tests.support.patience import PATIENCE_S
from tests.support.web_server import Server, copied

from tests.support.web_pages import show  # isort: skip - skips the tests where there is no browser

from playwright.sync_api import Page, expect

pytestmark = pytest.mark.xdist_group("page")

#: Workers start, and the machine may be busy with something else.
LONG_MS = 1000 * PATIENCE_S

#: Asks for a look at one file alone while that is looked at as the second of two.
LOOK_AGAIN = """async (second) => {
    const { imports } = perpsim.data;
    const first = imports.look();
    while (!document.body.textContent.includes(`Looking at ${second}`)) await new Promise(requestAnimationFrame);
    imports.chosen = new Set(imports.files.filter((each) => each.name === second).map((each) => each.id));
    await Promise.all([first, imports.look()]);
}"""


@pytest.fixture(scope="module")
def server(web_market: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """One of its own: what is imported here is not among what other tests of the page choose from."""
    found = Server(copied(web_market, tmp_path_factory.mktemp("data")))
    yield found
    found.close()


def test_without_the_library_of_downloads_the_page_says_what_to_install(page: Page, market: Path) -> None:
    lacking = Server(market, lacking="ccxt")
    wanted = {"venue_name": "bybit", "market": "BTC/USDT:USDT", "start_time": "2024-01-01T00:00:00Z"}
    try:
        answer = lacking.client.post("/api/data/downloads", json=wanted)
        assert answer.status_code == 409
        show(page, lacking, "data")
        downloads = page.get_by_label("Download", exact=True)
        expect(downloads.get_by_role("alert")).to_have_text(answer.json()["message"])
        expect(downloads.get_by_role("alert")).to_contain_text("pip install 'perpsim[download]'")
        expect(page.locator("#download")).to_be_disabled()
        expect(page.get_by_role("button", name="BTC on hyperliquid: series")).to_be_visible()  # all else is there
    finally:
        lacking.close()


def test_what_is_stored_is_shown_and_a_file_imported_across_a_reload(
    page: Page, server: Server, tmp_path: Path
) -> None:
    show(page, server, "data")
    stored = page.get_by_label("Stored data")
    page.get_by_role("button", name="BTC on hyperliquid: series").click()
    page.get_by_role("button", name="Holes of 1m klines").click()
    expect(stored).to_contain_text("nothing is missing between the first and the last row", timeout=LONG_MS)
    page.get_by_role("button", name="Chart of 1m klines").click()
    expect(stored.locator("canvas").first).to_be_visible(timeout=LONG_MS)
    page.locator("#theme").click()  # the fixture fails where a script does

    bad = tmp_path / "notes.csv"
    bad.write_text("a,b\n1,2\n")
    good = tmp_path / "SOLUSDT-1m-2024-01.csv"
    # the minute of the hole
    good.write_text("".join(line for n, line in enumerate(KLINES.splitlines(keepends=True)) if n != 7))
    page.locator("input[type=file]").set_input_files([bad, good])
    looked = page.locator(".looked")
    expect(looked).to_have_count(2, timeout=LONG_MS)  # and both are to be imported
    expect(page.get_by_role("checkbox", name="Import ", checked=True)).to_have_count(2)
    expect(looked.filter(has_text="notes")).to_contain_text("its name does not tell the symbol")
    expect(looked.filter(has_text="notes").locator("pre")).to_contain_text("a,b")
    expect(looked.filter(has_text="SOLUSDT")).to_contain_text("Recognised: SOL 1m klines")
    expect(page.get_by_label("First rows").locator("tbody tr")).to_have_count(5)
    second = page.locator(".looked h3").last.inner_text()
    page.evaluate(LOOK_AGAIN, second)  # while the second file is still looked at
    expect(page.locator(".looked h3")).to_have_text([second])
    page.get_by_role("button", name="Throw notes.csv away").click()

    page.locator("[name=read-symbol]").fill("ZZZ")
    page.get_by_label("Symbol of SOLUSDT-1m-2024-01.csv").fill("WIF")
    other = sent(server, "other.csv", KLINES)
    page.reload()
    expect(page.get_by_label("Files that wait")).to_contain_text("other.csv", timeout=LONG_MS)
    expect(page.locator(".looked")).to_contain_text("Recognised: WIF 1m klines", timeout=LONG_MS)  # as it was said
    expect(page.locator("[name=read-symbol]")).to_have_value("ZZZ")
    page.locator("[name=read-symbol]").fill("")
    page.get_by_label("Symbol of SOLUSDT-1m-2024-01.csv").fill("")
    server.client.delete(f"/api/data/files/{other}")
    page.locator("#import").click()
    expect(page.get_by_label("Import", exact=True).get_by_role("alert")).to_contain_text(
        "Say the exchange", timeout=LONG_MS
    )
    page.locator("[name=import-exchange]").fill("binance")
    page.locator("#import").click()
    jobs = page.get_by_label("Imports and downloads")
    expect(jobs.locator(".badge.completed")).to_be_visible(timeout=LONG_MS)
    expect(jobs).to_contain_text("19 inserted", timeout=LONG_MS)
    gone = page.get_by_label("Import", exact=True).get_by_role("status").filter(has_text="here no more")
    expect(gone).to_contain_text("other.csv waits here no more", timeout=LONG_MS)  # not what was imported
    expect(gone).not_to_contain_text("SOLUSDT")
    page.get_by_role("button", name="SOL on binance: series").click()
    page.get_by_role("button", name="Holes of 1m klines").click()
    expect(page.get_by_label("Holes", exact=True).locator("tbody tr")).to_have_count(1, timeout=LONG_MS)
    page.get_by_role("button", name="Show on the chart").click()
    expect(stored.locator("canvas").first).to_be_visible(timeout=LONG_MS)
