"""The list of results, as a person uses it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.web_pages import exposed, show
from tests.support.web_server import ENDLESS, Server, copied

from tests.support.browsers import wait_until  # isort: skip - skips the tests where there is no browser

from playwright.sync_api import Page, expect

pytestmark = pytest.mark.xdist_group("page")


@pytest.fixture(scope="module")
def alone(web_market: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    found = Server(copied(web_market, tmp_path_factory.mktemp("list")), "--runs", "1")
    for low in (30, 45, 35):
        found.run(params={"threshold": low}, scheduled_interval="1h")
    yield found
    found.close()


def shown(page: Page) -> list[int]:
    found: list[int] = exposed(
        page, "[...document.querySelectorAll('tr[data-id]')].map((row) => Number(row.dataset.id))"
    )
    return found


def test_it_is_sorted_filtered_and_stands_in_the_address(page: Page, alone: Server) -> None:
    show(page, alone, "history")
    expect(page.locator("#counted")).to_have_text("3 of 3 results")
    page.get_by_role("button", name="Columns").click()
    page.get_by_role("checkbox", name="params.threshold").check()
    page.get_by_role("checkbox", name="Exchange").check()
    page.keyboard.press("Escape")
    page.get_by_role("button", name="params.threshold").click()
    wait_until(page, "document.querySelector('tr[data-id]').dataset.id == '2'")
    assert shown(page) == [2, 3, 1]
    page.locator("summary", has_text="Filter").click()
    page.get_by_label("What is compared").select_option("params.threshold")
    page.get_by_label("Number").fill("40")
    page.get_by_label("How").select_option("<")
    page.get_by_role("button", name="Add").click()
    expect(page.locator("#counted")).to_have_text("2 of 3 results")
    page.reload()
    expect(page.locator("#counted")).to_have_text("2 of 3 results")
    assert shown(page) == [3, 1]
    show(page, alone, "history")
    expect(page.get_by_role("columnheader", name="Exchange")).to_be_visible()


def test_names_tags_and_stars_are_edited_in_place(page: Page, alone: Server) -> None:
    show(page, alone, "history")
    page.get_by_label("Name of 1", exact=True).click()
    page.get_by_role("textbox", name="Name of 1").fill("<i>first</i>")
    page.keyboard.press("Enter")
    expect(page.locator("tr[data-id='1']")).to_contain_text("<i>first</i>")
    page.get_by_label("Tags of 1, with").click()
    page.get_by_role("textbox", name="Tags of 1").fill("one, two,one")
    page.keyboard.press("Enter")
    expect(page.locator("tr[data-id='1'] .chip")).to_have_text(["one", "two"])
    page.get_by_label("Star of 1").click()
    expect(page.get_by_label("Star of 1")).to_have_attribute("aria-pressed", "true")
    page.get_by_label("Name of 1", exact=True).click()
    page.get_by_role("textbox", name="Name of 1").fill("not kept")
    page.keyboard.press("Escape")
    found = alone.get("/api/backtests/1")
    assert (found["label"], found["tags"], found["starred"]) == ("<i>first</i>", ["one", "two"], True)
    show(page, alone, "results/1")
    expect(page.get_by_role("region", name="Notes and files")).to_contain_text("<i>first</i>")
    page.locator("summary", has_text="Download").click()
    with page.expect_download() as download:
        page.get_by_role("link", name="Trades (CSV)").click()
    assert download.value.suggested_filename == "1-Dips-BTC-ETH-trades.csv"
    page.get_by_role("link", name="Compare").click()
    expect(page.locator("#compare")).to_have_text("Compare (choose 2 or more, 1 chosen)")


def test_what_is_deleted_can_be_brought_back(page: Page, alone: Server) -> None:
    show(page, alone, "history?chosen=2,3")
    page.locator("#delete", has_text="Delete 2").click()
    expect(page.locator("#counted")).to_have_text("1 of 1 results")
    page.get_by_role("button", name="Undo").click()
    expect(page.locator("#counted")).to_have_text("3 of 3 results")
    page.get_by_label("Compare 2", exact=True).check()
    page.locator("#delete").click()
    show(page, alone, "history")
    page.locator("#deleted", has_text="Deleted: 1").click()
    expect(page.locator("#counted")).to_have_text("1 of 1 deleted results")
    page.get_by_label("Compare 2", exact=True).check()
    page.locator("#bring-back").click()
    page.locator("#deleted").click()
    expect(page.locator("#counted")).to_have_text("3 of 3 results")


def test_it_follows_runs_without_losing_what_is_being_done(page: Page, alone: Server) -> None:
    show(page, alone, "history?chosen=1")
    run_id = alone.start(code=ENDLESS)
    row = page.locator(f"tr[data-id='{run_id}']")
    page.evaluate("() => document.dispatchEvent(new Event('visibilitychange'))")
    expect(row.locator(".badge")).to_have_text("Running")
    page.get_by_label("Name of 1", exact=True).click()
    page.get_by_role("textbox", name="Name of 1").fill("half")
    alone.client.delete(f"/api/backtests/{run_id}")
    expect(row.locator(".badge")).to_have_text("Cancelled")
    expect(page.get_by_role("textbox", name="Name of 1")).to_be_focused()
    expect(page.get_by_role("textbox", name="Name of 1")).to_have_value("half")
    expect(page.get_by_label("Compare 1", exact=True)).to_be_checked()
    page.keyboard.press("Escape")
    alone.client.post("/api/desk/delete", json={"ids": [run_id]})


def test_a_page_is_chosen_at_once_and_let_go_and_parameters_that_differ_are_shown(page: Page, alone: Server) -> None:
    show(page, alone, "history")
    box = page.get_by_label("Choose all of this page")
    box.click()
    expect(page.locator("tr.chosen")).to_have_count(3)
    expect(box).to_be_checked()
    expect(page.locator("#compare")).to_have_text("Compare 3")
    box.click()
    expect(page.locator("tr.chosen")).to_have_count(0)
    expect(page.get_by_role("columnheader", name="params.threshold")).to_be_visible()
    page.set_viewport_size({"width": 1024, "height": 768})
    titles = ("Net PnL", "Largest drawdown", "Sharpe ratio", "Closed trades")
    rights = [page.get_by_role("columnheader", name=name, exact=True).bounding_box() for name in titles]
    assert all(box is not None and box["x"] + box["width"] <= 1024 for box in rights)
    heights = exposed(page, "[...document.querySelectorAll('tr[data-id]')].map((row) => row.offsetHeight)")
    assert max(heights) < 40, "a row is one line"
    expect(page.locator("tr[data-id='1'] .remark").first).to_have_attribute(
        "title", "of 10 daily returns: chance decides it"
    )
    with page.expect_download() as download:
        page.get_by_role("link", name="Download (CSV)").click()
    first = download.value.path().read_text().splitlines()[0]
    assert first.startswith("id,state,label,params.threshold,total_pnl")


def test_what_an_address_has_wrong_is_a_sentence(page: Page, alone: Server) -> None:
    show(page, alone, "history?where=bogus+%3E+1")
    expect(page.locator("#counted")).to_contain_text("conditions such as net_pnl > 0")
    texts = exposed(
        page, "[...document.querySelectorAll('.desk-tools button')].map((each) => each.hidden || each.textContent)"
    )
    assert all(texts), "no button without a text"
    page.get_by_role("button", name="Show all").click()
    expect(page.locator("#counted")).to_have_text("3 of 3 results")
    for ids in ("1", ",".join(map(str, range(1, 22))), "x,1"):
        show(page, alone, f"compare?ids={ids}")
        expect(page.locator("#main")).to_contain_text("2 to 20 results can be compared")


def test_a_name_in_two_tabs_is_followed_and_never_written_over(page: Page, alone: Server) -> None:
    long = "x" * 300 + "\nsecond"
    alone.client.patch("/api/backtests/2", json={"label": None, "note": long})
    other = page.context.new_page()
    for each in (page, other):
        show(each, alone, "results/2")
        expect(each.locator(".folded summary")).to_be_visible()
    expect(page.get_by_text("second")).to_be_hidden()
    other.get_by_label("Name of 2", exact=True).click()
    other.get_by_role("textbox", name="Name of 2").fill("from B")
    page.get_by_label("Name of 2", exact=True).click()
    page.get_by_role("textbox", name="Name of 2").fill("from A")
    page.keyboard.press("Enter")
    expect(page.get_by_role("region", name="Notes and files")).to_contain_text("from A")
    other.keyboard.press("Enter")
    expect(other.get_by_text("its name was changed elsewhere meanwhile, to 'from A'")).to_be_visible()
    expect(other.get_by_role("region", name="Notes and files")).to_contain_text("from A")
    other.get_by_label("Name of 2", exact=True).click()
    other.get_by_role("textbox", name="Name of 2").fill("from B")
    other.keyboard.press("Enter")
    expect(page.get_by_role("region", name="Notes and files")).to_contain_text("from B")
    other.close()
    alone.client.patch("/api/backtests/2", json={"label": None, "note": ""})
