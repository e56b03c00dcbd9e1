"""The page of a study in a real browser: its pictures, tips, brushes and the list of trials."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from adapters.study_pictures import (
    MeaningRow,
    SamplePoint,
    StudyDescription,
    TextTable,
    draw_sample_scatter,
    study_page,
)
from engine import DataError
from tests.support.trial_tables import grid_table, table_of

from tests.adapters.report.test_framed_page import exposed, offline  # isort: skip - skips where there is no browser
from tests.support.browsers import launched, wait_until  # isort: skip

from playwright.sync_api import Browser, Page, expect

pytestmark = pytest.mark.xdist_group("page")

READY = "window.perpsim?.ready_ms"
HOSTILE = "</script><script>alert(1)</script>"


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with launched() as found:
        yield found


def rows(page: Page) -> list[list[str]]:
    return [each.locator("td").all_inner_texts() for each in page.locator("table[aria-label=Trials] tbody tr").all()]


def grid(**more):
    axes = {"threshold": [*range(20, 44, 2)], "stop": [0.005, 0.01, 0.02, 0.03, 0.05, 0.08, 0.1, 0.15]}
    return grid_table(axes, lambda a, b: 2 - abs(a - 30) / 5 - abs(b - 0.03) * 10, **more)


def search(count=300):
    random = np.random.default_rng(4)
    threshold, side = random.integers(10, 45, count), random.choice(["long", "short"], count)
    stop, take = random.uniform(0.1, 5.0, (2, count))
    metric = threshold / 10 + (side == "long") + 0.1 * random.standard_normal(count)
    values = {"threshold": threshold, "side": side, "stop": stop, "take": take}
    return table_of({name: each.tolist() for name, each in values.items()}, metric)


def test_it_shows_what_a_study_is_and_came_to(browser: Browser, tmp_path: Path) -> None:
    scatter = draw_sample_scatter("Walk", "Sharpe ratio", [SamplePoint("1", 2.0, 1.0), SamplePoint("2", 1.0, 0.5)])
    statistics = [MeaningRow("Deflated Sharpe ratio", "0.31", "The chance that it is above 0")]
    configuration = {
        "symbols": ["BTC"], "start_time": 1_704_067_200_000, "fee_rate": 0.05, "params": {"a": 1},
        "code": f"class Dips: pass  # {HOSTILE}", "venue": None,
    }  # fmt: skip
    study = StudyDescription(
        "sweep of Dips", ["93 trials", HOSTILE], ["mind the gap"],
        grid(errors={5: HOSTILE, 40: HOSTILE, 7: "other"}), 100, [scatter],
        [MeaningRow("Efficiency", "50 %", "out over in")], statistics, configuration,
        [TextTable("Quantiles", ["", "real"], [[HOSTILE, "1"], ["Sharpe ratio", "2"]])],
    )  # fmt: skip
    study_page(study).save(tmp_path / "made.html")
    with offline(browser, tmp_path / "made.html") as page:
        wait_until(page, READY)
        expect(page.locator("h1")).to_have_text("sweep of Dips")
        main = page.locator("#main")
        tiles = dict(
            zip(
                main.locator(".figure > span").all_inner_texts(),
                main.locator(".figure > b").all_inner_texts(),
                strict=True,
            )
        )
        assert tiles == {
            "Trials": "96 of 100", "Failed": "3", "Best Sharpe ratio": "2", "Median Sharpe ratio": "0.4",
            "threshold": "30", "stop": "0.03", "Efficiency": "50 %",
        }  # fmt: skip
        names = main.locator("section h2:first-child").all_inner_texts()
        assert names == [
            "Quantiles", "Sharpe ratio in sample and out of sample", "Sharpe ratio over two parameters",
            "Parallel coordinates", "Importance", "How much of it is selection", "Trials, the best first",
            "Failed trials", "Configuration",
        ]  # fmt: skip
        expect(main).to_contain_text("The chance that it is above 0")
        quantiles = page.locator("section[aria-label=Quantiles] tr").all_inner_texts()
        assert [each.split("\t") for each in quantiles] == [["", "real"], [HOSTILE, "1"], ["Sharpe ratio", "2"]]
        failures = page.locator("section[aria-label='Failed trials'] tbody tr").all_inner_texts()
        assert [each.split("\t") for each in failures] == [[HOSTILE, "2", "105, 140"], ["other", "1", "107"]]
        written = page.locator("section[aria-label=Configuration] dl").inner_text()
        assert re.findall(r".+", written)[:6] == [
            "Symbols",
            "BTC",
            "Start",
            "2024-01-01 00:00:00 UTC",
            "Fee, %",
            "0.05",
        ]
        expect(page.locator("pre")).to_contain_text("class Dips")


def test_the_heat_map_says_what_stands_where_one_points(browser: Browser, tmp_path: Path) -> None:
    study_page(StudyDescription("s", table=grid())).save(tmp_path / "made.html")
    with offline(browser, tmp_path / "made.html") as page:
        wait_until(page, READY)
        heat = page.locator("section[aria-label='Sharpe ratio over two parameters'] svg")
        said = "each.dataset.said?.startsWith('threshold 30\\nstop 0.03')"
        place = exposed(page, f"[...document.querySelectorAll('svg rect')].findIndex((each) => {said})")
        page.locator("svg rect").nth(place).hover()
        expect(page.locator("#pointed")).to_be_visible()
        expect(page.locator("#pointed")).to_have_text(
            "threshold 30\nstop 0.03\nSharpe ratio 2 (trial 143)", use_inner_text=True
        )
        page.locator("h1").hover()
        expect(page.locator("#pointed")).to_be_hidden()
        assert heat.locator("title").count() == 0


def test_one_chooses_among_pairs_of_parameters_and_what_is_shown_of_them(browser: Browser, tmp_path: Path) -> None:
    study_page(StudyDescription("s", table=search())).save(tmp_path / "made.html")
    with offline(browser, tmp_path / "made.html") as page:
        wait_until(page, READY)
        card = page.locator("section[aria-label='Sharpe ratio over two parameters']")
        pairs = page.get_by_label("Parameters", exact=True).locator("option").all_inner_texts()
        assert len(pairs) == 6
        assert pairs[0] == "threshold and side"
        assert page.get_by_label("Shown", exact=True).locator("option").all_inner_texts() == [
            "heat map: best",
            "heat map: mean",
            "heat map: worst",
            "surface",
        ]
        expect(card.locator("svg")).to_have_attribute("aria-label", "Sharpe ratio over threshold and side")
        expect(card).to_contain_text("of several trials in a cell the best")
        page.get_by_label("Shown", exact=True).select_option("heat map: worst")
        expect(card).to_contain_text("of several trials in a cell the worst")
        page.get_by_label("Shown", exact=True).select_option("surface")
        expect(card).to_contain_text("there is no surface")
        page.get_by_label("Parameters", exact=True).select_option(next(each for each in pairs if "side" not in each))
        expect(card.locator("svg")).to_have_attribute("aria-label", re.compile("Surface of Sharpe ratio over"))


def test_the_list_of_trials_is_sorted_by_any_column_both_ways(browser: Browser, tmp_path: Path) -> None:
    table = search()
    missing = replace(
        table,
        figures={"Trades": [None if place % 3 else place for place in range(300)]},
        states=["done"] * 299 + ["pruned"],
    )
    study_page(StudyDescription("s", table=missing)).save(tmp_path / "made.html")
    best = [table.numbers[place] for place in np.argsort(-table.metric_values)]
    with offline(browser, tmp_path / "made.html") as page:
        wait_until(page, READY)
        heads = page.locator("table[aria-label=Trials] th").all_inner_texts()
        assert heads == ["#", "threshold", "side", "stop", "take", "Sharpe ratio", "Trades", "State"]
        assert [int(each[0]) for each in rows(page)] == best[:50]
        page.get_by_role("button", name="stop", exact=True).click()
        wait_until(page, "document.querySelector('th[aria-sort=descending]')")
        shown = [float(each[3]) for each in rows(page)]
        assert shown == pytest.approx(sorted(table.parameters[2].values, reverse=True)[:50], rel=1e-4)
        page.get_by_role("button", name=re.compile("stop")).click()
        wait_until(page, "document.querySelector('th[aria-sort=ascending]')")
        assert [float(each[3]) for each in rows(page)] == pytest.approx(
            sorted(table.parameters[2].values)[:50], rel=1e-4
        )
        page.get_by_role("button", name="side", exact=True).click()
        wait_until(page, "document.querySelector('th[aria-sort=descending]').innerText.startsWith('side')")
        assert {each[2] for each in rows(page)} == {"short"}
        page.get_by_role("button", name="Trades", exact=True).click()
        wait_until(page, "document.querySelector('th[aria-sort=descending]').innerText.startsWith('Trades')")
        assert rows(page)[0][6] == "297"
        page.get_by_role("button", name=re.compile("Trades")).click()
        wait_until(page, "document.querySelector('th[aria-sort=ascending]')?.innerText.startsWith('Trades')")
        assert [each[6] for each in rows(page)][:2] == ["0", "3"]


def brush(page: Page, axis: int, low: float, high: float) -> None:
    """Drag along an axis between two shares of its height."""
    canvas = page.locator("canvas")
    canvas.scroll_into_view_if_needed()
    box = canvas.bounding_box()
    assert box
    scale = box["width"] / exposed(page, "perpsim.lines.width")
    x = box["x"] + scale * exposed(page, f"perpsim.lines.x({axis})")
    at = [box["y"] + scale * exposed(page, f"perpsim.lines.y({share})") for share in (low, high)]
    page.mouse.move(x, at[0])
    page.mouse.down()
    page.mouse.move(x, (at[0] + at[1]) / 2, steps=3)
    page.mouse.move(x, at[1])
    page.mouse.up()


def test_a_brush_keeps_the_trials_within_in_the_lines_and_in_the_list(browser: Browser, tmp_path: Path) -> None:
    table = search()
    study_page(StudyDescription("s", table=table)).save(tmp_path / "made.html")
    threshold, side = (np.array(table.parameters[place].values) for place in (0, 1))
    low, high = threshold.min(), threshold.max()
    share = (threshold - low) / (high - low)
    with offline(browser, tmp_path / "made.html") as page:
        wait_until(page, READY)
        expect(page.locator("section[aria-label='Parallel coordinates']")).to_contain_text(
            "300 trials: drag along an axis"
        )
        brush(page, 0, 0.795, 1.01)
        within = {table.numbers[place] for place in np.flatnonzero(share >= 0.795)}
        card = page.locator("section[aria-label='Parallel coordinates']")
        expect(card).to_contain_text(f"{len(within)} of 300 trials are within")
        expect(page.locator("section[aria-label='Trials, the best first']")).to_contain_text(f"of {len(within)}")
        assert {int(each[0]) for each in rows(page)} <= within
        first = str(dict.fromkeys(side.tolist()).popitem()[0])
        brush(page, 1, 0.6, 0.9)
        both = {table.numbers[place] for place in np.flatnonzero((share >= 0.795) & (side == first))}
        expect(card).to_contain_text(f"{len(both)} of 300 trials are within")
        page.get_by_role("button", name="Show all").click()
        expect(card).to_contain_text("300 trials: drag along an axis")
        assert len(rows(page)) == 50
        page.locator("table[aria-label=Trials] tbody tr").nth(2).click()
        third = table.numbers[int(np.argsort(-table.metric_values)[2])] - 100
        assert exposed(page, "perpsim.lines.chosen") == third
        brush(page, 0, 0.795, 1.01)
        page.locator("canvas").focus()
        page.keyboard.press("Escape")
        expect(card).to_contain_text("300 trials: drag along an axis")


PIXEL = """(() => {
    const { lines } = perpsim;
    const heights = [0, 1].map((place) => lines.y(lines.axes[place].shares[lines.kept.at(-1)]));
    const at = [(lines.x(0) + lines.x(1)) / 2, (heights[0] + heights[1]) / 2].map((each) => each * devicePixelRatio);
    return [...lines.canvas.getContext("2d").getImageData(...at, 1, 1).data].slice(0, 3);
})()"""


def test_the_best_line_is_on_top_of_the_picture(browser: Browser, tmp_path: Path) -> None:
    study_page(StudyDescription("s", table=search())).save(tmp_path / "made.html")
    with offline(browser, tmp_path / "made.html") as page:
        wait_until(page, READY)
        assert exposed(page, PIXEL) == pytest.approx([0xD8, 0x1B, 0x60], abs=40)


def test_ten_thousand_trials_are_listed_a_page_at_a_time_and_drawn_in_part(browser: Browser, tmp_path: Path) -> None:
    axes = {"fast": [*range(100)], "slow": [*range(100)]}
    table = grid_table(axes, lambda a, b: float(a * b))
    page_file = study_page(StudyDescription("s", table=table))
    assert len(page_file.html) < 2_000_000
    page_file.save(tmp_path / "made.html")
    with offline(browser, tmp_path / "made.html") as page:
        wait_until(page, READY)
        expect(page.locator("section[aria-label='Trials, the best first']")).to_contain_text("1 to 50 of 10,000")
        expect(page.locator("section[aria-label='Parallel coordinates']")).to_contain_text("3,000 of them are drawn")
        assert page.locator("table[aria-label=Trials] tbody tr").count() == 50
        page.get_by_role("button", name="fast", exact=True).click()
        wait_until(page, "document.querySelector('th[aria-sort=descending]')")
        assert {each[1] for each in rows(page)} == {"99"}


@pytest.mark.parametrize(
    "table",
    [
        None,
        table_of({"a": []}, []),
        table_of({}, [1.0, 2.0]),
        table_of({"a": [1, 2], "b": ["x", "y"]}, [0.0, 0.0], errors={0: "boom", 1: "boom"}),
        table_of({"a": [1, 2, 3]}, [1.0, 2.0, 2.5]),
        table_of({"a": [1, 1], "b": [None, [1, 2]]}, [1.0, float("nan")], is_least=True),
    ],
    ids=["no trials are there", "none is done", "nothing varies", "all failed", "one parameter", "odd values"],
)
def test_whatever_a_study_came_to_there_is_a_page(browser: Browser, tmp_path: Path, table) -> None:
    study_page(StudyDescription("odd", table=table)).save(tmp_path / "made.html")
    with offline(browser, tmp_path / "made.html") as page:
        wait_until(page, READY)
        expect(page.locator("h1")).to_have_text("odd")
        expect(page.locator("section[aria-label=Configuration]")).to_be_visible()
        assert page.locator("table[aria-label=Trials]").count() == (table is not None and len(table) > 0)


def test_a_trial_without_the_metric_has_a_dash_for_it(browser: Browser, tmp_path: Path) -> None:
    table = table_of({"a": [1, 2]}, [1.0, float("nan")])
    study_page(StudyDescription("s", table=table)).save(tmp_path / "made.html")
    with offline(browser, tmp_path / "made.html") as page:
        wait_until(page, READY)
        assert [each[2] for each in rows(page)] == ["1", "\N{EN DASH}"]


def test_it_asks_no_network_and_holds_no_markup_of_others() -> None:
    table = table_of({"a": [HOSTILE, "b"]}, [1.0, 2.0], errors={1: HOSTILE})
    html = study_page(StudyDescription(HOSTILE, [HOSTILE], [HOSTILE], table)).html
    assert "alert(1)</script>" not in html
    assert "default-src 'none'" in html
    assert not re.findall(r'(?:src|href)="', html)


def test_a_page_that_cannot_be_written_is_refused(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="cannot be written"):
        study_page(StudyDescription("s")).save(tmp_path / "no" / "made.html")
