"""W1 beside other tools in the same process, each where it is installed: do they agree, and what do they cost?

What is timed: from columns in memory to the trades and the equity at the end, after a round that compiles. perpsim's
time is that of a whole result: curve, statistics, the log of triggers. What is made of the columns for a tool before
is not timed.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import pytest

from adapters import synthetic_klines
from engine import KlineColumns

from . import peers
from .conftest import AddRow
from .measuring import TIMES, in_turns, times_row
from .peers import Outcome, Year
from .programs import MINUTES, START

pytestmark = pytest.mark.filterwarnings("ignore")  # what other tools warn of is theirs

TITLE = "W1 by other tools (the same year, RSI and rules of fills)"
MONEY = 1e-9
ROUNDS = 5


@pytest.fixture(scope="module")
def klines() -> KlineColumns:
    return synthetic_klines("BTC", START, MINUTES, 7)


@pytest.fixture(scope="module")
def year(klines: KlineColumns) -> Year:
    return peers.year_of(klines)


@pytest.fixture(scope="module")
def expected(klines: KlineColumns) -> Outcome:
    return peers.by_perpsim(klines)


@pytest.fixture(scope="module")
def once_a_minute(klines: KlineColumns, expected: Outcome) -> Outcome:
    outcome = peers.by_perpsim(klines, peers.EntersOnceAMinute)
    assert outcome.entered != expected.entered
    return outcome


Compare = Callable[..., None]


@pytest.fixture
def compare(add_row: AddRow) -> Compare:
    """What lets a tool run, adds its row to the table, and asks for the same trades and money."""

    def compared(name: str, run: Callable[[], Outcome], expected: Outcome, rounds: int = ROUNDS) -> None:
        found: list[Outcome] = []
        cost = in_turns({name: lambda: lambda: found.append(run())}, rounds)[name]
        add_row(TITLE, TIMES, times_row(f"{name} ({len(found[0].left)} trades)", cost, MINUTES // 60))
        for outcome in found:
            assert outcome.entered == expected.entered
            assert outcome.left == expected.left
            assert outcome.equity == pytest.approx(expected.equity, rel=MONEY, abs=0.0)

    return compared


def test_perpsim(compare: Compare, klines: KlineColumns, expected: Outcome) -> None:
    compare("perpsim", partial(peers.by_perpsim, klines), expected)


def test_a_loop_by_hand(compare: Compare, year: Year, expected: Outcome) -> None:
    """The rules written down once more, in plain Python: what the tools are held to, wherever they are missing."""
    columns = [column.tolist() for column in year]
    compare("a loop by hand", lambda: peers.closed_only(Outcome(*peers.loop(peers.exit_price, *columns))), expected)


def test_a_compiled_loop_by_hand(compare: Compare, year: Year, expected: Outcome) -> None:
    run = peers.compiled_loop(pytest.importorskip("numba"))
    compare("a compiled loop by hand", partial(run, year), expected)


def test_vectorbt_from_signals(compare: Compare, year: Year, once_a_minute: Outcome) -> None:
    run = partial(peers.vectorbt_signals, pytest.importorskip("vectorbt"), year)
    compare("vectorbt, signals", run, once_a_minute)


def test_vectorbt_with_a_callback(compare: Compare, year: Year, once_a_minute: Outcome) -> None:
    run = peers.vectorbt_callback(pytest.importorskip("vectorbt"), pytest.importorskip("numba"))
    compare("vectorbt, compiled callback", partial(run, year), once_a_minute)


def test_backtesting_py(compare: Compare, year: Year, expected: Outcome) -> None:
    backtesting = pytest.importorskip("backtesting")
    run = peers.backtesting_run(backtesting, peers.backtesting_frame(pytest.importorskip("pandas"), year))
    compare("backtesting.py", partial(run, year), expected, rounds=2)
