"""A real browser for tests of pages."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from tests.support.patience import PATIENCE_S

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")

#: .ci/run installs a browser and sets this: there the tests that need one must run.
if CHROMIUM is None and not os.environ.get("PERPSIM_REQUIRE_BROWSER"):
    pytest.skip("there is no Chromium here (apt-get install chromium)", allow_module_level=True)

from playwright.sync_api import Browser, Page, sync_playwright  # noqa: E402 - there may be none

#: A browser of its own accord asks for updates and the like; the tests count every request.
QUIET = (
    "--no-sandbox --disable-background-networking --disable-component-update --disable-sync --no-first-run "
    "--disable-default-apps --disable-domain-reliability --no-pings"
).split()

#: Looks at every frame; the page's policy forbids the scripts that Playwright would wait with.
WAIT = """(patience_s) => new Promise((done) => {
    const end = performance.now() + 1000 * patience_s;
    const look = () => {
        let found = false;
        try { found = Boolean(EXPRESSION); } catch { /* not there yet */ }
        if (found || performance.now() > end) done(found);
        else requestAnimationFrame(look);
    };
    look();
})"""


@contextmanager
def launched() -> Iterator[Browser]:
    """A browser, which is closed afterwards."""
    with sync_playwright() as playwright:
        found = playwright.chromium.launch(executable_path=CHROMIUM, args=QUIET)
        yield found
        found.close()


def wait_until(page: Page | Any, expression: str) -> None:
    """Wait until an expression is true on the page, or in one of its frames."""
    assert page.evaluate(WAIT.replace("EXPRESSION", expression), PATIENCE_S), expression
