"""What axe finds wrong on a page for who reads it with something else than eyes and a mouse."""

from __future__ import annotations

from importlib.resources import files
from typing import Any

from playwright.sync_api import Page

#: The package is taken for the script that it carries: one that a test fetched would not be the same tomorrow.
SCRIPT = files("axe_playwright_python").joinpath("axe.min.js").read_text("utf-8")

#: All rules that are on by themselves, and that of WCAG 2.2 about how large a target is.
OPTIONS = {"resultTypes": ["violations"], "rules": {"target-size": {"enabled": True}}}


def violations(page: Page, within: str = "html") -> list[str]:
    """Return what is violated within some part of a page, of any weight, and where. The script is evaluated by the
    browser's debugger, so that the policy of the page stays as it is.
    """
    if not page.evaluate("() => 'axe' in window"):
        page.evaluate(SCRIPT)
    found = page.evaluate("async ([within, options]) => (await axe.run(within, options)).violations", [within, OPTIONS])
    return [_in_words(each) for each in found]


def _in_words(violation: dict[str, Any]) -> str:
    places = ", ".join(" ".join(map(str, node["target"])) for node in violation["nodes"])
    return f"{violation['impact']} {violation['id']}: {violation['help']}: {places}"
