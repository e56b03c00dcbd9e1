"""The page of kept programs, and saving and opening them from the editor."""

from __future__ import annotations

from typing import Any

import pytest

from tests.support.web_server import Server

from tests.support.browsers import wait_until  # isort: skip - skips the tests where there is no browser
from tests.support.web_pages import exposed, show, with_script, write  # isort: skip

from playwright.sync_api import Page, expect

pytestmark = pytest.mark.xdist_group("page")


def keep(server: Server, name: str, *codes: str) -> int:
    """Keep a program with a version for each text."""
    first, *others = codes
    kept: int = server.client.post("/api/programs", json={"name": name, "code": first}).json()["id"]
    for number, code in enumerate(others, 1):
        answer = server.client.post(f"/api/programs/{kept}/versions", json={"code": code, "after": number})
        assert answer.status_code == 201
    return kept


def open_page(page: Page, server: Server, place: str) -> None:
    show(page, server, place)
    wait_until(page, "window.perpsim?.form")


def test_a_program_is_saved_by_name_saved_again_and_opened(page: Page, server: Server) -> None:
    keep(server, "Taken", "")
    open_page(page, server, "new")
    write(page, "first = 1\n")
    page.get_by_role("button", name="Save", exact=True).click()
    page.get_by_label("Name", exact=True).fill("Taken")
    page.keyboard.press("Enter")
    expect(page.locator("dialog h2")).to_contain_text("is called Taken already")
    page.get_by_label("Name", exact=True).fill("Mine <b>")
    page.keyboard.press("Enter")
    expect(page.locator("#kept")).to_have_text("Mine <b>, version 1")
    write(page, "second = 2\n")
    expect(page.locator("#kept")).to_have_text("Mine <b>, version 1, changed since")
    page.locator(".cm-content").focus()
    page.keyboard.press("Control+s")
    expect(page.locator("#kept")).to_have_text("Mine <b>, version 2")
    page.get_by_role("button", name="Open", exact=True).click()
    page.get_by_role("button", name="Taken").click()
    expect(page.locator("#kept")).to_have_text("Taken, version 1")
    assert exposed(page, "perpsim.editor.text") == ""
    page.locator(".cm-content").focus()
    page.keyboard.press("Control+z")
    assert exposed(page, "perpsim.editor.text") == "second = 2\n"


def test_of_two_tabs_the_second_is_told_and_overwrites_nothing(page: Page, server: Server) -> None:
    kept = keep(server, "Shared", "one\n")
    open_page(page, server, f"new?program={kept}")
    expect(page.locator("#kept")).to_have_text("Shared, version 1")
    server.client.post(f"/api/programs/{kept}/versions", json={"code": "theirs\n", "after": 1})
    write(page, "mine\n")
    page.get_by_role("button", name="Save", exact=True).click()
    box = page.locator("dialog")
    expect(box.get_by_role("alert")).to_contain_text("version 2 of Shared was saved at 20")
    expect(box.locator(".taken")).to_have_text("- theirs")
    expect(box.locator(".added")).to_have_text("+ mine")
    box.get_by_role("button", name="Close").click()
    assert server.get(f"/api/programs/{kept}")["code"] == "theirs\n"
    page.get_by_role("button", name="Save", exact=True).click()
    box.get_by_role("button", name="Save under another name").click()
    page.keyboard.press("Enter")
    expect(page.locator("#kept")).to_have_text("Shared 2, version 1")
    assert server.get(f"/api/programs/{kept}")["version"] == 2


def test_the_list_renames_duplicates_deletes_and_takes_back(page: Page, server: Server) -> None:
    keep(server, "Listed", "a\n")
    show(page, server, "programs")
    page.get_by_label("Find a program by name").fill("liste")
    rows = page.locator("table[aria-label=Programs] tbody tr")
    expect(rows).to_have_count(1)
    page.get_by_role("button", name="Rename Listed").click()
    page.get_by_label("Name", exact=True).fill("Listed anew")
    page.keyboard.press("Enter")
    page.get_by_role("button", name="Duplicate Listed anew").click()
    expect(page.get_by_label("Name", exact=True)).to_have_value("Listed anew copy")
    page.keyboard.press("Enter")
    expect(rows).to_have_count(2)
    page.get_by_role("button", name="Delete Listed anew copy").click()
    expect(rows).to_have_count(1)
    undo = page.get_by_role("button", name="Undo")
    expect(undo).to_be_focused()
    undo.click()
    expect(rows).to_have_count(2)
    with page.expect_download() as caught:
        page.get_by_role("button", name="Export Listed anew copy").click()
    assert caught.value.suggested_filename == "Listed anew copy.py"
    assert caught.value.path().read_text() == "a\n"
    file: Any = {"name": "listed_file.py", "mimeType": "text/x-python", "buffer": b"b\n"}
    page.locator("input[type=file]").set_input_files(file)
    expect(page.get_by_label("Name", exact=True)).to_have_value("listed_file")
    page.keyboard.press("Enter")
    expect(rows).to_have_count(3)
    page.get_by_role("link", name="listed_file").click()
    wait_until(page, "window.perpsim?.editor?.text === 'b\\n'")


def test_versions_are_looked_at_compared_and_restored(page: Page, server: Server) -> None:
    kept = keep(server, "Old", "a\nb\nc\n", "a\nB\nc\n", "a\nB\nc\nd\n")
    show(page, server, "programs")
    page.get_by_label("Find a program by name").fill("Old")
    page.locator("table[aria-label=Programs] tbody tr").filter(has_text="Old").first.press("Enter")
    versions = page.locator("table[aria-label=Versions] tbody tr")
    expect(versions).to_have_count(3)
    page.get_by_role("button", name="View version 2").click()
    expect(page.locator("dialog pre")).to_have_text("a\nB\nc\n")
    page.get_by_role("button", name="Close").click()
    page.get_by_label("Difference from").select_option("1")
    page.get_by_role("button", name="Show the difference").click()
    expect(page.locator(".diff .taken")).to_have_text(["- b"])
    expect(page.locator(".diff .added")).to_have_text(["+ B", "+ d"])
    page.get_by_role("button", name="Restore version 1").click()
    expect(versions).to_have_count(4)
    assert server.get(f"/api/programs/{kept}")["code"] == "a\nb\nc\n"


def test_the_difference_of_texts_is_the_least_and_long_ones_take_no_time(page: Page, server: Server) -> None:
    show(page, server, "programs")
    found = with_script(
        page,
        "programs/line_diff.js",
        """({ lineDiff, changedLines }) => {
            const lines = (number) => Array.from({ length: number }, (_, place) => `${place}`).join("\\n");
            const signs = (first, second) => lineDiff(first, second).map(({ sign }) => sign).join("");
            const turned = lines(9000).split("\\n").reverse().join("\\n");
            const all = changedLines(lineDiff(lines(9000), turned));
            return [signs("a\\nb", "a\\nb"), signs("a\\nb\\nc\\nd", "b\\nx\\nd"), signs("", "a"), all];
        }""",
    )
    assert found == ["  ", "- -+ ", "-+", 18_000]
