"""A back-test that is watched while it runs."""

from __future__ import annotations

import pytest

from tests.support.web_pages import exposed, show, start
from tests.support.web_server import DIPS, SLOW, Server

from tests.support.browsers import wait_until  # isort: skip - skips the tests where there is no browser

from playwright.sync_api import Page, expect

pytestmark = pytest.mark.xdist_group("page")


def test_a_program_is_written_run_and_watched_and_its_result_is_shown(page: Page, server: Server) -> None:
    run_id = start(page, server, DIPS.replace('("BTC", "ETH")', '(data.trigger_symbol or "BTC",)'), "1m")
    wait_until(page, "window.perpsim?.progress?.length >= 2")
    expect(page.locator("#progress-figures")).to_contain_text("a second")
    expect(page.locator(".badge.completed")).to_be_visible(timeout=60_000)
    wait_until(page, "window.perpsim?.ready_ms")
    seen = exposed(page, "perpsim.progress")
    assert [each["current"] for each in seen] == sorted(each["current"] for each in seen)
    found = server.get(f"/api/backtests/{run_id}")
    expect(page.locator("[data-figure=total_trades] b")).to_have_text(f"{found['total_trades']:,}")


def test_a_reload_in_the_middle_of_a_run_finds_it_still_running_and_it_can_be_cancelled(
    page: Page, server: Server
) -> None:
    run_id = start(page, server, SLOW)
    wait_until(page, "window.perpsim?.progress?.length >= 2")
    page.reload()
    wait_until(page, "window.perpsim?.progress?.length >= 2")
    expect(page.locator("#stage")).to_contain_text("Running")
    others = [server.start(code=SLOW) for _ in range(3)]  # of which one waits at least
    show(page, server, f"results/{others[-1]}")
    expect(page.locator("#standing")).to_contain_text("waiting for")
    expect(page.locator("#stage")).to_have_text("Waiting for a place")
    for each in others[:-1]:
        server.client.delete(f"/api/backtests/{each}")
    show(page, server, f"results/{run_id}")
    page.locator("#cancel").click()
    expect(page.locator(".badge.error")).to_be_visible(timeout=5_000)
    show(page, server, f"results/{others[-1]}")
    wait_until(page, "!/waiting/.test(document.querySelector('#standing')?.textContent ?? 'waiting')")
    expect(page.locator("#stage")).not_to_have_text("Waiting for a place")
    server.client.delete(f"/api/backtests/{others[-1]}")
    show(page, server, f"results/{run_id}")
    expect(page.get_by_role("alert")).to_contain_text("cancelled")
    assert server.get(f"/api/backtests/{run_id}")["error"] == "cancelled"
