"""Jobs of calls at a notebook: those on a database can be loaded by workers elsewhere that reach it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pandas
import pytest
from sqlalchemy import make_url

from adapters import create_database, open_database, synthetic_klines, write_klines
from adapters.studies import varied_grounds
from adapters.trials import Ground, Job
from adapters.trials.trial_runs import _TrialSetup
from adapters.workbench.given_data import GivenFrames
from adapters.workbench.given_study import GivenOwn, given_job, given_parameters
from adapters.workbench.workspace import Workspace
from adapters.workers.cluster_fetching import fetch_of, fetched_columns
from adapters.workers.mapped_files import write_columns
from adapters.workers.sent_objects import packed
from engine import Decision, MarketData
from tests.adapters.workbench.test_kept_results import START_MS

HOUR = 3_600_000


class Turns:
    """Buys, and sells again at the next call."""

    def should_trade(self, data: MarketData) -> Decision:
        return Decision("close" if data.positions else "buy", "BTC", target_portion_of_balance=0.3, leverage=1)


@pytest.fixture
def market(any_database_url: str) -> str:
    """Two symbols that begin at different times: so do the runs on them where nothing is said."""
    database = open_database(any_database_url, create=True)
    create_database(database)
    for place, name in enumerate(("BTC", "ETH")):
        klines = synthetic_klines(name, START_MS + place * HOUR, 600, seed=5 + place)
        write_klines(database, "x", name, "1m", klines)
    return any_database_url


def job_on(data: Any, vary: dict[str, Any], features: Any = None, **fields: Any) -> Job:
    parameters = given_parameters(None, vary)
    return given_job(data, Turns, parameters, GivenFrames(), features, (), GivenOwn(), True, fields).job


@pytest.mark.parametrize(
    "vary",
    [
        {"fee_rate": [0.0, 0.1]},
        {"symbols": ["BTC", "ETH", ["BTC", "ETH"]]},
        {"symbols": ["ETH", "BTC"], "end_time": [START_MS + 5 * HOUR, START_MS + 6 * HOUR]},
    ],
)
def test_what_workers_elsewhere_load_are_the_columns_of_the_job(
    market: str, tmp_path: Path, vary: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    job = job_on(market, vary)
    setup = _TrialSetup(job)
    fetch = fetch_of(setup)
    assert fetch is not None
    monkeypatch.setenv("PERPSIM_DATABASE", market)
    assert fetched_columns(fetch, tmp_path / "fetched") == ""
    write_columns(tmp_path / "sent", packed(setup, "it", aside=True, far=True))
    assert (tmp_path / "fetched").read_bytes() == (tmp_path / "sent").read_bytes()
    assert (tmp_path / "sent").stat().st_size > 600 * 7 * 8
    assert len(job.grounds) == len(dict.fromkeys(map(repr, varied_grounds(given_parameters(None, vary)))))


def test_a_database_is_named_however_it_is_given_and_without_its_password(market: str) -> None:
    database = open_database(market, read_only=True)
    names = {job_on(data, {"fee_rate": [0.0]}).database for data in (market, database, Workspace(database))}
    (name,) = names
    assert name is not None
    assert make_url(name).database == make_url(market).database
    assert make_url(name).password in (None, "***")


def test_what_is_not_stored_as_it_is_names_no_database(market: str) -> None:
    database = open_database(market, read_only=True)
    own = {"mood": pandas.Series([1.0], pandas.DatetimeIndex([pandas.Timestamp(START_MS, unit="ms", tz="UTC")]))}
    ground: Ground = job_on(database, {"fee_rate": [0.0]}).grounds[""]
    for data, features in ((database, own), (ground.market, None)):
        job = job_on(data, {"fee_rate": [0.0]}, features)
        assert job.database is None
        assert fetch_of(_TrialSetup(job)) is None
