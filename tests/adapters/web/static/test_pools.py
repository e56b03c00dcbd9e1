"""The page of signal pools."""

from __future__ import annotations

import pytest

from tests.support.patience import PATIENCE_S
from tests.support.web_server import Server

from tests.support.web_pages import exposed, show  # isort: skip - skips the tests where there is no browser
from tests.support.browsers import wait_until  # isort: skip

from playwright.sync_api import Page, expect

pytestmark = pytest.mark.xdist_group("page")

#: Workers start, and the machine may be busy with something else.
LONG_MS = 1000 * PATIENCE_S


def test_a_draft_of_a_pool_outlasts_the_page_until_it_is_closed(page: Page, server: Server) -> None:
    show(page, server, "pools")
    page.locator("#new-pool").click()
    editor = page.get_by_role("form", name="New pool")
    editor.locator("[name=pool-name]").fill("half done")
    editor.locator("[name=threshold]").fill("35")
    editor.get_by_role("button", name="Add a signal").click()
    page.reload()  # at once
    if not editor.is_visible():
        page.locator("#new-pool").click()
    expect(page.get_by_role("status").filter(has_text="draft")).to_contain_text("Your draft of 20")
    expect(editor.locator("[name=pool-name]")).to_have_value("half done")
    expect(editor.locator("[name=threshold]").first).to_have_value("35")
    expect(editor.locator("fieldset.signal")).to_have_count(2)
    editor.locator("[name=pool-name]").fill("closed at once")
    editor.get_by_role("button", name="Close without saving").click()
    expect(editor).to_have_count(0)
    page.evaluate("location.hash = '#/history'")
    expect(page.locator("h1")).to_have_text("Results")
    assert exposed(page, "Object.keys(localStorage).filter((key) => key.startsWith('draft '))") == []
    show(page, server, "pools")
    page.locator("#new-pool").click()
    expect(editor.locator("[name=pool-name]")).to_have_value("")


def test_a_pool_is_made_tried_out_changed_doubled_deleted_and_brought_back(page: Page, server: Server) -> None:
    show(page, server, "pools")  # without any pool a new one is begun
    editor = page.get_by_role("form", name="New pool")
    editor.locator("[name=pool-name]").fill("<b>Dips</b>")
    editor.locator("[name=pool-symbols]").fill("ETH")
    editor.locator("[name=threshold]").fill("35")
    editor.get_by_role("button", name="How its figure is spread").click()
    wait_until(page, "window.perpsim?.spread?.present?.threshold == 35")
    take = editor.locator("button.take").nth(3)
    taken = float((take.get_attribute("aria-label") or "").rpartition(" ")[2])
    take.click()
    wait_until(page, f"perpsim.spread.present.threshold == {taken}")
    assert float(editor.locator("[name=threshold]").input_value()) == taken
    page.locator("#preview-draft").click()
    wait_until(page, "window.perpsim?.preview")
    found, marks = exposed(page, "[perpsim.preview.found, perpsim.preview.marks]")
    assert found["symbol"] == "ETH"
    assert 0 < len(marks) <= found["trigger_count"] == len(found["times"])
    per_day = exposed(page, "perpsim.spread.present.per_day")
    assert per_day * 20 == pytest.approx(found["per_day"] * 20, abs=14)  # BTC's spread, ETH's firings
    expect(page.get_by_label("Firings", exact=True).locator("tbody tr")).to_have_count(
        found["trigger_count"], timeout=LONG_MS
    )
    end = exposed(page, "perpsim.preview.found.first_day")
    page.locator("[name=preview-end]").fill("2024-01-15T00:00")
    expect(page.get_by_role("status").filter(has_text="Changed since")).to_be_visible()
    page.get_by_role("button", name="all", exact=True).click()
    wait_until(page, f"perpsim.preview.found.first_day < {end}")  # at once
    expect(page.get_by_role("status").filter(has_text="Changed since")).to_have_count(0)
    page.locator("button.jump").first.click()
    expect(page.get_by_role("button", name="Whole range")).to_be_visible(timeout=LONG_MS)
    page.locator("#save-pool").click()
    row = page.locator("tr[id^=pool-]")
    expect(row).to_contain_text("<b>Dips</b>", timeout=LONG_MS)

    row.get_by_role("button", name="Edit").click()
    page.locator("form textarea").first.evaluate("(area) => { area.closest('details').open = true; }")
    page.locator("form textarea").first.fill('{"metric": "nonsense", "mine": 1}')
    page.locator("form textarea").first.dispatch_event("change")
    page.locator("#save-pool").click()
    expect(page.locator("fieldset.signal [role=alert]").last).to_contain_text(
        "there is no metric 'nonsense'", timeout=LONG_MS
    )
    page.locator("form textarea").first.fill(
        '{"metric": "macd", "event_types": ["golden_cross"], "time_window": "1h", "mine": 1}'
    )
    page.locator("form textarea").first.dispatch_event("change")
    expect(page.locator("[name=kind]")).to_have_value("macd", timeout=LONG_MS)
    page.get_by_role("checkbox", name="death cross").check()
    page.locator("#save-pool").click()
    expect(row).to_contain_text("golden_cross or death_cross", timeout=LONG_MS)
    before = server.get("/api/pools")["signals"]
    assert [each["condition"].get("mine") for each in before].count(1) == 1

    row.get_by_role("button", name="Duplicate").click()
    page.locator("#save-pool").click()
    expect(row).to_have_count(2, timeout=LONG_MS)
    assert len(server.get("/api/pools")["signals"]) == len(before) + 1
    row.last.get_by_role("checkbox").uncheck()
    row.last.get_by_role("button", name="Delete").click()
    expect(row).to_have_count(1, timeout=LONG_MS)
    page.locator("#undo").click()
    expect(row).to_have_count(2, timeout=LONG_MS)
    assert [each["enabled"] for each in server.get("/api/pools")["pools"]] == [True, False]
    for each in server.get("/api/pools")["pools"]:  # other tests of the page share the server
        server.client.delete(f"/api/pools/{each['id']}")
