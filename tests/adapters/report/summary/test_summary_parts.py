"""The tables of a summary against slow sums of the same trades and the same curve."""

from __future__ import annotations

from datetime import UTC, datetime
from statistics import mean, median
from typing import Any

import numpy as np
import pytest

from adapters.report.summary import ResultFacts, summary_of
from adapters.report.summary.by_words import word_tables
from tests.support.eventful_run import eventful_result

Tables = dict[str, dict[str, Any]]


@pytest.fixture(scope="module")
def trades() -> list[dict[str, Any]]:
    return [each.to_dict() for each in eventful_result().trades]


@pytest.fixture(scope="module")
def found(trades: list[dict[str, Any]]) -> dict[str, Any]:
    result = eventful_result()
    curve = result.equity.timestamp_ms, result.equity.equity
    return summary_of(ResultFacts(trades, result.figures(), curve, result.equity.daily()))


@pytest.fixture(scope="module")
def tables(found: dict[str, Any]) -> Tables:
    return {each["name"]: each for each in found["tables"]}


def parts(trades: list[dict[str, Any]]) -> dict[str, list[dict[str, Any]]]:
    return {"All": trades, "Won": [t for t in trades if t["pnl"] > 0], "Lost": [t for t in trades if t["pnl"] < 0]}


def test_months_are_of_the_equity_at_their_ends(tables: Tables) -> None:
    result = eventful_result()
    times, equity = result.equity.timestamp_ms.tolist(), result.equity.equity.tolist()
    assert {datetime.fromtimestamp(at / 1_000, UTC).strftime("%Y %b") for at in times} == {"2024 Jan"}
    change = 100.0 * (equity[-1] / equity[0] - 1.0)
    (row,) = tables["months"]["rows"]
    assert (row["year"], row["feb"]) == ("2024", None)
    assert (row["jan"], row["total"]) == pytest.approx((change, change))
    assert "2024-01-05 00:00 to 2024-01-15 00:00 UTC" in tables["months"]["meaning"]


@pytest.mark.parametrize("by", ["symbol", "side", "exit_reason"])
def test_parts_add_up_to_all(tables: Tables, trades: list[dict[str, Any]], by: str) -> None:
    rows = tables[by]["rows"]
    assert len(rows) == len({each[by] for each in trades}) == tables[by]["total"]
    assert sum(row["total_trades"] for row in rows) == len(trades)
    for name, field in (("pnl", "pnl"), ("fees", "fee"), ("funding", "funding")):
        assert sum(row[name] for row in rows) == pytest.approx(sum(each[field] for each in trades))


def test_holding_times_are_from_first_fill_to_exit(tables: Tables, trades: list[dict[str, Any]]) -> None:
    for row in tables["durations"]["rows"]:
        held = sorted(each["exit_timestamp"] - each["entry_timestamp"] for each in parts(trades)[row["part"]])
        said = row["count"], row["min_ms"], row["median_ms"], row["mean_ms"], row["max_ms"]
        assert said == pytest.approx((len(held), held[0], median(held), mean(held), held[-1]))


@pytest.mark.parametrize(("name", "ending"), [("excursions", "_percent"), ("excursions_usd", "")])
def test_excursions_are_quantiles_of_the_trades(
    tables: Tables, trades: list[dict[str, Any]], name: str, ending: str
) -> None:
    rows = tables[name]["rows"]
    assert len(rows) == 6
    for row in rows:
        what, part = row["part"].split(", ")
        values = sorted(each[f"{what.lower()}{ending}"] for each in parts(trades)[part.capitalize()])
        rank = (len(values) - 1) * 0.95
        low = values[int(rank)]
        high = values[min(int(rank) + 1, len(values) - 1)]
        want = low + (high - low) * (rank - int(rank))
        said = row["min"], row["median"], row["q95"], row["max"], row["mean"]
        assert said == pytest.approx((values[0], median(values), want, values[-1], mean(values)))


def test_the_picture_has_every_trade(found: dict[str, Any], trades: list[dict[str, Any]]) -> None:
    points = found["excursions"]
    assert points["index"] == [*range(len(trades))]
    assert points["total"] == len(trades)
    assert points["mfe_percent"] == [each["mfe_percent"] for each in trades]


def test_best_and_worst_lead_to_their_trades(tables: Tables, trades: list[dict[str, Any]]) -> None:
    order = sorted(range(len(trades)), key=lambda place: trades[place]["pnl"])
    assert [row["index"] for row in tables["worst"]["rows"]] == order[:5]
    assert [row["index"] for row in tables["best"]["rows"]] == order[:-6:-1]
    assert all(row["pnl"] == trades[row["number"] - 1]["pnl"] for row in tables["best"]["rows"])


def test_the_longest_drawdown_is_that_of_the_figures(tables: Tables) -> None:
    result, rows = eventful_result(), tables["drawdowns"]["rows"]
    assert tables["drawdowns"]["total"] == result.drawdown_count
    assert rows[0]["length_ms"] == result.longest_drawdown_ms
    assert max(row["depth_percent"] for row in rows) == pytest.approx(result.max_drawdown_percent)
    slow = []
    peak, since, deepest = -np.inf, 0, 0.0
    for at, value in zip(result.equity.timestamp_ms.tolist(), result.equity.equity.tolist(), strict=True):
        if value >= peak:
            if deepest:
                slow.append((at - since, since, deepest))
            peak, since, deepest = value, at, 0.0
        deepest = max(deepest, peak - value)
    if deepest:
        slow.append((at - since, since, deepest))
    slow.sort(key=lambda each: (-each[0], each[1]))
    assert [(row["length_ms"], row["start"], row["depth"]) for row in rows] == slow[:10]


def test_a_run_that_has_come_to_nothing_has_empty_tables() -> None:
    none = np.empty(0, np.int64), np.empty(0, np.float64)
    found = summary_of(ResultFacts([], {}, none, none))
    assert [each["rows"] for each in found["tables"]] == [[]] * len(found["tables"])
    assert found["excursions"]["total"] == 0


def test_reasons_and_tags_add_up_and_one_for_all_is_no_table(trades: list[dict[str, Any]], tables: Tables) -> None:
    assert not {"reason", "tag"} & tables.keys()  # every entry of that run has the same reason, and no tag
    told = [{**trade, "reason": f"why {place % 3}", "tag": "a" * (place % 2)} for place, trade in enumerate(trades)]
    found = {each.name: each for each in word_tables(told)}
    assert found.keys() == {"reason", "tag"}
    assert {row["part"] for row in found["tag"].rows} == {"none", "a"}
    for row in found["reason"].rows:
        of = [each for each in told if each["reason"] == row["part"]]
        won, lost = ([each["pnl"] for each in of if each["pnl"] * sign > 0] for sign in (1, -1))
        assert (row["total_trades"], row["winning_trades"]) == (len(of), len(won))
        assert row["pnl"] == pytest.approx(sum(won) + sum(lost))
        assert row["profit_factor"] == pytest.approx(sum(won) / -sum(lost))
        assert row["fees"] == pytest.approx(sum(each["fee"] for each in of))
