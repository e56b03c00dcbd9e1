"""``perpsim certify``: a certificate on the terminal and as JSON, and its exit status."""

import json
import platform
import shutil

import pytest

from adapters import create_database, open_database
from adapters.report import ResultReader
from tests.adapters.report.test_html_page import blocks, values
from tests.support.command_files import PROGRAM, fill_market, write_run
from tests.support.commands import perpsim
from tests.support.presses import pressing

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
    return perpsim("certify", folder / config, "--database", url, "--workers", 1, "--cuts", 4, "--ties", 2, *words)


@pytest.fixture(scope="module")
def kept(folder):
    """A certificate as a file, what was said of it, and the database that keeps its result."""
    url = f"sqlite:///{folder / 'kept.db'}"
    create_database(open_database(url, create=True))
    files = ("--json", folder / "it.json", "--report", folder / "it.html")
    return url, asked(folder, "--trust", "--results", url, "--label", "proved", *files)


def test_it_is_stored_with_the_result_that_a_run_stores(folder, kept):
    url, done = kept
    assert done.exit_code == 0, done.output
    assert done.stdout.endswith("\nStored as result 1\n")
    words = ("--database", f"sqlite:///{folder / 'market.db'}", "--results", url, "--quiet", "--trust")
    assert perpsim("run", folder / "run.toml", *words).exit_code == 0
    proved, plain = (json.loads(perpsim("results", "--database", url, "show", n, "--json").stdout) for n in (1, 2))
    told = json.loads((folder / "it.json").read_text("utf-8"))
    assert proved.pop("certificate") == told
    assert (proved["label"], proved["digest"]) == ("proved", told["digest"])
    differing = {name for name in plain if proved[name] != plain[name]}
    assert differing == {"id", "label", "execution_time_ms", "journal_head"}
    logs = [perpsim("results", "--database", url, "export", n, "--json", "-", "--no-timing").stdout for n in (1, 2)]
    one, two = map(json.loads, logs)
    assert one["trigger_log"] == two["trigger_log"]
    assert (one["certificate"], "certificate" in two) == (told, False)


def test_a_stored_result_is_shown_and_reported_with_it(folder, kept):
    url, done = kept
    shown = perpsim("results", "--database", url, "show", 1).stdout
    certificate = done.stdout.removesuffix("Stored as result 1\n")
    assert certificate.startswith("program.py on binance: BTC\n")
    assert shown.endswith(certificate)
    assert perpsim("report", 1, "--database", url, "--html", folder / "stored.html").exit_code == 0
    for page in ("it.html", "stored.html"):
        found = values(blocks((folder / page).read_text("utf-8"))["result"])["summary"]["certificate"]
        told = json.loads((folder / "it.json").read_text("utf-8"))
        assert (found["verdict"], [each["title"] for each in found["checks"]]) == (
            "passed",
            [each["title"] for each in told["checks"]],
        )
    server = ResultReader(open_database(url))
    assert json.loads(json.dumps(server.summary(1)["certificate"])) == found


def test_files_of_check_are_those_of_a_run(folder, kept):
    words = ("--database", kept[0], "--check", folder / "it.json")
    for more in (("--save",), ("--results", kept[0]), ("--report", folder / "no.html")):
        done = perpsim("certify", *words, *more)
        assert (done.exit_code, f"leave out {more[0]}" in " ".join(done.stderr.split())) == (2, True)


def at_the_checks(frame, event, argument):
    """Whether the first check begins: the run itself is over."""
    return event == "call" and frame.f_code.co_name == "look_ahead_check"


def test_a_result_whose_certificate_is_interrupted_is_stored_without_one(folder, tmp_path):
    url = f"sqlite:///{tmp_path / 'results.db'}"
    create_database(open_database(url, create=True))
    with pressing(at_the_checks, 1):
        done = asked(folder, "--trust", "--results", url)
    assert done.exit_code == 130
    assert done.stderr.splitlines()[-2:] == ["Stored as result 1, without a certificate", "Interrupted."]
    found = json.loads(perpsim("results", "--database", url, "show", 1, "--json").stdout)
    assert (found["status"], "certificate" in found) == ("completed", False)


def test_a_certificate_is_shown_and_written(folder, kept):
    done = kept[1]
    assert done.exit_code == 0, done.output
    lines = done.stdout.splitlines()
    assert lines[0] == "program.py on binance: BTC"
    assert lines[1].startswith("2024-01-01 02:00:00 UTC to 2024-01-01 12:00:00 UTC, digest")
    assert max(map(len, lines)) <= 80
    assert "Certificate: PASSED, all 7 checks passed" in lines
    assert "No look-ahead: passed" in lines
    found = json.loads((folder / "it.json").read_text("utf-8"))
    assert found["verdict"] == "passed"
    assert len(found["checks"][0]["evidence"]["cuts"]) == 4
    assert found["checks"][0]["evidence"]["kinds"]["at a decision, through a database"] == 1


def test_jailed_it_is_the_same_and_json_without_a_file_is_alone_on_standard_output(folder, kept):
    done = asked(folder, "--quiet", "--json")
    assert (done.exit_code, done.stderr) == (0, "")
    assert done.stdout_bytes == (folder / "it.json").read_bytes()


def test_another_seed_cuts_elsewhere(folder, kept):
    done = asked(folder, "--trust", "--json", "--seed", 3)
    found = json.loads(done.stdout)
    assert found["title"] == "program.py on binance: BTC"
    assert "No look-ahead: passed" in done.stderr
    told = json.loads((folder / "it.json").read_text("utf-8"))
    cuts = [each["checks"][0]["evidence"]["cuts"] for each in (found, told)]
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


def test_somebody_else_checks_it_on_a_copy_with_another_version_of_python(folder, kept, tmp_path):
    """What cannot be the same there is named, and nothing else."""
    shutil.copy(folder / "market.db", tmp_path / "copy.db")
    told = json.loads((folder / "it.json").read_text("utf-8"))
    told["contents"]["versions"]["python"] = "3.11.0"
    (tmp_path / "it.json").write_text(json.dumps(told), "utf-8")
    words = ("--trust", "--workers", 1, "--database", f"sqlite:///{tmp_path / 'copy.db'}")
    done = perpsim("certify", "--check", tmp_path / "it.json", "--quiet", *words)
    here = platform.python_version()
    assert done.exit_code == 1
    assert done.stdout == f"\nversion of python: the file says '3.11.0', and it is {here!r}\n"


def test_a_certificate_is_checked(folder, kept, tmp_path):
    url = f"sqlite:///{folder / 'market.db'}"
    words = ("--trust", "--workers", 1, "--database", url)
    done = perpsim("certify", "--check", folder / "it.json", *words)
    assert (done.exit_code, done.stdout.splitlines()[-1]) == (0, "All is as the file says.")
    told = json.loads((folder / "it.json").read_text("utf-8"))
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


def test_a_file_that_is_damaged_is_no_certificate(folder, kept, tmp_path):
    found = json.loads((folder / "it.json").read_text("utf-8"))
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
