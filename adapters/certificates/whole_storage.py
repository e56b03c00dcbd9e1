"""The market of a run through a database: written by the stores that imports use, and loaded as any other is."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from engine import BacktestConfig, DataError, MarketHistory

from .. import database as stored  # a name of it is imported when it is used
from ..database import Database, open_database
from ..market import load_market
from .futures import store_market
from .proof_subject import ProofSubject

#: So many klines of a run are written at most: a run of more is made as far as they reach.
MOST_KLINES = 200_000


@dataclass(frozen=True, slots=True)
class ThroughDatabase:
    """Takes a market through a database: the empty one of a URL, else a file of SQLite of its own. All that is known up
    to `until_ms` (epoch ms) is written; it is left as it was found.
    """

    config: BacktestConfig
    until_ms: int
    url: str | None = None

    def __hash__(self) -> int:
        return hash((self.until_ms, self.url))

    def applied(self, market: MarketHistory) -> MarketHistory:
        """Return the market as it comes back; `DataError` where a row cannot be stored."""
        bare = MarketHistory(market.given, market.regime, remarks=market.remarks)
        with self._database() as database:
            store_market(database, self.config, bare, self.until_ms)
            loaded = load_market(database, self.config, cache=False)
        return MarketHistory(loaded.symbols, market.regime, market.feature_functions, market.remarks)

    @contextmanager
    def _database(self) -> Iterator[Database]:
        if self.url is not None:
            with _filled_for_a_while(open_database(self.url)) as database:
                yield database
            return
        with tempfile.TemporaryDirectory(prefix="perpsim-stored-") as folder:
            yield open_database(Path(folder) / "market.db", create=True)


@contextmanager
def _filled_for_a_while(database: Database) -> Iterator[Database]:
    """Make our tables in an empty database, and take them away again."""
    from sqlalchemy import inspect

    with database.reading() as connection:
        names = inspect(connection).get_table_names()
    if names:
        raise DataError(f"{database.name} is not empty (it has {names[0]}): name an empty database, which is used once")
    stored.create_database(database)
    try:
        yield database
    finally:
        with database.writing() as connection:
            stored.crypto_klines.metadata.drop_all(connection)


def storable_until(subject: ProofSubject) -> int:
    """Return up to when a run can be made on what is written of its market (epoch ms): its end, or an instant before
    which all symbols have `MOST_KLINES` klines together.
    """
    config, market = subject.job.config, subject.market
    bases = [market.symbols[symbol].base for symbol in config.symbols]
    places = [base.finished(config.end_ms) for base in bases]
    if sum(places) <= MOST_KLINES:
        return config.end_ms
    each = MOST_KLINES // len(bases)
    times = [int(base.columns.open_ms[min(each, len(base.columns) - 1)]) for base in bases]
    return min(max(*times, config.start_ms + base_step(subject)), config.end_ms)


def base_step(subject: ProofSubject) -> int:
    """Return a part of the run that is made whatever lies before it (ms)."""
    return (subject.job.config.end_ms - subject.job.config.start_ms) // 20
