"""How every command of many runs begins and ends: what cannot keep its study is said before anything is loaded, and the
page of a study has what selection makes of it.
"""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from adapters import open_database, synthetic_klines
from adapters.studies import read_study, selection_rows
from tests.support.command_files import fill_market, write_run
from tests.support.commands import perpsim

WALK = ("--train", "4h", "--test", "1h")
COMMANDS = [("sweep",), ("search", "--trials", "1"), ("walk-forward", *WALK)]


@pytest.fixture
def run(tmp_path: Path) -> Path:
    """A configuration whose market is not there, beside a database that has another."""
    fill_market(f"sqlite:///{tmp_path / 'market.db'}")
    path = write_run(tmp_path)
    path.write_text(path.read_text().replace("BTC", "NONE"))
    return path


@pytest.mark.parametrize("command", COMMANDS, ids=lambda words: words[0])
@pytest.mark.parametrize(
    ("results", "told"),
    [
        ("sqlite:///{}/none.db", "none.db; perpsim import, synth or database create makes it"),
        ("sqlite:///{}/run.toml", "run.toml: is not an SQLite database"),
        ("sqlite:///{}", "is a folder"),
        ("mysql://host/base", "mysql databases cannot be used here"),
        ("sqlite:///{}/other.db", "perp_trials"),
    ],
)
def test_results_that_cannot_keep_it_are_refused_before_the_market_is_loaded(
    tmp_path: Path, run: Path, command: tuple[str, ...], results: str, told: str
) -> None:
    other = open_database(tmp_path / "other.db", create=True)
    with other.writing() as connection:
        connection.exec_driver_sql("create table perp_trials (id integer)")
    words = (run, "--database", f"sqlite:///{tmp_path / 'market.db'}", "--vary", "fee_rate=0.1,0.2", "--trust")
    given = perpsim(*command, *words, "--results", results.format(tmp_path))
    assert given.exit_code == 1
    assert told in given.output
    assert "NONE" not in given.output
    assert "holds no klines of NONE" in perpsim(*command, *words, "--save").output


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("card",), "--results is where the study of --study ID is"),
        (("monte-carlo", "--costs"), "--results is where a result ID is"),
    ],
)
def test_results_that_nothing_is_looked_up_in_are_wrong_usage(
    tmp_path: Path, run: Path, words: tuple[str, ...], told: str
) -> None:
    name, *options = words
    given = perpsim(name, run, *options, "--database", tmp_path / "market.db", "--results", tmp_path / "market.db")
    assert (given.exit_code, told in given.output.replace("\n", " ")) == (2, True), given.output


PROGRAM = """
class Dips:
    def init(self, params):
        self.low = params["low"]

    def should_trade(self, data):
        rsi = data.get_indicator("BTC", "RSI14", "1h")
        if not rsi:
            return None
        if data.positions:
            return Decision("close", "BTC") if rsi["value"] > 50 else None
        return Decision("buy", "BTC", target_portion_of_balance=0.5, leverage=2) if rsi["value"] < self.low else None
"""
START = 1_704_067_200_000
DAYS = 45


def test_a_reader_of_the_page_sees_what_selection_makes_of_the_best(tmp_path: Path) -> None:
    from tests.support.browsers import launched, wait_until  # isort: skip  # skips where there is no browser
    from tests.adapters.report.test_framed_page import offline

    url = fill_market(f"sqlite:///{tmp_path / 'market.db'}", synthetic_klines("BTC", START, DAYS * 1440, seed=4))
    path = write_run(tmp_path, PROGRAM, "2024-01-02T00:00", "2024-02-14T00:00")
    words = ("--param", "low=34:48:2", "--set", "scheduled_interval=1h", "--trust", "--workers", 1, "--save")
    done = perpsim("sweep", path, "--database", url, *words, "--report", tmp_path / "page.html")
    assert done.exit_code == 0, done.output
    judged = json.loads(perpsim("studies", "--database", url, "judge", 1, "--json").output)
    with launched() as browser, offline(browser, tmp_path / "page.html") as page:
        wait_until(page, "window.perpsim?.ready_ms")
        section = page.locator("section[aria-label='How much of it is selection']")
        rows = [each.locator("td") for each in section.locator("tr").all()]
        assert all(cell.is_visible() for row in rows for cell in row.all())
        told = {label: (value, meaning) for label, value, meaning in (row.all_inner_texts() for row in rows)}
        overflow = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    assert told["Verdict"] == (judged["verdict"], judged["reason"])
    assert told["Trials counted"][0] == str(judged["trials"]) == "8"
    assert told["Sharpe ratio of the best"][0] == f"{judged['sharpe_ratio']:.2f}"
    for label, name in (
        ("Probabilistic Sharpe ratio", "probabilistic_sharpe_ratio"),
        ("Deflated Sharpe ratio", "deflated_sharpe_ratio"),
        ("Probability of overfitting", "overfitting_probability"),
        ("Reality check, p", "reality_check_p"),
        ("Superior ability (SPA), p", "superior_ability_p"),
    ):
        assert told[label][0] == f"{judged[name]:.3f}"
    assert all(meaning for _, meaning in told.values())
    assert list(told) == [each.label for each in selection_rows(read_study(open_database(url), 1)[0].selection())]
    assert overflow <= 0
