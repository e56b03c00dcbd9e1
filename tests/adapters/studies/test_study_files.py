"""Studies as frames and files: each says the same."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from adapters.studies import Metric, Parameter, Study, write_equity_frame, write_study_json, write_trials_csv
from adapters.trials import KEPT_FIGURES, Trial
from tests.adapters.studies.test_study_store import CONFIG, outcome

#: A text that a CSV file has to quote.
TEXT = 'a "quoted", text\nof two lines; é'
VALUES = {
    "low": (1, 2.5, None),
    "mode": ("long", TEXT, "-1"),
    "state": ("calm", "wild", "calm"),
    "sharpe_ratio": (7, 8, 9),
    "number": (5, 6, 7),
    "fee_rate": (0.1, 0.1 + 0.2, 0.035),
    "symbols": (["BTC"], ["BTC", "ETH"], ["ETH"]),
}
FIELDS = ("fee_rate", "symbols")


@pytest.fixture
def made() -> Study:
    """Three trials, the last of which failed, of parameters that are called like columns."""
    parameters = tuple(Parameter(name, name in FIELDS, values) for name, values in VALUES.items())
    study = Study("sweep", CONFIG, parameters, (Metric("sharpe_ratio"),), 3)
    for number in (2, 0, 1):
        found = outcome(number, 0.1 + 0.2 + number, "it broke,\nand more" if number == 2 else None)
        if number == 1:
            figures = {**found.figures, "best_trade_percent": None, "max_drawdown_at": 1_704_067_200_001}
            found = replace(found, figures=figures, daily_ms=found.daily_ms[2:], daily_equity=found.daily_equity[2:])
        given = {name: values[number] for name, values in VALUES.items()}
        fields = {name: given.pop(name) for name in FIELDS}
        study.add(Trial(number, fields, given), found)
    return study


def test_a_parameter_that_is_called_like_a_column_hides_none(made: Study) -> None:
    frame = made.frame
    assert [*frame["params.state"]] == ["calm", "wild", "calm"]
    assert [*frame["state"]] == ["done", "done", "failed"]
    assert [*frame["params.sharpe_ratio"]] == [7, 8, 9]
    assert frame["sharpe_ratio"].isna().tolist() == [False, False, True]
    assert [*frame["params.number"]] == [5, 6, 7]
    assert frame.reset_index()["number"].tolist() == [0, 1, 2]
    assert [*frame["fee_rate"]] == [0.1, 0.1 + 0.2, 0.035]


def test_a_csv_file_read_by_pandas_is_the_frame(made: Study, tmp_path: Path) -> None:
    path = tmp_path / "trials.csv"
    write_trials_csv(made, path)
    read, frame = pd.read_csv(path, dtype={"digest": str}).set_index("number"), made.frame
    assert {*read.columns} == {*frame.columns}
    for name in ("mode", "params.state", "state", "error", "digest"):
        assert read[name].dropna().to_dict() == frame[name].dropna().to_dict()
    for name in ("low", "params.sharpe_ratio", "fee_rate", "sharpe_ratio", "total_trades", "profit_factor"):
        np.testing.assert_array_equal(read[name].to_numpy(np.float64), frame[name].to_numpy(np.float64))
    assert [json.loads(text) for text in read["symbols"]] == [*VALUES["symbols"]]
    assert read["max_drawdown_at"][1] == 1_704_067_200_001
    assert frame["max_drawdown_at"][1] == pd.Timestamp(1_704_067_200_001, unit="ms", tz="UTC")


def test_json_has_every_value_and_figure_of_it(made: Study, tmp_path: Path) -> None:
    path = tmp_path / "study.json"
    write_study_json(made, path)
    entry = json.loads(path.read_text())
    assert entry["best"] == 1
    for each, found in zip(made, entry["trials"], strict=True):
        assert found["number"] == each.number
        assert {**found["params"], **found["fields"]} == each.values
        assert (found["state"], found["error"], found["digest"]) == (
            each.state,
            each.outcome.error,
            each.outcome.digest,
        )
        assert {*found["figures"]} == ({*KEPT_FIGURES} if each.figures else set())
        assert found["daily_ms"] == each.outcome.daily_ms.tolist()
        assert found["daily_equity"] == each.outcome.daily_equity.tolist()


def test_equity_has_a_column_for_each_trial_and_gaps_where_it_has_none(made: Study, tmp_path: Path) -> None:
    equity, path = made.equity, tmp_path / "equity.csv"
    assert [*equity.columns] == [0, 1]
    assert equity[1].isna().tolist() == [True, True, False, False, False]
    assert equity[0].tolist() == made[0].outcome.daily_equity.tolist()
    write_equity_frame(made, path)
    read = pd.read_csv(path, index_col="time")
    np.testing.assert_array_equal(read.to_numpy(), equity.to_numpy())
    assert pd.to_datetime(read.index).tolist() == [each.floor("s") for each in equity.index]
