"""A certificate in one call, and with a back-test."""

import perpsim
import pytest

from adapters import create_database, open_database
from adapters.certificates import Verdict, make_certificate
from adapters.workers import ThisProcess
from engine import ConfigurationError
from tests.adapters.report.test_html_page import blocks, values
from tests.support import planted_leaks as planted

FIELDS = {
    "symbols": list(planted.SYMBOLS),
    "start_time": planted.START,
    "end_time": planted.START + planted.DAYS * planted.DAY,
    "scheduled_interval": "1h",
}


def test_it_is_the_certificate_of_that_job():
    history = planted.market({"ahead": planted.shifted})
    made = perpsim.certify(history, planted.AboveKnown, cuts=5, seed=2, workers=1, progress=False, **FIELDS)
    same = make_certificate(planted.job(planted.AboveKnown, history), ThisProcess(), cuts=5, seed=2)
    assert made.to_dict() == same.to_dict()
    assert made.verdict is Verdict.FAILED
    assert made.title == "AboveKnown on hyperliquid: BTC, ETH"


def test_features_that_are_functions_are_given_to_the_call():
    made = perpsim.certify(
        planted.market(), planted.AboveKnown, features={"ahead": planted.shifted}, cuts=4, workers=1, progress=False,
        **FIELDS,
    )  # fmt: skip
    assert made.verdict is Verdict.FAILED
    assert not any("features given as values" in each for each in made.check("look_ahead").not_shown)


def test_without_a_number_of_workers_it_runs_where_the_program_can_be_sent():
    made = perpsim.certify(planted.market(), planted.Alternating, cuts=3, progress=False, **FIELDS)
    assert made.verdict is Verdict.PASSED
    assert made.check("look_ahead").not_shown == []

    class Holds:
        def __init__(self):
            self.made = (each for each in ())  # what nobody can send

        def __deepcopy__(self, memo):
            return self

        def should_trade(self, data):
            return planted.turned(data, "BTC" not in data.positions)

    here = perpsim.certify(planted.market(), Holds(), cuts=3, progress=False, **FIELDS)
    assert here.verdict is Verdict.PASSED
    assert any("all of them ran in this one" in each for each in here.check("look_ahead").not_shown)


def test_a_backtest_has_its_certificate_where_it_is_asked_for(tmp_path):
    history = planted.market()
    result = perpsim.backtest(history, planted.Alternating, certify={"cuts": 3, "ties": 2}, progress=False, **FIELDS)
    plain = perpsim.backtest(history, planted.Alternating, progress=False, **FIELDS)
    assert result.certificate["verdict"] == "passed"
    assert result.certificate["digest"] == result.digest == plain.digest
    assert result.to_dict()["certificate"] == result.certificate
    assert plain.certificate == {}
    assert "certificate" not in plain.to_dict()


def test_a_certificate_is_stored_with_its_result_and_comes_back(any_database_url, tmp_path):
    given = {"certify": {"cuts": 2, "ties": 1}, "save": any_database_url, "progress": False, **FIELDS}
    create_database(open_database(any_database_url, create=True))
    result = perpsim.backtest(planted.market(), planted.Alternating, **given)
    perpsim.backtest(planted.market(), planted.Alternating, **{**given, "certify": False})
    stored = perpsim.results(any_database_url)
    assert stored[1].certificate == result.certificate
    assert stored[1].digest == result.digest
    assert stored[2].certificate == {}
    for made in (result, stored[1]):
        made.report(tmp_path / "it.html")
        page = values(blocks((tmp_path / "it.html").read_text("utf-8"))["result"])
        assert page["summary"]["certificate"]["verdict"] == "passed"
        assert len(page["summary"]["certificate"]["checks"]) == len(result.certificate["checks"])


def test_what_a_program_kept_from_before_is_found_with_the_result_at_hand():
    planted.SEEN.clear()
    result = perpsim.backtest(planted.market(), planted.RemembersLastRun, certify=True, progress=False, **FIELDS)
    planted.SEEN.clear()
    assert result.certificate["verdict"] == "failed"


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"cutts": 3}, r"cutts: .*did you mean cuts\?"),
        ({"workers": -1}, r"workers: -1 is no number of processes"),
        ({"cuts": 0}, r"cuts: 0 is no number of cuts: give 1 or more"),
        ({"ties": 1.5}, r"ties: 1\.5 is no number of ties: give 1 or more"),
        ({"seed": "x"}, r"seed: 'x' is no seed: give a whole number from 0 on"),
    ],
)
def test_what_cannot_be_run_is_refused(given, said):
    with pytest.raises(ConfigurationError, match=said):
        perpsim.certify(planted.market(), planted.Alternating, **{**FIELDS, "workers": 1, **given})


NO_SERVER = "postgresql://me:s3cr3t@127.0.0.1:1/empty"


def test_a_database_of_postgresql_is_a_place_and_its_password_is_nowhere(postgresql_url):
    fields = {**FIELDS, "end_time": planted.START + planted.DAY}
    given = planted.market(), planted.Alternating
    options = {"cuts": 1, "ties": 1, "workers": 1, "progress": False}
    made = perpsim.certify(*given, postgresql=postgresql_url, **options, **fields)
    assert "a database of PostgreSQL" in made.check("determinism").reason
    held = perpsim.certify(*given, postgresql=NO_SERVER, **options, **fields)
    assert any(each.startswith("a database of PostgreSQL: ") for each in held.check("determinism").not_shown)
    assert "s3cr3t" not in f"{held}{held.to_dict()}"


def test_a_backtest_takes_options_of_its_certificate():
    fields = {**FIELDS, "end_time": planted.START + planted.DAY, "progress": False}
    options = {"cuts": 2, "ties": 3, "postgresql": NO_SERVER}
    made = perpsim.backtest(planted.market(), planted.Alternating, certify=options, **fields).certificate
    checks = {each["name"]: each for each in made["checks"]}
    assert made["contents"]["settings"] == {"cuts": 2, "ties": 3, "seed": 0}
    assert any(each.startswith("a database of PostgreSQL: ") for each in checks["determinism"]["not_shown"])
    assert "s3cr3t" not in f"{made}"


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"cutts": 2}, "certify: 'cutts' is none of cuts, ties, seed, postgresql"),
        ({"cuts": 0}, "cuts: 0 is no number of cuts"),
        ({"postgresql": "x"}, "postgresql: no URL"),
        (5, "certify: .* neither true nor false nor a dict"),
    ],
)
def test_options_that_are_none_are_refused_before_the_run(given, said):
    with pytest.raises(ConfigurationError, match=said):
        perpsim.backtest(planted.market(), planted.Alternating, certify=given, progress=False, **FIELDS)


@pytest.mark.parametrize("url", ["sqlite:///s3cr3t.db", "s3cr3t", 5])
def test_what_is_no_database_of_postgresql_is_refused(url):
    with pytest.raises(ConfigurationError, match="postgresql: no URL of a database of PostgreSQL") as refused:
        perpsim.certify(planted.market(), planted.Alternating, postgresql=url, workers=1, progress=False, **FIELDS)
    assert "s3cr3t" not in str(refused.value)
