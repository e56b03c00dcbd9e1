"""The files of a result."""

from __future__ import annotations

import csv
import io
import json
import tomllib
from itertools import pairwise
from pathlib import Path

import pytest

from adapters import open_database
from adapters.results import read_result
from engine import BacktestConfig
from tests.support.web_pages import store
from tests.support.web_server import Server, configuration

pytestmark = pytest.mark.xdist_group("api")


def test_every_file_has_what_is_stored_unrounded(server: Server, done: int, tmp_path: Path) -> None:
    stored = read_result(open_database(f"sqlite:///{server.market}"), done)
    answers = {
        name: server.client.get(f"/api/backtests/{done}/download/{name}")
        for name in ("json", "trades", "equity", "report", "configuration")
    }
    assert {answer.status_code for answer in answers.values()} == {200}
    assert json.loads(answers["json"].text)["trades"] == stored.trades
    trades = [*csv.DictReader(io.StringIO(answers["trades"].text))]
    assert [float(row["pnl"]) for row in trades] == [trade["pnl"] for trade in stored.trades]
    equity = [*csv.DictReader(io.StringIO(answers["equity"].text))]
    times = [int(row["timestamp"]) for row in equity]
    assert {after - before for before, after in pairwise(times)} == {60_000}
    assert (times[0], times[-1]) == (stored.config["start_time"], stored.config["end_time"])
    every_minute = {time: float(row["equity"]) for time, row in zip(times, equity, strict=True)}
    assert len(times) > len(stored.curve) > 100
    for point in stored.curve:
        assert every_minute[point["timestamp"]] == pytest.approx(point["equity"], rel=1e-7)
    deepest = max(float(row["drawdown"]) for row in equity)
    assert deepest == pytest.approx(stored.figures["max_drawdown"], abs=0.01)
    assert answers["report"].text.startswith("<!doctype html>")
    config = BacktestConfig.from_dict(tomllib.loads(answers["configuration"].text))
    assert config.to_dict() == stored.config
    for name, answer in answers.items():
        assert str(server.market.parent) not in answer.text, name
    names = [answer.headers["content-disposition"] for answer in answers.values()]
    assert names[:2] == [f'attachment; filename="{done}-Dips-BTC-ETH{end}"' for end in (".json", "-trades.csv")]
    assert answers["equity"].headers["x-lacking"] == "amounts are stored with seven digits"


def test_a_run_without_figures_has_its_configuration_alone(server: Server) -> None:
    run_id = store(server, BacktestConfig.from_dict(configuration()))
    assert server.client.get(f"/api/backtests/{run_id}/download/configuration").status_code == 200
    assert server.client.get(f"/api/backtests/{run_id}/download/json").status_code == 409
    assert server.client.get(f"/api/backtests/{run_id}/download/secrets").status_code == 422
