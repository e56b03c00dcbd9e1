"""TA-Lib without pandas: nothing loads that for an indicator, and nobody else misses it."""

from __future__ import annotations

import importlib
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

import pytest

from engine.market.indicators import tables_unseen
from tests.conftest import ROOT

ASK = """
import sys
import numpy as np
from engine.market.indicators import ta_lib
mean = ta_lib().EMA(np.arange(30.0), timeperiod=5)[-1]
"""
LOADED = "print(*sorted({'talib', 'pandas', 'pyarrow', 'polars'} & set(sys.modules)))"
TABLES = """
import pandas, talib
series = pandas.Series(np.arange(30.0))
print(talib.EMA(series, timeperiod=5).iloc[-1] == mean, ta_lib().EMA(series.to_numpy(), timeperiod=5)[-1] == mean)
"""


def said_by(code: str) -> str:
    return subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True).stdout


def test_an_indicator_loads_no_pandas() -> None:
    assert said_by(ASK + LOADED) == "\n"


def test_whoever_imports_it_later_can_give_it_tables() -> None:
    assert said_by(ASK + TABLES) == "True True\n"


def test_what_was_loaded_before_stays_what_it_was() -> None:
    before = "import talib as theirs\n"
    assert said_by(before + ASK + "print(ta_lib() is theirs is sys.modules['talib'])\n" + TABLES) == "True\nTrue True\n"


def test_only_the_thread_that_asks_does_not_see_tables(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [each for each in sys.modules if each.partition(".")[0] == "polars"]:
        monkeypatch.delitem(sys.modules, name)
    with ThreadPoolExecutor(1) as other, tables_unseen():
        with pytest.raises(ModuleNotFoundError, match="No module named 'polars'") as told:
            importlib.import_module("polars")
        assert told.value.name == "polars"
        found = other.submit(importlib.util.find_spec, "pandas").result()
    assert found is not None
    assert importlib.import_module("pandas").__spec__ is not None
