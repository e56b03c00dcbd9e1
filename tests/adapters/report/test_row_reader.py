"""Triggers looked for, sorted and jumped to, each with its neighbours and its trades: on every database."""

from __future__ import annotations

from typing import Any

import pytest

from adapters import Database
from adapters.report import MarkReader, NotStored, ResultReader, RowReader, TriggerSort, WantedTriggers
from adapters.results import ResultStore, TriggerFilter
from engine import BacktestConfig, Decision
from processes import ProgramBacktestEngine
from tests.support.runs import DAY, MINUTE, config, market, walk


class Speaks:
    """Decides now and then, says something in several tongues, and errs."""

    def init(self, params):
        self.count = 0

    def should_trade(self, data):
        self.count += 1
        if self.count == 7:
            raise ValueError("100% wrong")
        if self.count % 5 == 0:
            side, share = ("close", 1.0) if data.positions else ("buy", 0.1)
            return Decision(side, "X", target_portion_of_balance=share, reason="Grüße 50%")
        return None


@pytest.fixture
def rows(any_database: Database) -> RowReader:
    given: BacktestConfig = config(Speaks, 2 * DAY // MINUTE, scheduled_interval=3_600, on_strategy_error="hold")
    engine = ProgramBacktestEngine(market(X=walk(2 * DAY // MINUTE)))
    with ResultStore(any_database).saving(given, all_triggers=True) as saved:
        saved.complete(engine.run(given, prepare=saved.watch))
    results = ResultReader(any_database)
    return RowReader(any_database, results, MarkReader(any_database, results))


def indices(page: dict[str, Any]) -> list[int]:
    return [each["index"] for each in page["items"]]


def test_triggers_are_looked_for_sorted_and_jumped_to(rows: RowReader) -> None:
    everything = WantedTriggers(all_triggers=True)
    whole = rows.triggers(1, 0, 500, everything)
    assert whole["total"] == whole["stored"] == len(whole["items"]) > 20
    found = {
        text: indices(rows.triggers(1, 0, 500, WantedTriggers(text=text, all_triggers=True)))
        for text in ("GRÜSSE", "Grüße 50%", "50%", "100% WRONG", "_", "nothing of it")
    }
    acting = indices(rows.triggers(1, 0, 500, WantedTriggers(TriggerFilter.DECISIONS)))
    assert found["Grüße 50%"] == found["50%"] == acting
    assert (found["100% WRONG"], found["_"], found["nothing of it"]) == ([6], [], [])
    assert rows.triggers(1, 0, 9, WantedTriggers(trigger_type="signal", all_triggers=True))["total"] == 0
    assert indices(rows.triggers(1, 0, 1, everything, TriggerSort.ERROR)) == [6]
    last_first = indices(rows.triggers(1, 0, 500, everything, TriggerSort.INDEX, descending=True))
    assert last_first == indices(whole)[::-1]
    by_decision = [each["action"] for each in rows.triggers(1, 0, 500, everything, TriggerSort.DECISION)["items"]]
    assert by_decision == sorted(by_decision)
    at = whole["items"][9]["timestamp"]
    assert rows.place_of_trigger(1, everything, since=at) == rows.place_of_trigger(1, everything, since=at - 1) == 9
    assert rows.place_of_trigger(1, everything, since=at + 1) == rows.place_of_trigger(1, everything, index=10) == 10


def test_a_trigger_knows_its_neighbours_and_its_trades(rows: RowReader) -> None:
    acting = WantedTriggers(TriggerFilter.DECISIONS)
    order = indices(rows.triggers(1, 0, 500, acting))
    found = rows.trigger(1, order[1], acting)
    assert (found["previous"], found["next"], found["place"], found["among"]) == (order[0], order[2], 2, len(order))
    beside = rows.trigger(1, order[1] + 1, acting)
    assert (beside["previous"], beside["next"], beside["place"]) == (order[1], order[2], 2)
    assert rows.trigger(1, order[0])["trades"] == [{"number": 1, "role": "opened"}]
    assert found["trades"] == [{"number": 1, "role": "closed"}]
    trade = rows.trade(1, 1)
    assert [each["trigger"] for each in trade["triggers"]] == order[:2]
    assert (trade["index"], trade["total"]) == (0, rows.trades(1, 0, 1, "index", False, {})["total"])
    with pytest.raises(NotStored, match="has no trade 999"):
        rows.trade(1, 999)


def test_the_summary_of_a_stored_result_is_that_of_its_figures(rows: RowReader) -> None:
    tables = {each["name"]: each["rows"] for each in rows.summary(1)["tables"]}
    assert sum(each["total_trades"] for each in tables["symbol"]) == rows.trade(1, 1)["total"]
    assert tables["months"][0]["total"] is not None
    assert tables["drawdowns"]
