"""The page of signal pools."""

from __future__ import annotations

import pytest

from tests.support.web_server import Server

from tests.support.web_pages import exposed, show  # isort: skip - skips the tests where there is no browser

from playwright.sync_api import Page, expect

pytestmark = pytest.mark.xdist_group("page")


def test_a_condition_is_previewed_on_the_chart(page: Page, server: Server) -> None:
    show(page, server, "pools")
    page.locator("#preview").click()
    expect(page.locator("#preview-summary")).to_contain_text("times,")
    found, marks = exposed(page, "[perpsim.preview.found, perpsim.preview.marks]")
    assert sum(1 for _ in marks) <= found["trigger_count"] == len(found["times"])
    page.locator("textarea").fill('[{"metric": "nonsense"}]')
    page.locator("#preview").click()
    expect(page.get_by_role("alert")).to_contain_text("nonsense")
