"""Memory of what a run keeps, and how time and memory grow with years and symbols."""

from __future__ import annotations

import gc
import json
import subprocess
import sys
import tracemalloc
from typing import Any

import pytest

from tests.conftest import ROOT
from tests.laws.test_costs import HOUR, MINUTE, Holds, Trades, simulation

from .conftest import AddRow

KEPT = "What a run keeps"
KEPT_COLUMNS = ("", "bytes", "goal")
HOURS = 720  # the whole of its market

GROWTH = "Growth (of the first one: CPU time a trigger, as a multiple of SimPy's cost)"
GROWTH_COLUMNS = ("", "triggers", "trades", "each, us", "of the first", "columns, MB", "the run, MB", "peak, MB")
YEARS = [(f"{years} x 366 days, hourly", 366 * years, 1, "1h") for years in (1, 2, 4, 10)]
SYMBOLS = [
    (f"{symbols} symbols, {days} days, every {interval}", days, symbols, interval)
    for interval, days in (("1h", 91), ("1m", 28))
    for symbols in (1, 5, 20)
]
ROUNDS = 5

Grown = tuple[str, int, int, str]


def kept_bytes(strategy: object, triggers: int, interval_ms: int) -> tuple[int, int]:
    """Return what a finished run and its result hold, and how many fills there were."""
    sim = simulation(strategy, triggers, interval_ms)
    gc.collect()
    tracemalloc.start()
    result = sim.run()
    gc.collect()
    held, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    return held, result.fills


def test_memory_of_a_trigger_and_of_a_fill(add_row: AddRow) -> None:
    """The slopes between runs of the same range: more triggers, and trades at the same triggers."""
    kept_bytes(Trades(), HOURS, HOUR)  # what is made once
    few, _ = kept_bytes(Holds(), HOURS, HOUR)
    many, _ = kept_bytes(Holds(), 60 * HOURS, MINUTE)
    traded, fills = kept_bytes(Trades(), HOURS, HOUR)
    assert fills > HOURS
    add_row(KEPT, KEPT_COLUMNS, ("a trigger at which nothing is done", f"{(many - few) / (59 * HOURS):.0f}", "120"))
    add_row(KEPT, KEPT_COLUMNS, ("a fill, of an entry or its exit", f"{(traded - few) / fills:.0f}", "900"))


def grown_run(days: int, symbols: int, interval: str, rounds: int) -> dict[str, Any]:
    command = [sys.executable, "-m", "tests.benchmarks.grown_run", *map(str, (days, symbols, interval, rounds))]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    told: dict[str, Any] = json.loads(done.stdout)
    return told


def add_grown(add_row: AddRow, name: str, told: dict[str, Any], first: float | None = None) -> float:
    """Add a row to the table of growth; return what a trigger costs as a multiple of a timeout of SimPy."""
    each = told["best_s"] / told["triggers"]
    times = each / told["simpy_s"]
    memory = (f"{told[key]:,.0f}" for key in ("columns_mb", "run_mb", "peak_mb"))
    counts = f"{told['triggers']:,}", f"{told['trades']:,}"
    add_row(GROWTH, GROWTH_COLUMNS, (name, *counts, f"{1e6 * each:.2f}", f"{times / (first or times):.2f}", *memory))
    return times


@pytest.mark.parametrize("runs", [YEARS, SYMBOLS[:3], SYMBOLS[3:]], ids=["years", "symbols hourly", "symbols minutely"])
def test_growth(runs: list[Grown], add_row: AddRow) -> None:
    first: float | None = None
    for name, *what in runs:
        times = add_grown(add_row, name, grown_run(*what, ROUNDS), first)
        first = first or times


@pytest.mark.soak
def test_five_years_of_twenty_symbols(add_row: AddRow) -> None:
    told = grown_run(5 * 366, 20, "1h", 1)
    add_grown(add_row, "20 symbols, 5 x 366 days, hourly", told)
    assert told["peak_mb"] < 4_096
