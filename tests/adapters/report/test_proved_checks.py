"""A certificate on the page of its result: what is shown of it, in a real browser, bright and dark, on a phone too."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from adapters.certificates import Certificate, CertificateCheck, CertificateContents, Verdict
from adapters.report import result_page
from adapters.report.proved_checks import shown_certificate
from engine import BacktestResult, MarketHistory
from tests.adapters.report.test_html_page import run_for
from tests.support.patience import PATIENCE_S

from tests.support.browsers import launched  # isort: skip - skips the tests where there is no browser

from playwright.sync_api import Browser, Page, expect

pytestmark = pytest.mark.xdist_group("page")

HASH = "0123456789abcdef" * 2
REASON = "3 of 10 runs with another future differ before their <cuts>"
HINT = "a database of PostgreSQL: no server was named"


def certificate(verdict: Verdict = Verdict.FAILED) -> dict[str, Any]:
    checks = [
        CertificateCheck("look_ahead", "No look-ahead", "Nothing knew", verdict, REASON, (), {"cuts": ["hidden"]}),
        CertificateCheck("determinism", "Determinism", "It is the same", Verdict.PASSED, "the same journal", (HINT,)),
        CertificateCheck("warm_up", "Warm-up", "Twice is once", Verdict.NOT_SHOWN, "no klines before the start"),
    ]
    versions, code = {"perpsim": "0.1.0", "python": "3.11.7"}, {"program": None}
    settings = {"cuts": 10, "ties": 8, "seed": 0}
    contents = CertificateContents(versions, {"BTC": HASH}, code, HASH, HASH[::-1], settings, {"hidden": 1}, "text")
    return Certificate("dips.py on a venue: BTC", 0, 86_400_000, "d" * 32, checks, contents).to_dict()


@pytest.fixture(scope="module")
def run() -> tuple[BacktestResult, MarketHistory]:
    return run_for(5, "4h")


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with launched() as found:
        yield found


def test_what_is_shown_has_each_check_and_no_evidence() -> None:
    shown = shown_certificate(certificate())
    assert (shown["verdict"], shown["tone"], shown["reason"]) == ("failed", "bad", "failed: No look-ahead")
    assert [(each["title"], each["tone"]) for each in shown["checks"]] == [
        ("No look-ahead", "bad"), ("Determinism", "good"), ("Warm-up", "warn"),
    ]  # fmt: skip
    assert shown["checks"][1]["not_shown"] == [HINT]
    assert dict(shown["contents"]) == {
        "Digest of the result": "d" * 32,
        "Head of the journal": HASH[::-1],
        "Configuration": HASH,
        "Data of BTC": HASH,
        "Code of program": "its text is not to be had",
        "Runs": "cuts 10, ties 8, seed 0",
        "Versions": "perpsim 0.1.0, python 3.11.7",
    }
    assert "hidden" not in repr(shown)
    assert shown_certificate({}) == {}


def opened(browser: Browser, file: Path, scheme: Any, width: int) -> Page:
    context = browser.new_context(viewport={"width": width, "height": 800}, color_scheme=scheme, offline=True)
    page = context.new_page()
    page.goto(file.as_uri())
    page.get_by_role("tab", name="Trades", exact=True).wait_for(timeout=1_000 * PATIENCE_S)
    return page


@pytest.mark.parametrize(("scheme", "width"), [("light", 1280), ("dark", 375)])
def test_the_section_has_each_check_its_verdict_and_the_hashes(
    browser: Browser, run: tuple[BacktestResult, MarketHistory], tmp_path: Path, scheme: str, width: int
) -> None:
    result, market = run
    replace(result, certificate=certificate()).report(tmp_path / "it.html", market)
    page = opened(browser, tmp_path / "it.html", scheme, width)
    expect(page.get_by_role("heading", level=1)).to_contain_text("certificate failed")
    page.get_by_role("tab", name="Certificate").click()
    section = page.get_by_role("region", name="Certificate")
    expect(section.get_by_role("region", name="No look-ahead")).to_contain_text(REASON)
    expect(section.get_by_role("region", name="Determinism")).to_contain_text(f"Not shown for {HINT}")
    expect(section.get_by_role("region", name="Warm-up").locator(".badge")).to_have_text("not shown")
    expect(section.locator("dl")).to_contain_text(HASH)
    wide = page.evaluate("[document.documentElement.scrollWidth, innerWidth]")
    assert wide[0] <= wide[1] == width
    colours = [section.locator(f".badge.{tone}").first for tone in ("good", "bad", "warn")]
    assert len({each.evaluate("each => getComputedStyle(each).color") for each in colours}) == 3
    page.context.close()


def test_a_result_without_one_has_no_word_of_it(
    browser: Browser, run: tuple[BacktestResult, MarketHistory], tmp_path: Path
) -> None:
    result, market = run
    result_page(result, market).save(tmp_path / "it.html")
    page = opened(browser, tmp_path / "it.html", "light", 1280)
    assert page.get_by_role("tab", name="Certificate").count() == 0
    assert "ertificate" not in page.locator("main").inner_text()
    assert "ertificate" not in (result._repr_html_() or "")
    page.context.close()


def test_a_notebook_says_the_verdict(run: tuple[BacktestResult, MarketHistory]) -> None:
    shown = replace(run[0], certificate=certificate())._repr_html_() or ""
    assert "Certificate: failed, failed: No look-ahead" in shown
