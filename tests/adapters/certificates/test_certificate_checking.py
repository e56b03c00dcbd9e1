"""A certificate of a file is made again: all is as it says, or what is not is named."""

from __future__ import annotations

import json

import pytest

from adapters import create_database, open_database
from adapters.certificates import check_certificate, make_certificate
from adapters.certificates.certificate_checking import deviations, read_certificate
from adapters.certificates.certificate_contents import contents_of
from adapters.certificates.proof_subject import ProofSubject
from adapters.trials import stored_job
from adapters.workers import ThisProcess
from engine import BacktestConfig, DataError
from tests.support.command_files import fill_market
from tests.support.noise_runs import Turns, noise_job

CODE = """class Turns:
    def should_trade(self, data):
        held = data.positions.get("BTC")
        side = "sell" if held and held.side == "long" else "buy"
        return Decision(side, "BTC", target_portion_of_balance=0.5, leverage=2)
"""
FIELDS = {
    "code": CODE, "symbols": ["BTC"], "exchange": "binance", "scheduled_interval": "1h",
    "start_time": "2024-01-01T02:00:00Z", "end_time": "2024-01-01T12:00:00Z",
}  # fmt: skip


@pytest.fixture(scope="module")
def certified(tmp_path_factory):
    """The URL of a market, and the file of a certificate on it."""
    folder = tmp_path_factory.mktemp("checking")
    url = f"sqlite:///{folder / 'market.db'}"
    create_database(open_database(url, create=True))
    fill_market(url)
    job = stored_job(open_database(url, read_only=True), BacktestConfig.from_dict(FIELDS), trust=True)
    with ThisProcess() as here:
        make_certificate(job, here, cuts=2, ties=2, seed=1).save_json(folder / "it.json")
    return url, folder / "it.json"


def checked(path, url):
    with ThisProcess() as here:
        return check_certificate(path, url, here, trust=True)


def test_what_is_as_it_says_has_no_deviation(certified):
    url, path = certified
    found = checked(path, url)
    assert found.deviations == ()
    assert found.made.to_dict()["checks"] == read_certificate(path)["checks"]


@pytest.mark.parametrize(
    ("change", "names"),
    [
        (lambda told: told["contents"].update(head="0" * 32), ["head of the journal"]),
        (lambda told: told["contents"]["data"].update(BTC="0" * 32), ["data of BTC"]),
        (lambda told: told["contents"]["versions"].update(perpsim="0.0.9"), ["version of perpsim"]),
        (lambda told: told.update(digest="0" * 32), ["digest of the result"]),
        (lambda told: told["checks"][1].update(verdict="failed"), ["check Determinism"]),
        (lambda told: told["checks"].pop(0), ["check No look-ahead"]),
        (lambda told: told["checks"].append({**told["checks"][0], "name": "x", "title": "X"}), ["check X"]),
        (lambda told: told.update(verdict="fine"), ["verdict"]),
        (lambda told: told.update(reason="it is fine"), ["reason"]),
        (lambda told: told.update(end_time="then"), ["end"]),
        (lambda told: told["checks"][0].update(reason="10,000 runs"), ["check No look-ahead, reason"]),
        (lambda told: told["checks"][0].update(not_shown="no"), ["check No look-ahead, what is not shown"]),
        (lambda told: told["contents"]["code"].update(program="1" * 32), ["code of program"]),
    ],
)
def test_what_is_otherwise_is_named(certified, change, names):
    _, path = certified
    made = read_certificate(path)
    told = json.loads(json.dumps(made))
    change(told)
    found = list(deviations(told, made))
    assert [each.name for each in found] == names
    assert found[0].words.startswith(f"{names[0]}: the file says '")


def test_another_program_or_setting_comes_to_another_head(certified, tmp_path):
    url, path = certified
    told = read_certificate(path)
    told["contents"]["program"] = CODE.replace("0.5", "0.4")
    told["contents"]["fields"]["fee_rate"] = 0.01
    (tmp_path / "other.json").write_text(json.dumps(told), "utf-8")
    names = [each.name for each in checked(tmp_path / "other.json", url).deviations]
    assert names == ["code of program", "configuration", "head of the journal", "digest of the result"]


def test_what_is_no_certificate_is_refused(tmp_path):
    for content, said in (
        ("{", "it is no JSON"),
        ("", "it is no JSON"),
        ("[1]", "is no certificate"),
        ('{"checks": [1]}', "is no certif"),
    ):
        (tmp_path / "it.json").write_text(content, "utf-8")
        with pytest.raises(DataError, match=said):
            read_certificate(tmp_path / "it.json")


def test_a_program_that_is_not_in_the_file_is_refused(certified, tmp_path):
    told = read_certificate(certified[1])
    told["contents"]["program"] = contents_of(ProofSubject(noise_job(Turns), ThisProcess())).program
    (tmp_path / "it.json").write_text(json.dumps(told), "utf-8")
    with pytest.raises(DataError, match="was a class or an object"):
        checked(tmp_path / "it.json", "sqlite:///none.db")
