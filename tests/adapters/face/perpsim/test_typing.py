"""The package for the tools of its users: mypy --strict knows every name, help says something of each."""

from __future__ import annotations

import inspect
import os
import pydoc
import re
import subprocess
import sys
from dataclasses import fields, is_dataclass
from pathlib import Path
from typing import Any

import perpsim
import pytest

from engine.config import SETTINGS
from engine.result import FIGURES
from tests.conftest import ROOT

PATHS = os.pathsep.join(map(str, (ROOT, ROOT / "adapters" / "face")))

#: A project of a user's, in which a wrong type would be found.
PROJECT = '''
"""A program and what is done with it."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import perpsim
from perpsim import BacktestResult, Decision, MarketData, MarketHistory, Position


class Dips:
    """Buys dips."""

    def __init__(self) -> None:
        self.threshold = 30.0

    def should_trade(self, data: MarketData) -> Decision | None:
        price: float = data.get_price("BTC")
        held: Position | None = data.positions.get("BTC")
        if held is not None or price <= self.threshold:
            return None
        return Decision("buy", "BTC", target_portion_of_balance=0.5, leverage=2, stop_loss_price=price * 0.98)


def run(frame: pd.DataFrame, path: Path) -> BacktestResult:
    """Try every way to run it."""
    market: MarketHistory = MarketHistory.from_frames({"BTC": frame}, funding={"BTC": frame}, period="1h")
    for data in (frame, {"BTC": frame}, market, "sqlite:///market.db", path):
        result = perpsim.backtest(data, Dips, symbols=["BTC"], params={"threshold": 25}, progress=False)
    with perpsim.open("sqlite:///market.db", create=True) as database:
        database.write_frames(frame, "binance", "BTC")
        klines: pd.DataFrame = database.klines("BTC", "1h")
        perpsim.backtest(database, Dips())
    loaded: MarketHistory = perpsim.load("sqlite:///market.db", ["BTC"], "2024-01-01T00:00:00Z", 1_710_000_000_000)
    perpsim.backtest(loaded, path, trust=True, models=perpsim.ExecutionModels())
    kept: BacktestResult = perpsim.results("sqlite:///market.db")[1]
    pnl: float = kept.total_pnl
    sharpe: float | None = result.sharpe_ratio
    print(klines, pnl, sharpe, [trade.pnl for trade in kept.trades])
    band = perpsim.monte_carlo(frame, Dips, klines=5, mean_block="4h", fee_rate=0.1).bands["95"]
    bearable: float | None = perpsim.monte_carlo(kept, data=market, costs=True).limits["fee"].break_even
    paths: int = perpsim.monte_carlo(kept, trades=100, seed=3).trades
    later: int = perpsim.monte_carlo(market, path, start_shift=3).interval_ms
    print(band.max(), bearable, paths, later)
    try:
        perpsim.results("sqlite:///market.db").newest
    except perpsim.PerpsimError as error:
        print(error)
    return result
'''
#: In each line is one mistake, which is to be found.
MISTAKES = """
import perpsim
from perpsim import Decision, MarketData


class Wrong:
    def should_trade(self, data: MarketData) -> Decision | None:
        return Decision("buy", symbol=7)  # 1
        data.get_prize("BTC")


result: int = perpsim.backtest("sqlite:///a.db", Wrong)
perpsim.load(7)
perpsim.results("sqlite:///a.db")["1"]
perpsim.nothing
"""


def mypy(folder: Path, text: str) -> subprocess.CompletedProcess[str]:
    (folder / "project.py").write_text(text)
    return subprocess.run(
        [sys.executable, "-m", "mypy", "--strict", "--cache-dir", str(folder / "cache"), "project.py"],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": PATHS},
        capture_output=True,
        text=True,
    )


def test_a_strict_project_passes(tmp_path: Path) -> None:
    pytest.importorskip("mypy")
    ended = mypy(tmp_path, PROJECT)
    assert (ended.stdout, ended.stderr) == ("Success: no issues found in 1 source file\n", "")


def test_and_its_mistakes_are_found(tmp_path: Path) -> None:
    pytest.importorskip("mypy")
    found = mypy(tmp_path, MISTAKES).stdout
    for text in (
        'Argument "symbol" to "Decision" has incompatible type "int"',
        'expression has type "BacktestResult", variable has type "int"',
        'Argument 1 to "load" has incompatible type "int"',
        'Invalid index type "str" for "StoredResults"',
        'Module has no attribute "nothing"',
    ):
        assert text in found


def test_it_is_marked_as_typed_all_the_way_down() -> None:
    assert all((ROOT / folder / "py.typed").is_file() for folder in ("engine", "processes", "adapters"))
    assert Path(perpsim.__file__).with_name("py.typed").is_file()


@pytest.mark.parametrize("name", perpsim.__all__)
def test_help_says_something_of_every_name(name: str) -> None:
    value: Any = getattr(perpsim, name)
    assert inspect.getdoc(value), name
    page = pydoc.plain(pydoc.render_doc(value))
    assert name in page
    if inspect.isclass(value):
        silent = [
            each
            for each, member in vars(value).items()
            if not each.startswith("_") and callable(member) and not inspect.getdoc(member)
        ]
        assert silent == [], f"methods of {name} that say nothing"


def test_help_of_a_configuration_shows_every_field_with_its_meaning() -> None:
    page = pydoc.plain(pydoc.render_doc(perpsim.BacktestConfig))
    flat = " ".join(page.replace("|", " ").split())
    for setting in SETTINGS.values():
        assert f"{setting.name} = {setting.default_text}" in flat
        assert " ".join(setting.about.split()) in flat


def test_every_field_of_a_public_class_has_its_meaning() -> None:
    for name in perpsim.__all__:
        kind = getattr(perpsim, name)
        if inspect.isclass(kind):
            names = [each.name for each in fields(kind)] if is_dataclass(kind) else getattr(kind, "_fields", ())
            text = inspect.getdoc(kind) or ""
            missing = [each for each in names if each[0] != "_" and not re.search(rf"\b{each}\b", text)]
            assert missing == [], f"fields of {name} that nothing is said of"


def test_help_of_a_result_shows_every_figure_with_its_meaning() -> None:
    page = pydoc.plain(pydoc.render_doc(perpsim.BacktestResult))
    for name, figure in FIGURES.items():
        assert f"{name} ({figure.unit.label})" in page
        assert f"{figure.label}: {figure.meaning}" in page


HEAVY = "numpy pandas sqlalchemy rich engine.simulation adapters.workbench matplotlib"


def test_the_import_alone_loads_nothing_heavy() -> None:
    code = f"import sys, perpsim; print(*[each for each in {HEAVY!r}.split() if each in sys.modules])"
    ended = subprocess.run(
        [sys.executable, "-c", code], env={**os.environ, "PYTHONPATH": PATHS}, capture_output=True, text=True
    )
    assert (ended.stdout, ended.stderr) == ("\n", "")


def test_it_lists_its_names_and_knows_no_others() -> None:
    assert {*perpsim.__all__} <= {*dir(perpsim)}
    with pytest.raises(AttributeError, match="module 'perpsim' has no attribute 'backtset'"):
        _ = perpsim.backtset
