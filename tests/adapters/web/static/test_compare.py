"""Two back-tests side by side."""

from __future__ import annotations

import pytest

from tests.support.web_pages import exposed, show
from tests.support.web_server import Server

from tests.support.browsers import wait_until  # isort: skip - skips the tests where there is no browser

from playwright.sync_api import Page, expect

pytestmark = pytest.mark.xdist_group("page")


def test_two_runs_are_compared_from_the_history(page: Page, server: Server, done: int) -> None:
    other = server.run(params={"threshold": 30})
    show(page, server, "history")
    for run_id in (done, other):
        page.get_by_label(f"Compare {run_id}", exact=True).check()
    page.locator("#compare").click()
    wait_until(page, "window.perpsim?.compared?.length == 2")
    first, second = exposed(page, "perpsim.compared")
    assert first != second
    assert min(len(first), len(second)) > 100
    settings = page.get_by_label("Settings that differ")
    expect(settings).to_contain_text('{"threshold":30}')
    expect(page.get_by_label("Figures that differ")).to_contain_text("Net PnL, USD")
