"""Laws of the journal, in random markets with every option: a few random cases of each, hundreds in the soak."""

import json
from dataclasses import replace
from typing import Any

import pytest

from adapters import Sandbox, TableRows, create_database, load_market, synthetic_klines, write_klines, write_rows
from adapters.database import perp_funding
from engine import BacktestConfig, Decision, FlowHistory, MarketHistory, SymbolHistory, TimedValues
from engine.journal import RULES, checked_records, replay
from processes import ProgramBacktestEngine, trusted_executor
from tests.laws.test_execution_laws import law, marks, seeds, traders
from tests.support import web_server
from tests.support.drawn_options import options
from tests.support.eventful_run import CODE, EVENTFUL, FUNDING_MS, FUNDING_RATE, SYMBOLS
from tests.support.sandboxes import NO_JAIL, TIGHT
from tests.support.worlds import Ran, run, world

#: What is worked out from the market when a run is over, and is no part of its money.
NO_EXCURSIONS = dict.fromkeys(("mae", "mae_percent", "mfe", "mfe_percent"))


def recorded(seed: int, who: Any, kind: str, fields: dict[str, Any]) -> Ran:
    of = world(seed, kind)
    return run(of, who(of), record_journal=True, **fields)


@law(seed=seeds, who=traders, kind=marks, fields=options)
def test_recording_changes_no_byte_of_the_result(seed, who, kind, fields):
    of = world(seed, kind)
    plain, kept = run(of, who(of), **fields), run(of, who(of), record_journal=True, **fields)
    assert kept.result.digest == plain.result.digest
    told, without = (each.result.to_dict(timing=False) for each in (kept, plain))
    told.pop("journal_head", None), without.pop("journal_head", None)
    assert told == without
    assert kept.trader.seen == plain.trader.seen


@law(seed=seeds, who=traders, kind=marks, fields=options)
def test_a_replay_on_an_empty_account_arrives_at_the_same_money(seed, who, kind, fields):
    ran = recorded(seed, who, kind, fields)
    account, journal = ran.sim.account, ran.result.journal
    played = replay(journal)
    assert played.account.ledger.postings == account.ledger.postings
    assert [*played.account.trades] == [replace(each, **NO_EXCURSIONS) for each in ran.result.trades]
    assert played.account.state.cash == account.state.cash
    assert len(played.equities) == len(account.changes)
    assert played.head == journal.head
    assert played.end["digest"] == ran.result.digest


@law(seed=seeds, who=traders, kind=marks, fields=options)
def test_lines_are_canonical_and_causes_come_before(seed, who, kind, fields):
    ran = recorded(seed, who, kind, fields)
    lines = ran.result.journal.lines
    for place, (line, record) in enumerate(zip(lines, checked_records(ran.result.journal), strict=True)):
        told = json.loads(line)
        assert json.dumps(told, sort_keys=True, separators=(",", ":"), allow_nan=False).encode() == line
        assert record["id"] == place
        assert record["rule"] is None or record["rule"] in RULES
    records = [json.loads(line) for line in lines]
    assert [each["at"] for each in records] == sorted(each["at"] for each in records)
    for each in records:
        assert_is_caused(each, records)


def assert_is_caused(each: dict[str, Any], records: list[dict[str, Any]]) -> None:
    cause = None if each["cause"] is None else records[each["cause"]]
    message = each["message"]
    if message == "fill":
        assert cause is not None
        assert cause["message"] in ("order", "sized", "margin")
        assert cause["order"] == each["order"]
        assert (cause["message"] == "margin") == (each["purpose"] == "liquidation")
    if message == "funding":
        assert (cause["message"], cause["purpose"], cause["symbol"]) == ("fill", "entry", each["symbol"])
    if message == "decision":
        assert cause["message"] == "trigger"
    if message == "order":
        assert cause is not None
        if each["event"] == "submit":
            assert cause["message"] in ("decision", "order")


