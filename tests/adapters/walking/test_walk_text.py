"""What people see of a walk-forward."""

from __future__ import annotations

import io
import json
from dataclasses import replace

import pandas
import pytest
from rich.console import Console

from adapters.studies import Parameter
from adapters.walking import (
    WalkScheme,
    print_walk,
    reasons_text,
    run_walk,
    window_rows,
    write_walk_json,
    write_windows_csv,
)
from adapters.workers import ThisProcess
from engine import KlineColumns, MarketHistory, SymbolHistory
from tests.adapters.walking.test_walk_runs import DAY, START, market, walk  # noqa: F401


@pytest.fixture(scope="module")
def walked(market):  # noqa: F811
    return run_walk(walk(market, WalkScheme(3 * DAY, 2 * DAY, embargo_ms=DAY)), ThisProcess())


def printed(walked, width=80):
    out = io.StringIO()
    print_walk(walked, Console(file=out, width=width))
    return out.getvalue()


def test_a_few_lines_say_what_was_run_and_what_came_of_it(walked):
    lines = repr(walked).splitlines()
    assert len(lines) == 6
    assert lines[0].startswith(
        "WalkForward: 4 rolling windows, train 3d, test 2d, embargo 1d, by sharpe_ratio; tested "
    )
    assert lines[0].endswith("from 2024-01-04 00:00 to 2024-01-12 00:00 UTC")
    assert [line.split()[0] for line in lines[1:]] == ["joined", "ratios", "efficiency", "consistency", "account"]
    assert f"{walked.figures['total_pnl_percent']:+,.2f} %" in lines[1]
    assert "carried on" in lines[5]


def test_the_table_has_every_window_and_fits(walked):
    text = printed(walked)
    assert max(map(len, text.splitlines())) <= 80
    for each in walked.windows:
        row = each.row()
        assert f"{row['in_return_percent']:+,.2f}" in text
        assert f"threshold={row['parameters']['threshold']}" in text
    assert "- threshold: " in text
    assert "the joined curve" not in text


def test_a_notebook_shows_the_same_and_what_people_wrote_is_no_html(walked, market):  # noqa: F811
    html = walked._repr_html_()
    assert html.count("<tr>") == 5
    assert "<b>efficiency</b>" in html
    wild = run_walk(
        walk(market, parameters=(Parameter("threshold", values=(99,)), Parameter("<b>x", values=(1,)))), ThisProcess()
    )
    assert "<b>x" not in wild._repr_html_()
    assert "flat" in repr(wild)
    assert "nothing" in printed(wild)


def test_one_window_and_one_value_are_no_plurals(market):  # noqa: F811
    one = run_walk(
        walk(market, WalkScheme(9 * DAY, 3 * DAY), parameters=(Parameter("threshold", values=(40,)),)), ThisProcess()
    )
    text = printed(one).replace("\n", " ")
    assert "1 rolling window, " in text
    assert " of 1 window made a profit" in text
    assert "threshold: 1 value chosen, threshold=40 in 100% of the windows, changed 0 times" in " ".join(text.split())
    assert "-0.00" not in text


def flat(walked, number, why):
    return replace(walked.windows[number], chosen=None, tested=None, why_flat=why)


def test_every_reason_of_windows_without_a_test_is_told(walked):
    windows = (flat(walked, 0, "no data"), flat(walked, 1, "too few"), flat(walked, 2, "no data"), walked.windows[3])
    some = replace(walked, windows=windows)
    told = "no data (window 1, 3); too few (window 2)"
    assert f"nothing was tested in 3 of 4 windows, which are flat: {told}" in some.notes
    assert f"flat        3 windows without a test: {told}" in repr(some)
    one = replace(walked, windows=(windows[0], *walked.windows[1:]))
    assert "nothing was tested in 1 of 4 windows, which are flat: no data" in one.notes
    assert "1 window without a test: no data" in repr(one)
    many = [replace(flat(walked, 0, f"reason {number}"), window=walked.windows[0].window._replace(number=number))
            for number in range(12)]  # fmt: skip
    assert reasons_text(many).endswith("reason 9 (window 10); and 2 other reasons, each in the files")
    alike = [replace(each, why_flat="no data" if each.window.number else "else") for each in many]
    assert reasons_text(alike) == "else (window 1); no data (window 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, ...)"


def test_tests_with_missing_klines_are_marked_and_told(market):  # noqa: F811
    """An hour is missing in the second test, and a day in a training alone."""
    klines = market.symbols["BTC"].base.columns
    begin = START + 5 * DAY  # of the second test
    there = (klines.open_ms < begin + 7_200_000) | (klines.open_ms >= begin + 10_800_000)
    there &= (klines.open_ms < START + DAY) | (klines.open_ms >= START + 2 * DAY)
    held = KlineColumns(klines.period_ms, *(each[there] for each in (klines.open_ms, *klines.figures)))
    walked = run_walk(walk(MarketHistory([SymbolHistory("BTC", held)]), WalkScheme(3 * DAY, 2 * DAY)), ThisProcess())
    assert [each.gaps for each in walked.windows] == [0, 60, 0, 0]
    assert [each.klines for each in walked.windows] == [2 * 1440] * 4
    assert walked.frame["missing_klines"].tolist() == [0, 60, 0, 0]
    _, *rows = window_rows(walked)
    assert ["~" in row[-1] for row in rows] == [False, True, False, False]
    assert walked.notes[-1] == (
        "klines are missing in the data of tests (~ at their trades): 60 of 2,880 klines in window 2"
    )
    assert walked.notes[-1] in " ".join(printed(walked).split())


def test_the_frame_has_the_windows_by_number(walked):
    frame = walked.frame
    assert [*frame.index] == [1, 2, 3, 4]
    assert [*frame.columns[:7]] == [
        "train_from",
        "train_to",
        "test_from",
        "test_to",
        "threshold",
        "stop",
        "execution_price",
    ]
    assert frame["test_to"].iloc[0] == pandas.Timestamp("2024-01-06", tz="UTC")
    assert frame["train_from"].iloc[3] == pandas.Timestamp("2024-01-07", tz="UTC")
    assert frame["out_return_percent"].tolist() == [each.row()["out_return_percent"] for each in walked.windows]


def test_files_hold_plain_values(walked, tmp_path):
    write_walk_json(walked, tmp_path / "walk.json")
    write_windows_csv(walked, tmp_path / "walk.csv")
    told = json.loads((tmp_path / "walk.json").read_text())
    assert told == json.loads(json.dumps(walked.to_dict()))
    assert told["consistency"] == walked.consistency
    assert len(told["equity"]) <= 2_000
    assert told["equity"][-1]["equity"] == walked.equity.equity[-1]
    read = pandas.read_csv(tmp_path / "walk.csv")
    assert read["out_metric"].tolist() == pytest.approx(walked.frame["out_metric"].tolist())
    assert read["train_from"].tolist() == [each.window.train_from_ms for each in walked.windows]
