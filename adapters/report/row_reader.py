"""The rows of stored results as the API gives them: trades and triggers, and which belong together."""

from __future__ import annotations

import math
from collections import OrderedDict
from collections.abc import Iterator
from threading import Lock
from typing import Any, NamedTuple

import numpy as np
from sqlalchemy import func, select

from engine.market.series import FloatColumn, TimeColumn
from engine.result import FIGURES, Unit

from ..database import Database, backtest_trigger_logs, stored_json
from ..results import RunStatus, StoredCurve, StoredResult, TriggerFilter, epoch_ms, trigger_answer, utc_time
from .prices import NotStored
from .result_reader import ResultReader
from .row_pages import page_of
from .summary import ResultFacts, summary_of
from .trades import (
    LoggedAnswer,
    TriggerLink,
    shown_links,
    trades_by_trigger,
    trigger_item,
    trigger_links,
    whole_trigger,
    with_entry,
)
from .wanted_triggers import TriggerSort, WantedTriggers

_MOST_KEPT = 8
_NO_CURVE: tuple[TimeColumn, FloatColumn] = np.empty(0, np.int64), np.empty(0, np.float64)

#: What of trades is added up: money.
_SUMMED = tuple(column.key for column in FIGURES["trades"].columns if column.unit is Unit.USD)

_LOG_COLUMNS = (
    "trigger_index trigger_type trigger_time symbol decision_action decision_symbol decision_side decision_size "
    "decision_reason entry_price exit_price pnl fee equity_before equity_after execution_error decision_output "
    "execution_logs"
).split()


class _Links(NamedTuple):
    """What belongs to each trade, in their order, and to each trigger, by its index."""

    of_trades: list[tuple[TriggerLink, ...]]
    of_triggers: dict[int, list[dict[str, Any]]]


