"""``perpsim card``: a page on the terminal, as HTML and as JSON, and what it refuses."""

import json

import pytest

from adapters import create_database, open_database
from tests.support.command_files import fill_market, write_run
from tests.support.commands import perpsim

PROGRAM = """
class TurnRound:
    def init(self, params):
        self.portion = params["portion"]

    def should_trade(self, data):
        held = data.positions.get("BTC")
        side = "sell" if held and held.side == "long" else "buy"
        return Decision(side, "BTC", target_portion_of_balance=self.portion, leverage=2)
"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """A market, a program with a parameter, and its configuration."""
    made = tmp_path_factory.mktemp("card")
    path = write_run(made, PROGRAM)
    path.write_text(path.read_text("utf-8") + "\n[params]\nportion = 0.5\n")
    url = f"sqlite:///{made / 'market.db'}"
    create_database(open_database(url, create=True))
    fill_market(url)
    return made


def asked(folder, *words):
    return perpsim(
        "card", folder / "run.toml", "--database", f"sqlite:///{folder / 'market.db'}", "--workers", 1, *words
    )


def test_a_card_is_shown_and_written(folder, tmp_path):
    done = asked(folder, "--html", tmp_path / "card.html", "--json", tmp_path / "card.json")
    assert done.exit_code == 0, done.output
    lines = done.stdout.splitlines()
    assert lines[0] == "program.py on binance: BTC"
    assert lines[1].startswith("2024-01-01 02:00:00 UTC to 2024-01-01 12:00:00 UTC, ")
    assert max(map(len, lines)) <= 80
    found = json.loads((tmp_path / "card.json").read_text("utf-8"))
    assert f"Verdict: {found['verdict'].upper()}, " in done.stdout
    page = (tmp_path / "card.html").read_text("utf-8")
    for line in found["lines"]:
        assert line["title"] in done.stdout
        assert f'<tr id="{line["name"]}">' in page
    assert found["lines"][3]["facts"]["neighbours"] == 4


def test_jailed_and_trusted_it_is_the_same(folder, tmp_path):
    for name, words in (("jailed", ()), ("trusted", ("--trust",))):
        assert asked(folder, "--quiet", "--json", tmp_path / name, *words).exit_code == 0
    assert (tmp_path / "jailed").read_bytes() == (tmp_path / "trusted").read_bytes()


def test_a_file_on_standard_output_is_alone_there(folder):
    done = asked(folder, "--json", "-", "--trust")
    assert json.loads(done.stdout)["title"] == "program.py on binance: BTC"
    assert "Break-even fee" in done.stderr
    quiet = asked(folder, "--html", "-", "--trust", "--quiet")
    assert quiet.stdout.startswith("<!doctype html>")
    assert quiet.stderr == ""


def test_ranges_say_what_the_neighbours_are(folder):
    done = asked(folder, "--param", "portion=0.1:0.7:0.1", "--param", "portion=1,2", "--trust")
    assert done.exit_code == 1
    assert "portion: is there twice" in done.stderr
    found = json.loads(asked(folder, "--param", "portion=0.4,0.5,0.9", "--json", "-", "--trust", "--quiet").stdout)
    plateau = next(each for each in found["lines"] if each["name"] == "plateau")
    assert plateau["facts"]["neighbours"] == 2
    assert plateau["verdict"] in ("not told", "bad")


def test_the_trials_of_a_stored_study_count(folder, tmp_path):
    url = f"sqlite:///{folder / 'market.db'}"
    swept = ("--param", "portion=0.1:0.9:0.1", "--database", url, "--workers", 1, "--quiet", "--trust")
    store = f"sqlite:///{tmp_path / 'studies.db'}"
    create_database(open_database(store, create=True))
    done = perpsim("sweep", folder / "run.toml", *swept, "--metric", "total_pnl", "--results", store)
    assert done.exit_code == 0, done.output
    words = ("--json", "-", "--trust", "--quiet")
    alone = json.loads(asked(folder, *words).stdout)
    found = json.loads(asked(folder, "--study", 1, "--results", store, *words).stdout)
    luck, luck_alone = (
        next(line["facts"] for line in each["lines"] if line["name"] == "deflated_sharpe") for each in (found, alone)
    )
    assert luck["trials"] == luck_alone["trials"] + 9
    assert "has no study 2" in asked(folder, "--study", 2, "--results", store, *words).stderr
    assert "1 observation(s) are too few" in perpsim("studies", "judge", 1, "--database", store).stderr


def test_the_best_of_a_stored_study_is_judged(tmp_path):
    url = f"sqlite:///{tmp_path / 'market.db'}"
    made = perpsim("synth", "--database", url, "--symbol", "BTC", "--exchange", "binance", "--days", 12)
    assert made.exit_code == 0, made.output
    path = write_run(tmp_path, PROGRAM, "2024-01-01T02:00", "2024-01-12T02:00")
    swept = ("--param", "portion=0.1:0.5:0.1", "--set", "scheduled_interval=4h", "--database", url, "--trust")
    done = perpsim("sweep", path, *swept, "--workers", 1, "--quiet", "--save")
    assert done.exit_code == 0, done.output
    told = perpsim("studies", "judge", 1, "--database", url)
    assert told.stdout.startswith("Verdict: not told apart from noise, the best trial earned or lost on 12 of 12\n")
    assert "Trials counted                         5" in told.stdout
    report = json.loads(perpsim("studies", "judge", 1, "--json", "--database", url).stdout)
    assert (report["trials"], report["active"]) == (5, 12)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--param", "portoin=1,2"), "did you mean portion?"),
        (("--param", "portion="), "portion=' is not of the form NAME=VALUES"),
        (("--html", "-", "--json", "-"), "only one of the files can be -"),
        (("--html", "/nowhere/card.html"), "/nowhere"),
        (("--set", "params.portion=text", "--param", "portion=1,2"), "portion: is no number in [params]"),
    ],
)
def test_what_cannot_be_done_is_refused(folder, words, said):
    done = asked(folder, "--trust", *words)
    assert done.exit_code != 0
    assert said in done.stderr


@pytest.mark.parametrize("option", ["--report", "--plot", "--csv"])
def test_what_a_card_does_not_write_is_no_option_of_it(folder, tmp_path, option):
    done = asked(folder, option, tmp_path / "written.png")
    assert (done.exit_code, "No such option" in done.stderr and option in done.stderr) == (2, True)
