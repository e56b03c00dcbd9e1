"""``perpsim certify``: a certificate on the terminal and as JSON, and its exit status."""

import json

import pytest

from adapters import create_database, open_database
from tests.support.command_files import fill_market, write_run
from tests.support.commands import perpsim

PROGRAM = """
class TurnRound:
    def should_trade(self, data):
        held = data.positions.get("BTC")
        side = "sell" if held and held.side == "long" else "buy"
        return Decision(side, "BTC", target_portion_of_balance=0.5, leverage=2)
"""
#: Trusted source text is run in this process, where it can keep something from run to run.
STALE = """
import sys


class Stale:
    def should_trade(self, data):
        seen = sys.__dict__.setdefault("seen_by_stale", set())
        is_new = data.timestamp not in seen
        seen.add(data.timestamp)
        return Decision("buy", "BTC", target_portion_of_balance=0.1, leverage=1) if is_new else None
"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """A market, and two programs with their configurations."""
    made = tmp_path_factory.mktemp("certify")
    url = f"sqlite:///{made / 'market.db'}"
    create_database(open_database(url, create=True))
    fill_market(url)
    write_run(made, PROGRAM)
    (made / "stale").mkdir()
    write_run(made / "stale", STALE)
    return made


def asked(folder, *words, config="run.toml"):
    url = f"sqlite:///{folder / 'market.db'}"
    return perpsim("certify", folder / config, "--database", url, "--workers", 1, "--cuts", 4, *words)


def test_a_certificate_is_shown_and_written(folder, tmp_path):
    done = asked(folder, "--json", tmp_path / "it.json", "--trust")
    assert done.exit_code == 0, done.output
    lines = done.stdout.splitlines()
    assert lines[0] == "program.py on binance: BTC"
    assert lines[1].startswith("2024-01-01 02:00:00 UTC to 2024-01-01 12:00:00 UTC, digest")
    assert max(map(len, lines)) <= 80
    assert "Certificate: PASSED, all 7 checks passed" in lines
    assert "No look-ahead: passed" in lines
    found = json.loads((tmp_path / "it.json").read_text("utf-8"))
    assert found["verdict"] == "passed"
    assert len(found["checks"][0]["evidence"]["cuts"]) == 4
    assert found["checks"][0]["evidence"]["kinds"]["at a decision, through a database"] == 1


def test_jailed_it_is_the_same(folder, tmp_path):
    for name, words in (("jailed", ()), ("trusted", ("--trust",))):
        assert asked(folder, "--quiet", "--json", tmp_path / name, *words).exit_code == 0
    assert (tmp_path / "jailed").read_bytes() == (tmp_path / "trusted").read_bytes()


def test_json_without_a_file_is_alone_on_standard_output(folder):
    done = asked(folder, "--trust", "--json", "--seed", 3)
    assert json.loads(done.stdout)["title"] == "program.py on binance: BTC"
    assert "No look-ahead: passed" in done.stderr
    quiet = asked(folder, "--trust", "--quiet", "--json")
    assert quiet.stderr == ""
    cuts = [json.loads(each.stdout)["checks"][0]["evidence"]["cuts"] for each in (done, quiet)]
    assert cuts[0] != cuts[1]


def test_a_failed_check_is_the_exit_status(folder):
    done = asked(folder, "--trust", config="stale/run.toml")
    assert done.exit_code == 1
    assert "Certificate: FAILED, failed: No look-ahead" in done.stdout
    assert "kept from an earlier run" in " ".join(done.stdout.split())
    assert "Error" not in done.stderr


def test_what_is_no_number_of_cuts_is_refused(folder):
    done = asked(folder, "--cuts", 0)
    assert done.exit_code == 2
    assert "0 is not in the range x>=1" in done.stderr


def test_a_certificate_is_checked(folder, tmp_path):
    assert asked(folder, "--trust", "--quiet", "--json", tmp_path / "it.json").exit_code == 0
    url = f"sqlite:///{folder / 'market.db'}"
    words = ("--trust", "--workers", 1, "--database", url)
    done = perpsim("certify", "--check", tmp_path / "it.json", *words)
    assert (done.exit_code, done.stdout.splitlines()[-1]) == (0, "All is as the file says.")
    told = json.loads((tmp_path / "it.json").read_text("utf-8"))
    told["contents"]["fields"]["slippage_percent"] = 0.2
    (tmp_path / "it.json").write_text(json.dumps(told), "utf-8")
    other = perpsim("certify", "--check", tmp_path / "it.json", "--quiet", *words)
    assert other.exit_code == 1
    assert "head of the journal: the file says '" in other.stdout


@pytest.mark.parametrize("both", [True, False])
def test_a_configuration_or_a_file_is_asked_for(folder, both):
    words = [folder / "run.toml", "--check", folder / "run.toml"] if both else []
    done = perpsim("certify", *words, "--database", "sqlite:///market.db")
    assert done.exit_code == 2
    assert "either a CONFIG.toml, or --check FILE" in " ".join(done.stderr.split())


@pytest.mark.parametrize(
    ("option", "value"),
    [("--cuts", 24), ("--ties", 3), ("--seed", 1), ("--set", "funding=false"), ("--profile", "live")],
)
def test_what_the_file_says_is_not_said_again(folder, tmp_path, option, value):
    (tmp_path / "it.json").write_text("{}")
    done = perpsim("certify", "--check", tmp_path / "it.json", option, value, "--database", "sqlite:///market.db")
    assert done.exit_code == 2
    assert f"--check FILE runs what the file says: leave out {option}" in " ".join(done.stderr.split())


def test_a_file_that_is_damaged_is_no_certificate(folder, tmp_path):
    assert asked(folder, "--trust", "--quiet", "--json", tmp_path / "it.json").exit_code == 0
    found = json.loads((tmp_path / "it.json").read_text("utf-8"))
    damages = [
        ({"settings": {"cuts": 3}}, "its settings are not cuts, ties, seed"),
        ({"fields": 5}, "no fields of a configuration"),
        ({"program": ["x"]}, "no program that is a text"),
    ]
    told = [({**found, "contents": {**found["contents"], **other}}, problem) for other, problem in damages]
    told.append(({**found, "contents": {"data": {}}}, "its contents have no versions"))
    told.append(({**found, "checks": [{"name": "laws"}]}, "no title or no verdict"))
    for certificate, problem in told:
        (tmp_path / "it.json").write_text(json.dumps(certificate), "utf-8")
        done = perpsim("certify", "--check", tmp_path / "it.json", "--database", f"sqlite:///{folder / 'market.db'}")
        assert done.exit_code == 1
        assert problem in " ".join(done.stderr.split())
        assert "defect" not in done.stderr


def test_postgresql_is_asked_too(folder, postgresql_url, tmp_path):
    done = asked(folder, "--trust", "--quiet", "--json", tmp_path / "it.json", "--postgresql", postgresql_url)
    assert done.exit_code == 0
    check = json.loads((tmp_path / "it.json").read_text("utf-8"))["checks"][1]
    assert "a database of PostgreSQL" in check["reason"]
    assert check["not_shown"] == []
