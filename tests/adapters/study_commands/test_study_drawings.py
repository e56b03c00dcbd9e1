"""The picture and the page that commands of many runs write."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from adapters import main, open_database
from adapters.studies import Study, StudyStore, parse_metric
from adapters.study_commands.study_drawings import draw_study
from adapters.study_pictures import MeaningRow, SamplePoint, draw_sample_scatter
from tests.support.command_files import fill_market, write_run
from tests.support.runs import DAY, START

pytest.importorskip("matplotlib")

PROGRAM = """
class TurnRound:
    def init(self, params):
        self.size = params["size"]
        if params["size"] == 0.3:
            raise ValueError("too much")

    def should_trade(self, data):
        held = data.positions.get("BTC")
        side = "sell" if held and held.side == "long" else "buy"
        return Decision(side, "BTC", target_portion_of_balance=self.size, leverage=2)
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    fill_market(tmp_path / "market.db")
    write_run(tmp_path, PROGRAM)
    return tmp_path


def called(folder: Path, *words: str) -> Result:
    paths = [str(folder / word) if re.fullmatch(r"[\w/]+\.(toml|png|svg|html|gif)", word) else word for word in words]
    return CliRunner().invoke(main, [*paths, "--database", f"sqlite:///{folder}/market.db"])


def sweep(folder: Path, *words: str) -> Result:
    vary = ["--param", "size=0.1,0.2,0.3", "--vary", "slippage_percent=0.02,0.1", "--workers", "1", "--trust"]
    return called(folder, "sweep", "run.toml", *vary, "--metric", "total_pnl_percent", *words)


def test_a_sweep_writes_its_picture_and_its_page_and_a_stored_one_is_drawn_again(folder: Path) -> None:
    done = sweep(folder, "--plot", "made.png", "--report", "made.html", "--save", "--quiet")
    assert done.exit_code == 0, done.output
    assert (folder / "made.png").read_bytes().startswith(b"\x89PNG")
    page = (folder / "made.html").read_text("utf-8")
    assert "<title>Sweep of TurnRound on BTC</title>" in page
    again = called(folder, "studies", "draw", "1", "--plot", "again.png", "--report", "again.html")
    assert again.exit_code == 0, again.output
    assert (folder / "again.png").read_bytes() == (folder / "made.png").read_bytes()
    assert "<title>Sweep of TurnRound on BTC</title>" in (folder / "again.html").read_text("utf-8")


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--plot", "made.gif"), "must end in .png, .svg, .pdf"),
        (("--plot", "no/made.png"), "there is no folder"),
        (("--report", "no/made.html"), "there is no folder"),
        (("--report", "-", "--json", "-"), "only one of the files can be -"),
    ],
)
def test_files_that_cannot_be_written_are_refused_before_anything_runs(
    folder: Path, words: tuple[str, ...], said: str
) -> None:
    done = sweep(folder, *words)
    assert done.exit_code == 2
    assert said in re.sub(r"\s+", " ", done.output)
    assert "trials" not in done.output


def test_the_page_may_be_standard_output(folder: Path) -> None:
    done = sweep(folder, "--report", "-")
    assert done.exit_code == 0, done.output
    assert done.stdout.startswith("<!doctype html>")
    assert "6 trials, 2 failed" in done.stderr


def test_of_what_cannot_be_drawn_there_is_a_page_and_a_note(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    study = Study("search", {"symbols": ["BTC"], "start_time": START, "end_time": START + DAY}, (), ())
    study.metrics = (parse_metric("sharpe_ratio"),)
    draw_study(study, tmp_path / "made.svg", tmp_path / "made.html")
    assert "made.svg is not written: no trial is done: there is nothing to draw" in capsys.readouterr().err
    assert [each.name for each in tmp_path.iterdir()] == ["made.html"]
    points = [SamplePoint("1", 2.0, 1.0), SamplePoint("2", 1.0, 0.5)]
    further = draw_sample_scatter("Walk", "Sharpe ratio", points)
    rows = [MeaningRow("Deflated Sharpe ratio", "0.31", "that it is above 0")]
    draw_study(study, tmp_path / "made.svg", tmp_path / "made.html", [further], rows)
    assert "out of sample" in (tmp_path / "made.svg").read_text("utf-8")


def test_drawing_a_stored_study_needs_a_file_and_a_study_that_is_there(folder: Path) -> None:
    assert "name a file: --plot FILE, --report FILE, or both" in called(folder, "studies", "draw", "1").output
    assert called(folder, "studies", "draw", "7", "--plot", "made.svg").exit_code != 0


def test_a_stored_study_of_which_nothing_can_be_drawn_is_an_error_beside_its_page(folder: Path) -> None:
    database = open_database(folder / "market.db")
    config = {"symbols": ["BTC"], "start_time": START, "end_time": START + DAY}
    StudyStore(database).create(Study("search", config, (), (parse_metric("sharpe_ratio"),))).finish("interrupted")
    done = called(folder, "studies", "draw", "1", "--plot", "made.svg", "--report", "made.html")
    assert done.exit_code == 1
    assert "Error: " in done.output
    assert "made.svg is not written: no trial is done: there is nothing to draw" in done.output
    assert [(folder / name).exists() for name in ("made.svg", "made.html")] == [False, True]
