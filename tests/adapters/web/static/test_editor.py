"""The editor: completions, help and underlined problems, by keyboard too."""

from __future__ import annotations

import pytest

from tests.support.web_server import Server

from tests.support.browsers import wait_until  # isort: skip - skips the tests where there is no browser
from tests.support.web_pages import exposed, show, with_script, write  # isort: skip

from playwright.sync_api import Page, expect

pytestmark = pytest.mark.xdist_group("page")

CODE = """class A:
    def should_trade(self, data):
        if data.positions:
            return Decision(leverage=2)
"""
CURSOR = "perpsim.editor.view.dispatch({ selection: { anchor: perpsim.editor.text.indexOf(%r) + %d } })"


def put_cursor(page: Page, before: str, more: int = 0) -> None:
    page.evaluate(CURSOR % (before, more))
    page.locator(".cm-content").focus()


def test_what_belongs_to_data_is_completed_with_its_signature_and_meaning(page: Page, server: Server) -> None:
    show(page, server, "new")
    write(page, CODE + "        data.get_kl")
    put_cursor(page, "get_kl", 6)
    page.keyboard.press("Control+Space")
    option = page.locator(".cm-tooltip-autocomplete [role=option]").first
    expect(option).to_contain_text("data.get_klines(symbol: str, period: str, count: int = 50)")
    expect(page.locator(".cm-completionInfo")).to_contain_text("oldest first")
    option.click()  # a list that has just come takes no Enter yet
    assert "data.get_klines" in exposed(page, "perpsim.editor.text")
    page.keyboard.type('("BTC", "1')
    expect(page.locator(".cm-tooltip-autocomplete")).to_contain_text("15m")
    page.keyboard.press("Escape")
    put_cursor(page, "leverage")
    page.keyboard.type("stop_lo")
    expect(page.locator(".cm-tooltip-autocomplete [role=option]").first).to_contain_text("stop_loss_price")


def test_a_word_is_explained_at_the_mouse_and_by_key(page: Page, server: Server) -> None:
    show(page, server, "new")
    write(page, CODE)
    put_cursor(page, "leverage", 2)
    expect(page.locator(".program-help")).to_contain_text("leverage: int = 10 leverage is that of an entry")
    page.keyboard.press("F1")
    expect(page.locator(".unseen[role=status]")).to_contain_text("leverage: int = 10. leverage is that of an entry")
    put_cursor(page, "class")
    page.keyboard.press("F1")
    expect(page.locator(".unseen[role=status]")).to_contain_text("no help for this word")
    at = exposed(page, "perpsim.editor.view.coordsAtPos(perpsim.editor.text.indexOf('positions') + 3)")
    page.mouse.move(at["left"], at["top"] + 6)
    told = "data.positions: dict[str, Position] The open positions by symbol"
    expect(page.get_by_role("tooltip")).to_contain_text(told)
    page.keyboard.press("ArrowDown")
    expect(page.get_by_role("tooltip")).to_have_count(0)


def test_a_problem_is_underlined_where_it_is_and_gone_to_by_key(page: Page, server: Server) -> None:
    show(page, server, "new")
    write(page, "class A:\n    def should_trade(self, data):\n        x = 1 + open('x')\n")
    expect(page.locator(".cm-lintRange-error")).to_have_text("open")
    put_cursor(page, "class")
    for word in ("def", "open"):  # a warning, and the error
        page.keyboard.press("F8")
        at = exposed(page, "perpsim.editor.view.state.selection.main.from")
        assert exposed(page, "perpsim.editor.text")[at:].startswith(word)


def test_which_words_may_stand_where(page: Page, server: Server) -> None:
    show(page, server, "new")
    wait_until(page, "window.perpsim?.editor")
    cases = [
        ("data.", "data"), ("self.data.get_", "data"), ("ActionType.", "ActionType"), ("other.", ""), ("x = 12", ""),
        ("Decision(\n  # (\n  ", "Decision"), ("Decision(a, ", "Decision"), ('data.get_indicator(s, "', '"'),
        ('data.get_klines(s, period="', '"'), ('Decision(operation="', '"'), ('log("', ""), ("f(data.x, (1, ", "name"),
    ]  # fmt: skip
    found = with_script(
        page,
        "programs/words.js",
        """async ({ programWords, wordsAt }, texts) => {
            const known = await programWords();
            const at = (text) => wordsAt(known, text, text.length).found;
            return texts.map((text) => at(text).map((each) => [each.owner, each.kind, each.name]));
        }""",
        [text for text, _ in cases],
    )
    for (text, wanted), words in zip(cases, found, strict=True):
        owners, kinds = {each[0] for each in words}, {each[1] for each in words}
        if wanted == "name":
            assert (owners, kinds) == ({""}, {"name"}), text
        elif wanted == '"':
            assert kinds == {"text"}, text
        else:
            assert wanted in owners if wanted else not words, text
