"""A database as the doctor sees it: real ones of both kinds, none of them changed."""

import hashlib
import os
from pathlib import Path

import pytest
from sqlalchemy import make_url

from adapters import create_database, open_database
from adapters.doctor import can_run
from adapters.doctor.named_database import look_at_database
from tests.support.databases import raw_database


def looked_at(url):
    return {each.what: each for each in look_at_database(url)}


def test_no_database_is_no_problem():
    (finding,) = look_at_database(None)
    assert finding.ok
    assert "PERPSIM_DATABASE" in finding.found


def test_a_whole_database_has_everything(any_database_url):
    create_database(open_database(any_database_url, create=True))
    found = looked_at(any_database_url)
    assert all(each.ok for each in found.values())
    kind = any_database_url.partition(":")[0]
    assert f", {kind} " in found["can be reached"].found
    assert [*found] == ["can be reached", "table of klines", "tables of results", "other tables", "can be written"]


def test_an_empty_database_lacks_what_a_run_needs(any_database_url):
    open_database(any_database_url, create=True)
    found = looked_at(any_database_url)
    assert not can_run([*found.values()])
    assert [name for name, each in found.items() if not each.ok] == [
        "table of klines",
        "tables of results",
        "other tables",
    ]
    assert "backtest_results" in found["tables of results"].found
    assert found["can be written"].ok
    with raw_database(any_database_url) as raw:
        names = (
            raw.execute("select name from sqlite_master")
            if any_database_url.startswith("sqlite")
            else raw.execute("select tablename from pg_tables where schemaname = 'public'")
        )
    assert names == [], "what was tried is undone"


def test_a_platform_s_database_without_our_tables_can_run(any_database_url):
    create_database(open_database(any_database_url, create=True))
    with raw_database(any_database_url) as raw:
        for table in (
            "backtest_series",
            "backtest_desk",
            "backtest_tags",
            "backtest_journals",
            "backtest_orders",
            "backtest_labels",
            "backtest_trades",
            "backtest_details",
            "backtest_trigger_logs",
            "backtest_results",
        ):
            raw.execute(f"drop table {table}")
    found = looked_at(any_database_url)
    assert can_run([*found.values()])
    assert found["tables of results"].cost == "reading results; the first perpsim run --save makes them where it may"


def test_a_table_that_lacks_a_column_is_told(any_database_url):
    create_database(open_database(any_database_url, create=True))
    with raw_database(any_database_url) as raw:
        raw.execute("alter table perp_features drop column created_at")
    found = looked_at(any_database_url)
    assert "table perp_features lacks the columns created_at" in found["tables"].found


@pytest.mark.parametrize(
    "url",
    [
        "sqlite:///nowhere/market.db",
        "postgresql://me:hunter2@127.0.0.1:1/market",
        "postgresql://me:hunter2@127.0.0.1:1/market?connect_timeout=x",
        "mysql://me:hunter2@there/market",
        "market://me:hunter2",
        "sqlite:///",
    ],
)
def test_a_database_that_cannot_be_reached_is_told_without_its_password(url, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (finding,) = look_at_database(url)
    assert (finding.what, finding.ok, finding.needed) == ("can be reached", False, True)
    assert "hunter2" not in str(finding)


def test_the_password_of_a_database_that_can_be_reached_is_not_shown(postgresql_url):
    secret = make_url(postgresql_url).set(password="hunter2-secret")
    found = list(look_at_database(secret.render_as_string(hide_password=False)))
    assert "hunter2-secret" not in str(found)


def test_a_file_that_may_only_be_read_costs_writing_alone(tmp_path):
    path = tmp_path / "market.db"
    create_database(open_database(path, create=True))
    if os.geteuid() == 0:
        pytest.skip("root may write everything")
    path.chmod(0o444)
    found = looked_at(f"sqlite:///{path}")
    assert not found["can be written"].ok
    assert can_run([*found.values()])


def test_a_role_that_may_only_read_costs_writing_alone(postgresql_url):
    create_database(open_database(postgresql_url))
    with raw_database(postgresql_url) as raw:
        role = f"reader_{os.getpid()}"
        raw.execute(f"create role {role} login password 'hunter2'")
        try:
            raw.execute(f"grant select on all tables in schema public to {role}")
            url = make_url(postgresql_url).set(username=role, password="hunter2")
            found = looked_at(url.render_as_string(hide_password=False))
        finally:
            raw.execute(f"drop owned by {role}")
            raw.execute(f"drop role {role}")
    assert found["table of klines"].ok
    assert not found["can be written"].ok
    assert "hunter2" not in str(found)
    assert can_run([*found.values()])


def test_an_sqlite_file_keeps_its_bytes(tmp_path):
    path = tmp_path / "market.db"
    create_database(open_database(path, create=True))
    before = hashlib.sha256(Path(path).read_bytes()).hexdigest()
    list(look_at_database(f"sqlite:///{path}"))
    assert hashlib.sha256(Path(path).read_bytes()).hexdigest() == before