@law(seed=seeds, who=traders, kind=marks, fields=options)
def test_every_fill_has_a_rule_and_a_row_that_justifies_its_price(seed, who, kind, fields):
    ran = recorded(seed, who, kind, fields)
    market = ran.sim.market
    for each in ran.result.journal.records():
        if each["message"] == "fill":
            assert each["rule"] in RULES
            assert_is_justified(each, market)
        if each["message"] == "funding":
            table, symbol, at = each["row"]
            rows = market.symbols[symbol].flow.funding_rate.rows
            assert table == "funding"
            assert rows.value[rows.timestamp_ms.tolist().index(at)] == each["rate"]


def prices_of(row: tuple[str, str, int], market: Any) -> tuple[float, float]:
    """The lowest and the highest price of a row."""
    table, symbol, at = row
    history = market.symbols[symbol]
    if table == "klines":
        columns = history.base.columns
    elif table == "mark_klines":
        columns = history.mark_klines
    elif table == "trades":
        place = history.flow.priced.timestamp_ms.tolist().index(at)
        return history.flow.priced.low.item(place), history.flow.priced.high.item(place)
    else:
        rows = {"marks": history.flow.mark_price}[table].rows
        value = rows.value.item(rows.timestamp_ms.tolist().index(at))
        return value, value
    place = columns.open_ms.tolist().index(at)
    return columns.low.item(place), columns.high.item(place)


def assert_is_justified(each: dict[str, Any], market: Any) -> None:
    low, high = prices_of(each["row"], market)
    price = each["before_slippage"]
    if each["rule"].startswith("gap-over-limit"):
        return  # at its own price, which the market has left behind
    if each["maker"] and not low <= price <= high:
        assert price >= high if each["side"] == "buy" else price <= low, each
        return
    assert low - 1e-9 * low <= price <= high + 1e-9 * high, each


def eventful_market() -> MarketHistory:
    flow = FlowHistory(funding_rate=TimedValues(FUNDING_MS, FUNDING_RATE))
    klines = {symbol: synthetic_klines(symbol, web_server.START, web_server.DAYS * 1_440, seed=5) for symbol in SYMBOLS}
    return MarketHistory([SymbolHistory(symbol, klines[symbol], flow=flow) for symbol in SYMBOLS])


def test_a_class_its_text_and_its_text_in_the_sandbox_give_one_journal():
    if NO_JAIL is not None:
        pytest.skip(NO_JAIL)
    market, text = eventful_market(), {**web_server.configuration(**EVENTFUL), "code": CODE}
    own: dict[str, Any] = {"Decision": Decision}
    exec(CODE, own)
    of_class = {name: value for name, value in text.items() if name not in ("code", "language")}
    found = []
    with Sandbox(TIGHT) as sandbox:
        for fields, executor in (
            (of_class | {"strategy": own["Eventful"]}, None),
            (text, trusted_executor),
            (text, sandbox.executor),
        ):
            engine = ProgramBacktestEngine(market, executor_for=executor)
            config = BacktestConfig.from_dict(fields)
            found.append(engine.run(config, record_queries=True, record_journal=True))
    plain, trusted, jailed = (each.journal.lines for each in found)
    assert len({each["message"] for each in found[0].journal.records()}) >= 10
    assert jailed == trusted
    assert plain == trusted


def test_every_database_gives_one_journal(any_database):
    config = BacktestConfig.from_dict({**web_server.configuration(**EVENTFUL), "language": "python"})
    create_database(any_database)
    for symbol, history in eventful_market().symbols.items():
        write_klines(any_database, config.exchange, symbol, "1m", history.base.columns)
        rates = history.flow.funding_rate.rows
        rows = TableRows(perp_funding, rates.timestamp_ms, {"funding_rate": rates.value})
        write_rows(any_database, config.exchange, symbol, [rows])
    heads = []
    for market in (eventful_market(), load_market(any_database, config)):
        run_of = ProgramBacktestEngine(market, executor_for=trusted_executor)
        heads.append(run_of.run(config, record_journal=True).journal_head)
    assert heads[0] == heads[1]
