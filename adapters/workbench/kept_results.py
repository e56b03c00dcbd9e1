"""The results that a database keeps, by id."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from operator import index
from typing import TYPE_CHECKING

from sqlalchemy import func, select

from engine import BacktestResult

from ..database import Database, backtest_results
from ..results import LISTED, UnknownResult, list_results, require_results, restored_result

if TYPE_CHECKING:
    import pandas

_SHOWN = 20
_COLUMNS = ("id", "status", "exchange", "symbols", "start_time", "end_time", "created_at", *LISTED)
_TIMES = ("start_time", "end_time", "created_at")


class StoredResults(Mapping[int, BacktestResult]):
    """The results of a database by id, newest first: ``results[3]`` is a `BacktestResult` with all that is stored of
    it, and ``results.frame`` lists them. An unknown id is an `UnknownResult`, which is a `KeyError`.
    """

    def __init__(self, database: Database) -> None:
        require_results(database)
        self._database = database

    def __getitem__(self, run_id: int) -> BacktestResult:
        if isinstance(run_id, bool) or not hasattr(run_id, "__index__"):  # numpy's whole numbers come out of frames
            raise UnknownResult(f"{run_id!r} is no id of a result: ids are whole numbers, as in results[3]")
        return restored_result(self._database, index(run_id))

    def __iter__(self) -> Iterator[int]:
        with self._database.reading() as connection:
            ids = connection.execute(select(backtest_results.c.id).order_by(backtest_results.c.id.desc())).scalars()
            found = [int(each) for each in ids]
        return iter(found)

    def __len__(self) -> int:
        with self._database.reading() as connection:
            return int(connection.execute(select(func.count()).select_from(backtest_results)).scalar_one())

    def __contains__(self, run_id: object) -> bool:
        return run_id in list(self)

    @property
    def newest(self) -> BacktestResult:
        """The result that was stored last."""
        newest = next(iter(self), None)
        if newest is None:
            raise UnknownResult(f"{self._database.name} holds no result yet")
        return self[newest]

    @property
    def frame(self) -> pandas.DataFrame:
        """All of them as a frame by id, newest first: status, what was run (times are UTC), and the figures that lists
        have.
        """
        import pandas

        rows = list_results(self._database, len(self))
        frame = pandas.DataFrame([{name: row[name] for name in _COLUMNS} for row in rows], columns=list(_COLUMNS))
        frame["symbols"] = frame["symbols"].map(", ".join)
        for name in _TIMES:
            frame[name] = pandas.to_datetime(frame[name], utc=True).astype("datetime64[ms, UTC]")
        return frame.set_index("id")

    def __repr__(self) -> str:
        count = len(self)
        more = count - _SHOWN
        head = f"{count:,} {'result' if count == 1 else 'results'} in {self._database.name}"
        lines = str(self.frame.head(_SHOWN)) if count else ""
        return "\n".join(filter(None, [head, lines, f"and {more:,} older ones" if more > 0 else ""]))

    def _repr_html_(self) -> str:
        table: str = self.frame.head(_SHOWN).to_html()
        return table
