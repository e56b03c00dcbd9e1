"""A walk-forward as a picture and as a page."""

from __future__ import annotations

import pytest

from adapters.studies import Parameter
from adapters.walking import run_walk
from adapters.workers import ThisProcess
from tests.adapters.walking.test_walk_runs import market, walk  # noqa: F401
from tests.support.browsers import launched


@pytest.fixture(scope="module")
def walked(market):  # noqa: F811
    return run_walk(walk(market), ThisProcess())


def test_the_picture_has_the_curve_the_choices_and_the_metric_on_both_sides(walked, tmp_path):
    picture = walked.plot()
    for text in ("4 windows out of sample", "threshold", "stop", "Sharpe ratio in sample and out of sample"):
        assert text in picture.svg
    assert picture.frame["in_sample"].tolist() == [each.in_metric for each in walked.windows]
    assert picture.frame["out_of_sample"].tolist() == [each.out_metric for each in walked.windows]
    assert picture.frame["threshold"].tolist() == [each.parameters["threshold"] for each in walked.windows]
    picture.save(tmp_path / "walk.svg")
    assert (tmp_path / "walk.svg").read_text().count("<svg") == 1


def test_where_nothing_was_tested_the_bands_are_drawn_alone(market):  # noqa: F811
    flat = run_walk(walk(market, parameters=(Parameter("threshold", values=(99,)),)), ThisProcess())
    assert "nothing could be chosen" in flat.plot().svg
    assert "in sample and out of sample" not in flat.plot().svg


def test_the_page_shows_what_it_came_to(walked, tmp_path):
    walked.report(tmp_path / "walk.html")
    with launched() as browser:
        page, errors = browser.new_page(), []
        page.on("pageerror", lambda error: errors.append(str(error)))
        page.goto((tmp_path / "walk.html").as_uri())
        page.get_by_text("4 windows out of sample").first.wait_for()
        told = page.inner_text("body")
    assert errors == []
    texts = "walk-forward of Dips on BTC|Efficiency|windows|tested from|the account is carried on|Sortino ratio"
    for text in texts.split("|"):
        assert text in told