class RowReader:
    """Reads trades and triggers of stored results; which belong together is kept of the last few finished ones."""

    def __init__(self, database: Database, results: ResultReader) -> None:
        self._database, self._results = database, results
        self._links: OrderedDict[Any, _Links] = OrderedDict()
        self._lock = Lock()

    def trades(
        self, run_id: int, offset: int, limit: int, sort: str, descending: bool, wanted: dict[str, str]
    ) -> dict[str, Any]:
        """Return one page of the trades, sorted by a field; `wanted` are values that fields must have. `sums` are of
        all that have them.
        """
        trades = [with_entry(trade) for trade in self._results.result(run_id).trades]
        places = [
            place
            for place, trade in enumerate(trades)
            if all(str(trade.get(name)) == value for name, value in wanted.items())
        ]
        if sort != "index":
            places.sort(key=lambda place: _sortable(trades[place].get(sort)), reverse=descending)
        elif descending:
            places.reverse()
        items = [{"index": place, **trades[place]} for place in places[offset : offset + limit]]
        sums = {name: math.fsum(trades[place].get(name) or 0.0 for place in places) for name in _SUMMED}
        return {"total": len(places), "offset": offset, "items": items, "sums": sums}

    def trade(self, run_id: int, number: int) -> dict[str, Any]:
        """Return a trade by its number from 1 on, with the triggers that opened it, closed it, and added to it."""
        trades = self._results.result(run_id).trades
        if number > len(trades):
            raise NotStored(f"back-test {run_id} has no trade {number}: it has {len(trades):,} closed trades")
        links = self._linked(run_id).of_trades[number - 1]
        return {
            "index": number - 1,
            **with_entry(trades[number - 1]),
            "triggers": shown_links(links),
            "total": len(trades),
        }

    def links(self, run_id: int) -> list[list[dict[str, Any]]]:
        """Return for each trade its links to triggers, as plain values."""
        return [shown_links(each) for each in self._linked(run_id).of_trades]

    def summary(self, run_id: int) -> dict[str, Any]:
        """Return the tables of a result's summary; empty ones of a run that has come to nothing yet."""
        found = self._results.result(run_id)
        return summary_of(_facts(found))

    def triggers(
        self,
        run_id: int,
        offset: int,
        limit: int,
        wanted: WantedTriggers,
        sort: TriggerSort = TriggerSort.INDEX,
        descending: bool = False,
    ) -> dict[str, Any]:
        """Return one page of the trigger log; `stored` is how many triggers of the run have a row at all."""
        self._results.require(run_id)
        c = backtest_trigger_logs.c
        found = select(*(c[name] for name in _LOG_COLUMNS)).where(wanted.condition(run_id))
        page = page_of(self._database, found.order_by(*sort.columns(descending)), offset, limit, trigger_item)
        return {**page, "stored": self._results.result(run_id).triggers_saved}

    def place_of_trigger(
        self, run_id: int, wanted: WantedTriggers, since: int | None = None, index: int | None = None
    ) -> int:
        """Return how many wanted triggers, in order of time, come before an instant (epoch ms) or an index."""
        c = backtest_trigger_logs.c
        before = wanted.condition(run_id)
        if since is not None:
            before &= c.trigger_time < utc_time(since)
        if index is not None:
            before &= c.trigger_index < index
        return self._counted(before)

    def trigger(self, run_id: int, index: int, wanted: WantedTriggers | None = None) -> dict[str, Any]:
        """Return one trigger with what the program saw, asked, decided and logged, the trades that it had to do with,
        and its neighbours among the wanted ones: `place` of `total` it is there, from 1 on.
        """
        item = self._results.require(run_id)
        c = backtest_trigger_logs.c
        with self._database.reading() as connection:
            found = select(backtest_trigger_logs).where(c.backtest_id == run_id, c.trigger_index == index)
            row = connection.execute(found).mappings().first()
        if row is None:
            why = " stored: nothing came of it" if index < (item["total_triggers"] or 0) else ""
            raise NotStored(f"back-test {run_id} has no trigger {index}{why}")
        trades = self._linked(run_id).of_triggers.get(index, [])
        beside = self._beside(run_id, index, wanted or WantedTriggers(all_triggers=True))
        return {**whole_trigger(dict(row)), "trades": trades, **beside}

    def _beside(self, run_id: int, index: int, wanted: WantedTriggers) -> dict[str, Any]:
        c, among = backtest_trigger_logs.c, wanted.condition(run_id)
        with self._database.reading() as connection:
            previous = connection.execute(select(func.max(c.trigger_index)).where(among, c.trigger_index < index))
            following = connection.execute(select(func.min(c.trigger_index)).where(among, c.trigger_index > index))
            beside = {"previous": previous.scalar(), "next": following.scalar()}
        return {**beside, "place": self._counted(among & (c.trigger_index <= index)), "among": self._counted(among)}

    def _counted(self, condition: Any) -> int:
        with self._database.reading() as connection:
            if not self._database.has_table(connection, backtest_trigger_logs):
                return 0
            counted = select(func.count()).select_from(backtest_trigger_logs).where(condition)
            return int(connection.execute(counted).scalar_one())

    def _linked(self, run_id: int) -> _Links:
        item = self._results.require(run_id)
        key = run_id, item["created_at"], item["completed_at"]
        with self._lock:
            if key in self._links:
                self._links.move_to_end(key)
                return self._links[key]
        found = self._results.result(run_id)
        trades = [with_entry(trade) for trade in found.trades]
        links = trigger_links(trades, self._answers(run_id) if trades else ())
        linked = _Links(links, trades_by_trigger(links))
        if found.status != RunStatus.RUNNING:
            with self._lock:
                self._links[key] = linked
                while len(self._links) > _MOST_KEPT:
                    self._links.popitem(last=False)
        return linked

    def _answers(self, run_id: int) -> Iterator[LoggedAnswer]:
        """Yield the decisions of a run to do something, in order."""
        c = backtest_trigger_logs.c
        names = "trigger_index trigger_type trigger_time decision_output decision_input".split()
        found = select(*(c[name] for name in names)).where(c.backtest_id == run_id, TriggerFilter.DECISIONS.condition())
        with self._database.reading() as connection:
            rows = connection.execute(found.order_by(c.id)).mappings().all()
        for row in rows:
            saw = stored_json(row["decision_input"]) if row["trigger_type"] == "signal" else None
            pool = (saw or {}).get("signal_pool_name") or ""
            answer = trigger_answer(row)
            for each in answer.get("decisions") or [answer]:
                yield LoggedAnswer(
                    row["trigger_index"],
                    epoch_ms(row["trigger_time"]) or 0,
                    row["trigger_type"],
                    pool,
                    each["decision"],
                    each.get("order") or {},
                )


def _facts(found: StoredResult) -> ResultFacts:
    figures = {**dict.fromkeys(FIGURES), **found.figures}
    trades = [with_entry(trade) for trade in found.trades]
    if not found.curve or figures["start_time"] is None:
        return ResultFacts(trades, figures, _NO_CURVE, _NO_CURVE)
    curve = StoredCurve(found.curve, figures, found.daily_equity)
    return ResultFacts(trades, figures, (curve.timestamp_ms, curve.equity), curve.daily())


def _sortable(value: Any) -> tuple[int, float, str]:
    """Return a key that orders nothing before numbers before texts."""
    if value is None:
        return 0, 0.0, ""
    if isinstance(value, (int, float)):
        return 1, float(value), ""
    return 2, 0.0, str(value)
