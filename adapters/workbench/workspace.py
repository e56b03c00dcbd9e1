"""A database at a notebook: what is stored in it as frames, frames into it, markets and results out of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any

from engine import BacktestConfig, DataError, MarketHistory
from engine.instants import TimeLike, instant_ms
from engine.periods import period_name

from ..database import (
    Database,
    TableRows,
    WriteCounts,
    mark_kline_rows,
    market_asset_metrics,
    open_database,
    perp_funding,
    read_klines,
    require_series,
    stored_series,
    write_klines,
    write_rows,
)
from ..market import load_market
from .kept_results import StoredResults
from .stored_defaults import with_stored_defaults

if TYPE_CHECKING:
    import pandas


class Workspace:
    """An open database, as `perpsim.open` gives it: a context, after which it answers no more.

    Where an `exchange` is not given it is the only one that is stored, or else the default one of a configuration.
    Raises `DataError` with one sentence for whatever cannot be done.
    """

    def __init__(self, database: Database) -> None:
        self._database: Database | None = database
        self.name = database.name

    @property
    def database(self) -> Database:
        """The database, as functions of perpsim take it."""
        if self._database is None:
            raise DataError(f"{self.name} was closed: use it inside of its with, or open it again")
        return self._database

    def __enter__(self) -> Workspace:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Let go of the database."""
        self._database = None

    def __repr__(self) -> str:
        return f"<database {self.name}{' (closed)' * (self._database is None)}>"

    @property
    def series(self) -> pandas.DataFrame:
        """The stored series of klines, one a row: exchange, symbol, period, count, first and last open (UTC)."""
        import pandas

        frame = pandas.DataFrame([asdict(each) for each in stored_series(self.database)])
        if not len(frame):
            return pandas.DataFrame(columns=["exchange", "symbol", "period", "count", "first", "last"])
        for name in ("first", "last"):
            frame[name] = pandas.to_datetime(frame.pop(f"{name}_ms"), unit="ms", utc=True)
        return frame

    def klines(
        self,
        symbol: str,
        period: str | None = None,
        start: TimeLike | None = None,
        end: TimeLike | None = None,
        exchange: str | None = None,
    ) -> pandas.DataFrame:
        """Return stored klines that open in [start, end) as a frame that `backtest` takes: open, high, low, close and
        volume under the times of their opens (UTC). The period is 1m where it is stored, else the shortest there is.
        """
        import pandas

        given = {"exchange": exchange, "base_period": period}
        fields = {"symbols": [symbol], **{name: value for name, value in given.items() if value is not None}}
        found = with_stored_defaults(self.database, fields)
        series = found["exchange"], symbol, found["base_period"]
        require_series(self.database, *series)
        klines = read_klines(self.database, *series, _ms("start", start), _ms("end", end))
        opened = pandas.DatetimeIndex(klines.open_ms.astype("datetime64[ms]"), tz="UTC", name="time")
        names = ("open", "high", "low", "close", "volume")
        return pandas.DataFrame({name: getattr(klines, name) for name in names}, index=opened)

    def load(
        self,
        symbols: str | Sequence[str] | None = None,
        start: TimeLike | None = None,
        end: TimeLike | None = None,
        exchange: str | None = None,
        base_period: str | None = None,
        cache: bool = True,
    ) -> MarketHistory:
        """Return a market as `perpsim run` loads it: klines, longer ones too, marks, flow, funding and features of the
        symbols (default: all), up to the end; what lies before the start is warm-up. `cache` keeps columns for the next
        time.
        """
        given = {
            "symbols": [symbols] if isinstance(symbols, str) else symbols,
            "start_time": start,
            "end_time": end,
            "exchange": exchange,
            "base_period": base_period,
        }
        fields = {name: value for name, value in given.items() if value is not None}
        config = BacktestConfig.from_dict({"code": "", **with_stored_defaults(self.database, fields)})
        return load_market(self.database, config, cache)

    def write_frames(
        self,
        frames: pandas.DataFrame | Mapping[str, pandas.DataFrame],
        exchange: str,
        symbol: str | None = None,
        period: str | None = None,
        funding: Any = None,
        mark: Any = None,
    ) -> dict[str, WriteCounts]:
        """Store klines of frames, with funding rates and mark prices, as `MarketHistory.from_frames` takes them; each
        symbol is stored as a whole or not at all, and what is stored already with the same values is not written again.

        Returns by symbol and table what became of the rows. What was done to the frames is in no remark here: what is
        stored is in order.
        """
        market = MarketHistory.from_frames(frames, symbol, period, funding, None, mark)
        counts = {}
        for name, history in market.symbols.items():
            klines = history.base.columns
            stored = period_name(klines.period_ms)
            counts[f"{name} {stored}"] = write_klines(self.database, exchange, name, stored, klines)
            rows = []
            if history.flow.funding_rate is not None:
                rates = history.flow.funding_rate.rows
                rows.append(TableRows(perp_funding, rates.timestamp_ms, {"funding_rate": rates.value}))
            if history.mark_klines is not None:
                rows += mark_kline_rows(history.mark_klines)
            elif history.flow.mark_price is not None:
                marks = history.flow.mark_price.rows
                rows.append(TableRows(market_asset_metrics, marks.timestamp_ms, {"mark_price": marks.value}))
            if rows:
                written = write_rows(self.database, exchange, name, rows)
                counts |= {f"{name} {table}": count for table, count in written.items()}
        return counts

    @property
    def results(self) -> StoredResults:
        """The stored results, by id."""
        return StoredResults(self.database)


def open(url: str | Path, create: bool = False) -> Workspace:
    """Open a database, as a context: ``with perpsim.open("sqlite:///market.db") as db: db.series``.

    The URL is ``sqlite:///FILE`` (or the path of an SQLite file) or ``postgresql://USER:PASSWORD@HOST/DATABASE``;
    `create` makes a missing SQLite file. Raises `DataError` for one that cannot be used.
    """
    return Workspace(open_database(url, create=create))


def load(
    url: str | Path,
    symbols: str | Sequence[str] | None = None,
    start: TimeLike | None = None,
    end: TimeLike | None = None,
    exchange: str | None = None,
    base_period: str | None = None,
    cache: bool = True,
) -> MarketHistory:
    """Return the market of a database for `backtest`, to be loaded once and run on many times: see `Workspace.load`."""
    workspace = Workspace(open_database(url, read_only=True))
    return workspace.load(symbols, start, end, exchange, base_period, cache)


def results(url: str | Path) -> StoredResults:
    """Return the results that are stored in a database, by id: ``perpsim.results("sqlite:///market.db")[3]``."""
    return StoredResults(open_database(url, read_only=True))


def _ms(name: str, time: TimeLike | None) -> int | None:
    if time is None:
        return None
    try:
        return instant_ms(time)
    except ValueError as error:
        raise DataError(f"{name}: {error}") from None
