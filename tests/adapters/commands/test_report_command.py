"""``perpsim report``: where the file goes."""

from __future__ import annotations

from pathlib import Path

import pytest

from adapters import create_database, open_database
from tests.support.command_files import fill_market, write_run
from tests.support.commands import perpsim
from tests.support.stored_runs import StoredTwice, eventful_twice


@pytest.fixture(scope="module")
def twice(tmp_path_factory: pytest.TempPathFactory) -> StoredTwice:
    return eventful_twice(tmp_path_factory.mktemp("report"))


def words(twice: StoredTwice, *more: object) -> list[str]:
    return ["report", str(twice.run_id), "--database", str(twice.path), *map(str, more)]


def test_without_a_name_it_is_written_into_this_folder(
    twice: StoredTwice, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    done = perpsim(*words(twice))
    made = tmp_path / f"result-{twice.run_id}.html"
    assert done.exit_code == 0, done.stderr
    assert done.stdout == f"{made.name}: {made.stat().st_size / 1e6:.1f} MB\n"
    piped = perpsim(*words(twice, "--html", "-"))
    assert piped.stdout == made.read_text("utf-8")


def test_it_says_where_it_is_when_there_is_no_screen(
    twice: StoredTwice, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("BROWSER", "DISPLAY", "WAYLAND_DISPLAY"):
        monkeypatch.delenv(name, raising=False)
    done = perpsim(*words(twice, "--html", tmp_path / "made.html", "--open"))
    assert done.exit_code == 0
    assert done.stderr == f"The report is {tmp_path / 'made.html'}; there is no screen with a browser to show it on\n"


@pytest.mark.parametrize("place", ["no folder/made.html", "-"])
def test_a_place_that_cannot_be_is_refused(twice: StoredTwice, tmp_path: Path, place: str) -> None:
    file = place if place == "-" else tmp_path / place
    done = perpsim(*words(twice, "--html", file, *(("--open",) if place == "-" else ())))
    assert done.exit_code == (2 if place == "-" else 1)
    assert "--open needs a file" in done.stderr if place == "-" else "cannot be written" in done.stderr


def test_a_result_that_is_not_there_is_told_with_what_lists_them(twice: StoredTwice) -> None:
    done = perpsim("report", 99, "--database", twice.path, "--html", "-")
    assert (done.exit_code, done.stdout) == (1, "")
    assert "there is no back-test 99; perpsim results list tells which there are" in done.stderr


def test_what_led_to_trades_is_told_from_the_journal_that_is_stored_or_of_the_run_made_again(tmp_path: Path) -> None:
    path, url = write_run(tmp_path), f"sqlite:///{tmp_path / 'market.db'}"
    create_database(open_database(url, create=True))
    fill_market(url)
    words = ("run", path, "--database", url, "--trust", "--quiet", "--save")
    assert perpsim(*words).exit_code == perpsim(*words, "--journal", tmp_path / "run.jsonl").exit_code == 0
    bare, again, kept = (
        perpsim("report", *more, "--database", url, "--html", "-").stdout
        for more in ((1,), (1, "--explain", "--trust"), (2,))
    )
    assert 'id="explained"' not in bare
    assert "What led to trades is not told: no journal is stored with it" in bare
    for page in (again, kept):
        assert 'id="explained"' in page
        assert "is not told" not in page

    def explained(page: str) -> str:
        return page.partition('id="explained">')[2].partition("<")[0]

    assert explained(again) == explained(kept)
