"""A run that is another one elsewhere is found, with what is to blame."""

from __future__ import annotations

import pytest
from sqlalchemy import inspect

from adapters import open_database
from adapters.certificates import Verdict
from adapters.certificates.determinism import determinism_check
from adapters.certificates.proof_subject import ProofSubject
from adapters.workers import ThisProcess
from tests.support import planted_disorder as planted
from tests.support.noise_runs import Turns


def checked(job, **more):
    with ThisProcess() as here:
        return determinism_check(ProofSubject(job, here, **more))


@pytest.mark.parametrize(
    ("program", "signals", "blamed"),
    [
        (planted.ByHash, [], "another hash seed (4711): line"),
        (planted.BySeed, [], "another hash seed (16180): line"),
        (planted.Both, [planted.ByZone()], "another time zone"),
        (planted.ByProcess, [], "another process"),
    ],
)
def test_what_is_another_elsewhere_is_named(program, signals, blamed):
    check = checked(planted.job(program, signals, scheduled_interval="1h"))
    assert check.verdict is Verdict.FAILED
    assert check.reason.startswith(blamed)
    differing = [each["name"].partition(" (")[0] for each in check.evidence["places"] if each["differs"]]
    assert differing == [blamed.partition(" (")[0]]


def test_a_run_that_is_the_same_everywhere_has_one_head():
    check = checked(planted.job(Turns))
    assert check.verdict is Verdict.PASSED
    heads = {each["head"] for each in check.evidence["places"] if each["problem"] is None}
    assert heads == {None, check.evidence["head"]} or heads == {check.evidence["head"]}
    assert check.not_shown == [
        "a database of PostgreSQL: no server was named; --postgresql URL names an empty database of one"
    ]


def test_what_a_database_does_not_keep_shows():
    job = planted.job(Turns, prepare=planted.prepare_on_note)
    market = job.grounds[""].market
    market.note = "hidden"
    try:
        check = checked(job)
    finally:
        del market.note
    assert check.verdict is Verdict.FAILED
    assert "a database of SQLite: line" in check.reason


def test_postgresql_is_a_place_too(postgresql_url):
    check = checked(planted.job(Turns), postgresql=postgresql_url)
    assert (check.verdict, check.not_shown) == (Verdict.PASSED, [])
    assert "a database of PostgreSQL" in check.reason
    with open_database(postgresql_url).reading() as connection:
        assert inspect(connection).get_table_names() == []
    held = checked(planted.job(Turns), postgresql=f"{postgresql_url}_not_there")
    assert any(each.startswith("a database of PostgreSQL: ") for each in held.not_shown)


def test_what_cannot_be_sent_is_not_shown_elsewhere():
    check = checked(planted.job(Turns, [planted.Locked()]))
    assert any("3 other hash seeds" in each and "cannot be sent" in each for each in check.not_shown)
    assert (check.verdict, check.reason) == (Verdict.PASSED, "the same journal with a database of SQLite")
