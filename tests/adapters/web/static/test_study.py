"""The pages of studies: one begins from a result, is watched, and its trials are looked at and opened."""

from __future__ import annotations

import re
from typing import Any

import pytest

from tests.support.web_pages import exposed, show
from tests.support.web_server import SLOW, Server, configuration

from tests.support.browsers import wait_until  # isort: skip - skips the tests where there is no browser

from playwright.sync_api import Page, expect

pytestmark = pytest.mark.xdist_group("page")

SHORT = {"scheduled_interval": "1h", "end_time": "2024-01-08T00:00:00Z", "params": {"threshold": 40}}


@pytest.fixture(scope="module")
def run_id(server: Server) -> int:
    return server.run(**SHORT)


def begin(server: Server, config: dict[str, Any], **asked: Any) -> int:
    answer = server.client.post("/api/studies", json={"config": config, **asked})
    assert answer.status_code == 202, answer.text
    found: int = answer.json()["id"]
    return found


def test_a_sweep_from_a_result_and_back_to_one_of_its_trials(page: Page, server: Server, run_id: int) -> None:
    show(page, server, f"results/{run_id}")
    page.get_by_role("link", name="Study", exact=True).click()
    expect(page.get_by_role("heading", name="New study")).to_be_visible()
    start = page.get_by_role("button", name="Start")
    parameters = page.get_by_role("group", name="Parameters")
    expect(parameters).to_contain_text("each name has values")
    expect(start).to_be_disabled()
    parameters.get_by_label("Values").fill("30:50:10")
    fields = page.get_by_role("group", name="Fields")
    fields.get_by_role("button", name="Add a field").click()
    fields.get_by_label("Field").select_option("fee_rate")
    fields.get_by_label("Values").fill("0.02, 0.1")
    expect(page.locator("#amount")).to_contain_text("about 6 runs")
    expect(page.locator("#amount")).to_contain_text(re.compile(r"as (back-test|study) \d+ tells"))
    start.click()
    page.wait_for_url(re.compile(r"/#/studies/\d+$"))
    study_id = int(page.url.rpartition("/")[2])
    expect(page.locator("#outcome")).to_contain_text("6 of 6 trials are done", timeout=30_000)

    cells = page.locator(".heat button")
    expect(cells).to_have_count(6)
    trials = server.get(f"/api/studies/{study_id}/trials")["items"]
    shown = {
        each.get_attribute("aria-label").rpartition("trial ")[2].rstrip(")"): each.text_content()
        for each in cells.all()
    }
    assert {number: f"{trials[int(number)]['figures']['sharpe_ratio']:,.2f}" for number in shown} == shown
    page.locator(".heat button[tabindex='0']").focus()
    before = exposed(page, "document.activeElement.ariaLabel")
    page.keyboard.press("ArrowRight" if "threshold 50" not in before else "ArrowLeft")
    assert exposed(page, "document.activeElement.ariaLabel") != before
    page.keyboard.press("Enter")
    expect(page.locator("#chosen-cell")).to_contain_text("threshold")
    page.get_by_label("Down", exact=True).select_option("")
    expect(page.get_by_role("img", name="along threshold")).to_be_visible()
    expect(page.get_by_label("More than luck?")).to_contain_text("Deflated Sharpe ratio")

    page.get_by_label("Open trial 3 as a result").click()
    page.wait_for_url("**/#/results/*")
    wait_until(page, "window.perpsim?.ready_ms")
    opened = int(re.search(r"results/(\d+)", page.url)[1])
    page.get_by_role("link", name=f"Study {study_id}, trial 3", exact=True).click()
    page.wait_for_url(f"**/#/studies/{study_id}")
    expect(page.get_by_label("All trials").locator("tbody tr").nth(3)).to_contain_text("result ")
    show(page, server, f"studies/new?from={opened}")
    page.get_by_label("Robustness card").check()
    expect(page.locator("[name=study]")).to_have_value(str(study_id))  # its trials count, as with --study
    page.get_by_label("Stress test").check()
    faults = page.get_by_role("textbox", name="Faults")
    faults.fill("outage:4h, rejects:25,latency:delay=2s,start=2024-01-01T00:00:00Z\nspread")  # 4, and as it is
    expect(page.locator("#amount")).to_contain_text("5 runs")
    page.get_by_label("Robustness card").check()
    expect(page.get_by_role("button", name="Start")).to_be_enabled()


def test_one_that_runs_is_watched_and_cancelled(page: Page, server: Server) -> None:
    config = configuration(code=SLOW, scheduled_interval="1h", end_time="2024-01-06T00:00:00Z")
    study_id = begin(server, config, kind="sweep", vary={"fee_rate": "0:0.9:0.01"})
    show(page, server, "studies")
    row = page.locator("table[aria-label=Studies] tbody tr").first
    expect(row).to_contain_text("of 91")
    expect(row.locator(".badge")).to_have_text("running")
    row.click()
    expect(page.locator("#best-so-far, #stage")).not_to_have_count(0)
    expect(page.locator("#progress-figures")).to_contain_text("of 91", timeout=20_000)
    page.locator("#cancel").click()
    expect(page.locator("#outcome")).to_contain_text("what was done is kept", timeout=10_000)
    assert server.get(f"/api/studies/{study_id}")["status"] == "interrupted"
    kept = server.get(f"/api/studies/{study_id}")["done"]
    page.locator("#go-on").focus()
    page.keyboard.press("Enter")
    expect(page.locator("#progress-figures")).to_contain_text("of 91", timeout=20_000)
    page.locator("#cancel").click()
    expect(page.locator("#go-on")).to_be_visible(timeout=10_000)
    assert server.get(f"/api/studies/{study_id}")["done"] >= kept


def test_a_walk_forward_and_a_stress_test_are_shown(page: Page, server: Server) -> None:
    scheme = {"train": "1d", "test": "1d", "metrics": ["total_pnl_percent"]}
    walk = begin(server, configuration(**SHORT), kind="walk-forward", over={"threshold": "30,45"}, **scheme)
    stress = begin(server, configuration(**SHORT), kind="stress", faults=["rejects:25"])
    show(page, server, f"studies/{walk}")
    expect(page.get_by_label("Windows").locator("tbody tr")).to_have_count(2, timeout=20_000)
    wait_until(page, "window.perpsim?.joined?.length > 1")
    assert exposed(page, "perpsim.joined") == server.get(f"/api/studies/{walk}/walk")["equity"]
    show(page, server, f"studies/{stress}")
    faults = page.locator("table[aria-label=Faults]")
    expect(faults.locator("tbody tr")).to_have_count(2, timeout=20_000)
    expect(faults).to_contain_text("rejects:25")
