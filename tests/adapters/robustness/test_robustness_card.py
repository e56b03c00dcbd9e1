"""The verdict of a card from those of its lines, and how it is written."""

import json

import pytest

from adapters.robustness import CardLine, Grade, RobustnessCard
from engine import DataError

GOOD, DOUBTFUL, BAD, NOT_TOLD = Grade.GOOD, Grade.DOUBTFUL, Grade.BAD, Grade.NOT_TOLD
NAMES = ("break_even_fee", "deflated_sharpe", "best_trades", "plateau", "start_shift", "sides", "missing")


def card(**grades):
    lines = [
        CardLine(name, name.upper(), "1 < 2", grades.get(name, GOOD), "why & how", "what it is", {"x": float("inf")})
        for name in NAMES
    ]
    return RobustnessCard("dips.py <on> BTC", 1_704_067_200_000, 1_706_745_600_000, 90, lines)


@pytest.mark.parametrize(
    ("grades", "expected"),
    [
        ({}, GOOD),
        ({"plateau": DOUBTFUL, "sides": DOUBTFUL}, GOOD),
        ({"plateau": NOT_TOLD, "sides": NOT_TOLD}, GOOD),
        ({"plateau": DOUBTFUL, "sides": DOUBTFUL, "missing": DOUBTFUL}, DOUBTFUL),
        ({"plateau": BAD}, DOUBTFUL),
        ({"plateau": BAD, "sides": BAD}, DOUBTFUL),
        ({"plateau": BAD, "sides": BAD, "missing": BAD}, BAD),
        ({"deflated_sharpe": DOUBTFUL}, DOUBTFUL),
        ({"deflated_sharpe": BAD}, BAD),
        ({"break_even_fee": BAD}, BAD),
        ({"best_trades": BAD}, BAD),
        ({"deflated_sharpe": NOT_TOLD}, NOT_TOLD),
        ({"break_even_fee": NOT_TOLD, "plateau": BAD}, NOT_TOLD),
        ({"deflated_sharpe": NOT_TOLD, "best_trades": BAD}, BAD),
    ],
)
def test_the_verdict_is_never_better_than_the_lines_that_carry_it(grades, expected):
    found = card(**grades)
    assert found.grade is expected
    assert found.reason


def test_it_is_one_page_of_text():
    text = str(card(plateau=BAD))
    assert "dips.py <on> BTC" in text
    assert "2024-01-01 00:00:00 UTC to 2024-02-01 00:00:00 UTC, 90 runs" in text
    assert "Verdict: DOUBTFUL, not all is good: PLATEAU" in text
    assert max(map(len, text.splitlines())) <= 80
    assert len(text.splitlines()) < 60
    assert repr(card()).startswith("<card of dips.py <on> BTC: good, no line is bad")


def test_json_has_every_line(tmp_path):
    card(sides=BAD).save_json(tmp_path / "card.json")
    found = json.loads((tmp_path / "card.json").read_text("utf-8"))
    assert (found["verdict"], found["runs"], found["title"]) == ("doubtful", 90, "dips.py <on> BTC")
    assert [each["name"] for each in found["lines"]] == list(NAMES)
    assert [each["verdict"] for each in found["lines"]].count("bad") == 1
    assert found["lines"][0]["facts"] == {"x": "inf"}
    with pytest.raises(DataError, match="cannot be written"):
        card().save_json(tmp_path / "none" / "card.json")


def test_html_is_one_file_that_asks_nobody(tmp_path):
    card().save(tmp_path / "card.html")
    page = (tmp_path / "card.html").read_text("utf-8")
    assert "dips.py &lt;on&gt; BTC" in page
    assert "why &amp; how" in page
    assert page.count("<tr id=") == len(NAMES)
    assert "default-src 'none'" in page
    assert "http://" not in page
    assert "src=" not in page
    assert card()._repr_html_().count("<iframe") == 1
