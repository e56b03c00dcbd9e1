"""What led to a trade, an order or an instant of any result, in one call."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from engine import BacktestResult, DataError, MarketHistory
from engine.instants import TimeLike
from engine.plain_values import kind_of

from ..database import Database
from ..explanations import Explanation, JournalExplained
from ..journals import NamedJournal, journal_of_file, journal_of_result, journal_of_stored
from .workspace import Workspace
from .workspace import open as opened


def explain(
    result: BacktestResult | int | str | Path,
    *,
    trade: int | None = None,
    at: TimeLike | None = None,
    order: int | None = None,
    database: str | Path | Database | Workspace | None = None,
    market: MarketHistory | None = None,
    trust: bool = False,
) -> Explanation:
    """Say in words what led to a `trade` (by its number from 1 on, -1 is the last), to an `order` (by its id), or what
    is known of an instant (`at`): trigger, decision, order, why this price, fee, postings, and how the PnL adds up.

    `result` is a result that was made with ``record_journal=True``, the path of a journal, or the id of a stored result
    of `database` (its URL, the path of an SQLite file, or what `perpsim.open` gives). Where that has no journal with it
    its run is made again: in a sandbox, unless you `trust` the program. Values of rows of the data are those of
    `market`, of the market of the run while that is at hand, or else of what `database` holds.

    `print` shows it, `.to_dict()` has its values. Raises `DataError` where there is no such thing, and where a journal
    is missing or damaged.
    """
    stored = _database(database)
    named = _journal_of(result, stored, trust)
    if market is None:
        market = named.on_rows_of(stored).market
    return JournalExplained(named.journal, named.name, market).explanation(trade=trade, at=at, order=order)


def _database(given: Any) -> Database | None:
    if given is not None and not isinstance(given, (Database, Workspace)):
        given = opened(given)
    return given.database if isinstance(given, Workspace) else given


def _journal_of(result: Any, database: Database | None, trust: bool) -> NamedJournal:
    if isinstance(result, BacktestResult):
        return journal_of_result(result)
    if isinstance(result, (str, Path)):
        return journal_of_file(Path(result))
    if isinstance(result, bool) or not isinstance(result, int):
        raise DataError(
            f"result: {kind_of(result)} is neither a result, nor the path of a journal, nor the id of a stored result"
        )
    if database is None:
        raise DataError(f"database: name the one that result {result} is stored in")
    return journal_of_stored(database, result, trust=trust)
