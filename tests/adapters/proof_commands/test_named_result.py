"""The result that a command is asked about, as a user names it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from adapters import write_klines
from adapters.database import open_database
from engine.journal import Journal
from tests.support.command_files import fill_market, pools_file, write_run
from tests.support.commands import perpsim
from tests.support.klines import random_klines

AT = "2024-01-01T07:00:00Z"


def test_it_is_named_by_id_as_the_latest_by_its_json_and_by_its_configuration(
    any_database_url: str, tmp_path: Path
) -> None:
    """On each database, with pools, two symbols and a fault in the configuration."""
    url = fill_market(any_database_url)
    write_klines(open_database(url), "binance", "ETH", "1m", random_klines(2_000))
    (tmp_path / "signals.toml").write_text(pools_file(45, 55))
    assert perpsim("signals", "add", tmp_path / "signals.toml", "--database", url).exit_code == 0
    path = write_run(tmp_path)
    faults = '\n[[faults]]\nkind = "rejects"\npercent = 40\n'
    own = path.read_text().replace('["BTC"]', '["BTC", "ETH"]').replace('"15m"', '"2h"')
    path.write_text(f"{own}signal_pool_ids = [1, 2]\ndrill_down = true\n{faults}")
    saved = ("--save", "--json", tmp_path / "result.json", "--trust", "--quiet")
    done = perpsim("run", path, "--database", url, *saved)
    assert done.exit_code == 0, done.output
    whole, last = tmp_path / "whole.jsonl", tmp_path / "last.jsonl"
    later = f'faults=[{{kind="rejects",percent=40}},{{kind="outage",start={AT},duration="1h"}}]'
    run = perpsim("run", path, "--set", later, "--database", url, "--trust", "--quiet", "--journal", whole)
    assert run.exit_code == 0, run.output
    for name in (1, tmp_path / "result.json", path):
        nothing = perpsim("what-if", name, "--at", AT, "--database", url, "--trust")
        assert "Nothing differs: both journals end with" in nothing.output
        assert "not what its run gives now" not in nothing.output
    words = ("--at", AT, "--fault", "outage", "--database", url, "--trust", "--journal", last)
    assert perpsim("what-if", "latest", *words).exit_code == 0
    first, *lines = Journal.read(whole).records()
    other_first, *other_lines = Journal.read(last).records()
    assert first["configuration"] != other_first["configuration"]
    assert [{**each, "~hash": ""} for each in lines] == [{**each, "~hash": ""} for each in other_lines]
    assert any(each["message"] == "fault began" and each["fault"] == "outage" for each in lines)


def test_what_is_no_result_is_told_with_what_is(tmp_path: Path) -> None:
    url = fill_market(f"sqlite:///{tmp_path / 'market.db'}")
    (tmp_path / "other.json").write_text(json.dumps({"a": 1}))
    (tmp_path / "text.json").write_text("text")
    for name, status, problem in (
        ("latest", 1, "holds no result yet: perpsim run --save stores one"),
        (
            tmp_path / "other.json",
            1,
            "other.json is no result: it has no config; name the id of a stored result, latest",
        ),
        (tmp_path / "text.json", 1, "text.json is no result: it is no JSON"),
        (tmp_path / "missing.json", 2, "is neither the id of a stored result nor a file"),
        ("newest", 2, "newest is neither the id of a stored result nor a file"),
    ):
        done = perpsim("what-if", name, "--at", AT, "--database", url)
        assert (done.exit_code, problem in " ".join(done.output.split())) == (status, True), done.output


def test_another_market_than_that_of_the_result_is_remarked(tmp_path: Path) -> None:
    url = fill_market(f"sqlite:///{tmp_path / 'market.db'}")
    path, result = write_run(tmp_path), tmp_path / "result.json"
    assert perpsim("run", path, "--database", url, "--trust", "--quiet", "--json", result).exit_code == 0
    known = json.loads(result.read_text())
    known["config"]["fee_rate"] = 0.2
    result.write_text(json.dumps(known))
    done = perpsim("what-if", result, "--at", AT, "--database", url, "--trust")
    assert f"the result is not what its run gives now (digest {known['digest']}, now " in done.output


@pytest.mark.parametrize("field", ["code", "strategy"])
def test_a_result_without_source_text_names_the_way_out(tmp_path: Path, field: str) -> None:
    url = fill_market(f"sqlite:///{tmp_path / 'market.db'}")
    config = {"code": None, "strategy": "Mine" if field == "strategy" else None, "symbols": ["BTC"]}
    (tmp_path / "result.json").write_text(json.dumps({"config": config}))
    done = perpsim("what-if", tmp_path / "result.json", "--at", AT, "--database", url)
    assert done.exit_code == 1
    assert "in Python give the data and the class: perpsim.what_if(result, data, strategy=...)" in done.output
