"""Every combination of values in one call, and the studies that are kept of it."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from adapters import backtest, create_database, open_database, synthetic_klines, write_klines
from adapters.signals import add_signals
from adapters.studies import UnknownStudy, list_studies
from adapters.workbench import search, sweep, walk_forward
from adapters.workbench.kept_studies import studies
from engine import ConfigurationError, DataError, Decision, ExecutionModels, MarketData
from tests.adapters.workbench.test_kept_results import START_MS
from tests.support.command_files import pools_file

KLINES = {name: synthetic_klines(name, START_MS, 6_000, seed=seed) for name, seed in (("BTC", 5), ("ETH", 6))}
SHORT = {name: synthetic_klines(name, START_MS, 300, seed=seed) for name, seed in (("BTC", 5), ("ETH", 6))}
EVERY = {"scheduled_interval": "15m"}
TEXT = """
class Text:
    def init(self, params):
        self.size = params["size"]

    def should_trade(self, data):
        return Decision("close" if data.positions else "buy", "BTC", target_portion_of_balance=self.size, leverage=1)
"""


class Turns:
    """Buys, and sells again at the next call."""

    asked = 0

    def init(self, params: dict[str, Any]) -> None:
        self.size = params["size"]

    def should_trade(self, data: MarketData) -> Decision:
        self.asked += 1
        if self.size > 0.8:
            raise ValueError("too much")
        symbol = "BTC" if data.get_price("BTC") else "ETH"
        return Decision("close" if data.positions else "buy", symbol, target_portion_of_balance=self.size, leverage=1)


class Others(Turns):
    """Another."""

    def should_trade(self, data: MarketData) -> Decision:
        decided = super().should_trade(data)
        return decided if self.asked % 3 else Decision("hold", decided.symbol)


class Slower:
    """An order is a minute under way."""

    def delay_ms(self, *given: Any) -> int:
        return 3_600_000


def test_each_trial_is_what_backtest_does() -> None:
    study = sweep(
        KLINES, Turns, over={"size": np.array([0.1, 0.2])}, vary={"slippage_percent": (0.02, 0.5)}, workers=1, **EVERY
    )
    assert len(study) == 4
    assert [type(each.values["size"]) for each in study] == [float] * 4
    for each in study:
        alone = backtest(KLINES, Turns, params=each.trial.params, progress=False, **EVERY, **each.trial.fields)
        assert each.outcome.digest == alone.digest == each.result.digest
    assert study.best is not None
    assert study.best.figures["sharpe_ratio"] == study.frame["sharpe_ratio"].max()
    assert [*study.frame.columns[:2]] == ["size", "slippage_percent"]
    assert list(study.equity.columns) == [0, 1, 2, 3]
    assert study.equity[0].iloc[-1] == study[0].figures["final_equity"]
    assert len(repr(study).splitlines()) == 5
    assert "<table>" in study._repr_html_()
    with pytest.raises(KeyError, match="9 is no trial of this study; there are 0 to 3"):
        study[9]


@pytest.mark.parametrize(
    "vary",
    [
        {"symbols": ["BTC", ["ETH"], ["BTC", "ETH"]]},
        {"wake_on": [[], ["fill"]], "scheduled_interval": ["5m", "1h"]},
        {"end_time": [START_MS + 7_200_000, pd.Timestamp(START_MS + 9_000_000, unit="ms", tz="UTC")]},
        {"wake_on": [[], ["fill"]], "initial_balance": range(1_000, 3_000, 1_000)},
        {"max_open_orders": [None, 1], "volume_cap_percent": "none,0.01"},
    ],
)
def test_what_is_run_on_can_vary(vary: dict[str, Any], any_database_url: str) -> None:
    database = open_database(any_database_url, create=True)
    create_database(database)
    for name, klines in SHORT.items():
        write_klines(database, "x", name, "1m", klines)
    for data in (SHORT, database):
        study = sweep(data, Turns, over={"size": [0.3]}, vary=vary, workers=1)
        for each in study:
            alone = backtest(data, Turns, params={"size": 0.3}, progress=False, **each.trial.fields)
            assert (each.outcome.digest, each.outcome.error) == (alone.digest, alone.error)
        assert study[0].outcome.error is None


@pytest.mark.parametrize("call", [sweep, partial(search, trials=1), partial(walk_forward, train="1h", test="1h")])
def test_a_database_that_cannot_keep_the_study_is_refused_first(tmp_path: Path, call: Any) -> None:
    kept = open_database(tmp_path / "kept.db", create=True)
    with kept.writing() as connection:
        connection.exec_driver_sql("create table perp_trials (id integer)")
    with pytest.raises(DataError, match="perp_trials"):
        call(KLINES, Turns, over={"size": [0.1]}, symbols=["NONE"], save=kept)
    with pytest.raises(ConfigurationError, match="NONE"):
        call(KLINES, Turns, over={"size": [0.1]}, symbols=["NONE"])


def test_pools_of_signals_can_vary_and_walk_forward(tmp_path: Path) -> None:
    database = open_database(tmp_path / "market.db", create=True)
    create_database(database)
    write_klines(database, "x", "BTC", "1m", KLINES["BTC"])
    (tmp_path / "signals.toml").write_text(pools_file(45, 55))
    add_signals(database, tmp_path / "signals.toml")
    pools: dict[str, Any] = {"signal_pool_ids": [[1], [2], [2, 1]]}
    study = sweep(database, Turns, over={"size": [0.3]}, vary=pools, workers=1)
    for each in study:
        alone = backtest(database, Turns, params={"size": 0.3}, progress=False, **each.trial.fields)
        assert (each.outcome.digest, each.outcome.error) == (alone.digest, None)
    assert len({each.outcome.digest for each in study}) == 3
    walked = walk_forward(database, Turns, train="2d", test="1d", over={"size": [0.3]}, vary=pools, workers=1)
    for each in walked.study:  # on a market that ends with it
        alone = backtest(database, Turns, params={"size": 0.3}, progress=False, **each.trial.fields)
        assert (each.outcome.digest, each.outcome.error) == (alone.digest, None)
    assert not walked.flat


def test_programs_can_vary_and_objects_are_new_in_each_trial(tmp_path: Path) -> None:
    file = tmp_path / "text.py"
    file.write_text(TEXT)
    study = sweep(
        {"BTC": KLINES["BTC"]}, None, over={"size": [0.1, 0.3]}, vary={"strategy": [Turns, Others(), file]}, workers=1,
        trust=True, **EVERY,
    )  # fmt: skip
    assert study.frame["strategy"].nunique() == 3
    for each, program in zip(study, [Turns, Others, file] * 2, strict=True):
        alone = backtest({"BTC": KLINES["BTC"]}, program, params=each.trial.params, progress=False, trust=True, **EVERY)
        assert each.outcome.digest == alone.digest


def test_models_and_what_prepares_come_to_every_trial() -> None:
    def sizes(**given: Any) -> list[str | None]:
        study = sweep(KLINES, Turns, over={"size": [0.1, 0.3]}, workers=1, **EVERY, **given)
        return [each.outcome.digest for each in study]

    seen: list[float] = []
    plain, prepared = sizes(), sizes(prepare=lambda simulation: seen.append(simulation.now))
    assert plain == prepared
    assert len(seen) == 2
    slow = ExecutionModels(latency=Slower())  # type: ignore[arg-type]
    own: dict[str, Any] = {"models": slow, "progress": False, **EVERY}
    alone = [backtest(KLINES, Turns, params={"size": size}, **own).digest for size in (0.1, 0.3)]
    assert sizes(models=slow) == alone != plain


def test_trials_that_fail_are_rows_with_their_error(tmp_path: Path) -> None:
    study = sweep(KLINES, Turns, over={"size": [0.1, 0.9]}, workers=1, **EVERY)
    assert [*study.frame["state"]] == ["done", "failed"]
    assert "too much" in study.frame["error"][1]
    assert [each.number for each in study.failed] == [1]
    none = sweep(KLINES, Turns, over={"size": [0.9, 0.95]}, workers=1, metric="win_rate", **EVERY)
    assert none.best is None
    assert "all 2 trials failed" in repr(none)


def test_a_study_is_kept_given_back_and_gone_on_with(any_database_url: str) -> None:
    database = open_database(any_database_url, create=True)
    create_database(database)
    write_klines(database, "x", "BTC", "1m", KLINES["BTC"])
    with pytest.raises(DataError, match="holds no study yet"):
        _ = studies(database).newest
    call: dict[str, Any] = {"over": {"size": "0.1:0.3:0.1"}, "save": database, "workers": 1, "trust": True, **EVERY}
    made = sweep(database, TEXT, label="mine", **call)
    kept = studies(any_database_url)
    assert [*kept] == [made.study_id]
    found = kept.newest
    assert found.frame.equals(made.frame)
    assert found.equity.equals(made.equity)
    assert (found.label, found.status) == ("mine", "completed")
    assert found.best is not None
    assert found.best.result.digest == found.best.outcome.digest
    assert kept.frame.loc[made.study_id, "done"] == 3
    assert "1 study in" in repr(kept)
    with pytest.raises(UnknownStudy, match="has no study 77; stored: 1 to 1"):
        kept[77]
    again = sweep(database, TEXT, resume=made.study_id, **call)
    assert again.frame.equals(made.frame)
    with pytest.raises(ConfigurationError, match="the text of the program"):
        sweep(
            database,
            TEXT + "# more",
            over={"size": "0.1:0.3:0.1"},
            save=database,
            resume=1,
            workers=1,
            trust=True,
            **EVERY,
        )
    assert len(list_studies(database)) == 1
    write_klines(database, "x", "BTC", "1m", synthetic_klines("BTC", START_MS, 6_000, seed=99))
    with pytest.raises(ConfigurationError, match=r"cannot be gone on with: the klines of BTC$"):
        sweep(database, TEXT, resume=1, **call)


def test_what_was_changed_since_is_told_when_a_trial_is_run_again(any_database_url: str) -> None:
    database = open_database(any_database_url, create=True)
    create_database(database)
    write_klines(database, "x", "BTC", "1m", KLINES["BTC"])
    sweep(database, TEXT, over={"size": [0.2]}, save=database, workers=1, trust=True, **EVERY)
    write_klines(database, "x", "BTC", "1m", synthetic_klines("BTC", START_MS, 6_000, seed=99))
    with pytest.warns(UserWarning, match="trial 0 comes to something else now"):
        _ = studies(database)[1][0].result


class Pressed(Turns):
    """Somebody presses Ctrl-C in the third trial."""

    def init(self, params: dict[str, Any]) -> None:
        super().init(params)
        if self.size == 0.3:
            raise KeyboardInterrupt


def test_ctrl_c_gives_what_is_done(any_database_url: str) -> None:
    database = open_database(any_database_url, create=True)
    study = sweep(KLINES, Pressed, over={"size": [0.1, 0.2, 0.3, 0.4]}, save=database, workers=1, **EVERY)
    assert (study.status, len(study)) == ("interrupted", 2)
    assert "2 of 4 trials" in repr(study)
    (row,) = list_studies(database)
    assert (row["status"], row["done"]) == ("interrupted", 2)


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ({}, "nothing varies"),
        ({"over": {"size": []}}, "size: has no values"),
        ({"over": {"size": {0.1}}}, "is no sequence of values"),
        ({"over": {"sise": [1]}}, "sise: the program asks for no such parameter; did you mean size"),
        ({"over": [1]}, "over: give a dict"),
        ({"over": {"size": [1]}, "vary": {"slipage_percent": [1]}}, "did you mean slippage_percent"),
        ({"over": {"size": [1]}, "metric": "sharp_ratio"}, "did you mean sharpe_ratio"),
        ({"over": {"size": [1]}, "label": "x"}, "label: is of a stored study: give save"),
        ({"over": {"size": [1]}, "varry": {}}, "varry: there is no such field; did you mean vary"),
        ({"ovr": {"size": [1]}}, "ovr: there is no such field; did you mean over"),
        ({"vary": {"strategy": [Turns, Turns]}}, "strategy: "),
        ({"vary": {"slippage_percent": [-1]}}, "slippage_percent: -1 is out of range"),
    ],
)
def test_what_cannot_be_run_is_refused_before_anything_runs(given: dict[str, Any], told: str) -> None:
    with pytest.raises(ConfigurationError, match=told):
        sweep(KLINES, Turns, workers=1, **EVERY, **given)


class Sized(Turns):
    """Has its size from the start."""

    def __init__(self, size: float) -> None:
        self.size = size

    def init(self, params: dict[str, Any]) -> None:
        """Keep it."""


def test_objects_of_one_class_are_programs_of_their_own() -> None:
    study = sweep(KLINES, None, vary={"strategy": [Sized(0.1), Turns, Sized(0.3)]}, over={"size": [0.3]}, workers=1,
                  **EVERY)  # fmt: skip
    assert study.frame["strategy"].nunique() == 3
    small, turns, large = (each.outcome.digest for each in study)
    assert small != turns == large
