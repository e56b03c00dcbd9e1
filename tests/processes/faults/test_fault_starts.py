"""What holds of every fault: it is small, of no intensity it is nothing, and all that it does is told."""

from __future__ import annotations

import inspect
from collections import Counter
from collections.abc import Iterable, Iterator
from functools import cache
from typing import Any

import pytest
from simpy import Environment

from adapters import Sandbox
from engine import Fill, FundingPaid, Liquidated, OrderRejected, Simulation
from engine.faults import KINDS
from engine.journal import replay
from engine.kernel import FaultActed, FaultBegan, FaultEnded
from processes import TriggerTimes, make_executor, start_standard_processes, trusted_executor
from processes.faults import PROCESSES, start_faults
from tests.support.runs import HOUR, MINUTE, START, Hold, config, market, walk
from tests.support.sandboxes import NO_JAIL, TIGHT, run_code
from tests.support.sandboxes import figures as figures_of
from tests.support.worlds import MINUTES, Dealer, Ran, World, run, world

MOST_LINES = 20
#: As strong as to be seen within three quarters of an hour.
STRONG: dict[str, dict[str, Any]] = {
    "rejects": {"percent": 60.0},
    "latency": {"delay": "70s"},
    "delayed_data": {"delay": "3m"},
    "dropped_data": {"percent": 60.0},
    "duplicated_data": {"percent": 60.0},
    "funding_spike": {"percent": 1.0},
    "spread": {"percent": 0.3},
    "partial_volume": {"percent": 0.01},
    "missed_ticks": {"percent": 60.0},
    "late_signals": {"delay": "90s"},
    "clock_skew": {"skew": "-90s"},
    "slow_program": {"delay": "100s"},
}
WORLDS = [(1, "none"), (2, "rows"), (3, "klines")]


def fault(kind: str, start_ms: int = START, **given: Any) -> dict[str, Any]:
    return {"kind": kind, "start": start_ms + 5 * MINUTE, "duration": "25m", **STRONG.get(kind, {}), **given}


def dealt(of: World, *faults: dict[str, Any], heard: list[Any] | None = None, **fields: Any) -> Ran:
    """Run the program of all kinds of orders in a world with faults; what is said of these comes into `heard`."""

    def listen(sim: Simulation) -> None:
        for kind in (FaultBegan, FaultEnded, FaultActed, Fill, OrderRejected, Liquidated, FundingPaid):
            sim.bus.listen(kind, lambda each: None if heard is None else heard.append(each))

    fields = {"wake_on": ["fill"], "initial_balance": 20_000.0, "on_strategy_error": "hold", **fields}
    return run(of, Dealer(of), prepare=listen, faults=list(faults), **fields)


def figures(ran: Ran) -> tuple[Any, ...]:
    entry = ran.result.to_dict(timing=False, all_triggers=True)
    del entry["config"], entry["warnings"]
    return ran.result.digest, entry, ran.trader.seen


def said(ran: Ran) -> Iterator[str]:
    return (text for text in ran.result.warnings if text.startswith("fault "))


def test_every_kind_has_a_process_of_a_few_lines():
    assert set(PROCESSES) == set(KINDS)
    lines = {kind: len(inspect.getsourcelines(process)[0]) for kind, process in PROCESSES.items()}
    assert {kind: count for kind, count in lines.items() if count > MOST_LINES} == {}


@cache
def plain(seed: int, marks: str) -> tuple[Any, ...]:
    return figures(dealt(world(seed, marks)))


@cache
def disturbed(kind: str, seed: int, marks: str) -> tuple[Ran, list[Any]]:
    of, heard = world(seed, marks), list[Any]()
    return dealt(of, fault(kind, of.start_ms), heard=heard), heard


NOTHING = [{"intensity": 0}, {"rate_per_day": 0.0, "duration": "1h"}, {"every": "5m", "times": 0, "duration": "1m"}]


def is_nothing(of: World, kinds: Iterable[str], expected: tuple[Any, ...]) -> bool:
    faults = [{"kind": kind, **given} for kind in kinds for given in NOTHING]
    ran = dealt(of, *faults)
    lines = [*said(ran)]
    assert len(lines) == len(faults)
    assert all(text.endswith("nothing of it happened in this run") for text in lines)
    return figures(ran) == expected


@pytest.mark.parametrize("kind", KINDS)
def test_of_no_intensity_it_is_nothing(kind):
    assert is_nothing(world(2, "rows"), [kind], plain(2, "rows"))


@pytest.mark.parametrize("seed", range(1, 6))
@pytest.mark.parametrize("marks", ["none", "rows", "klines"])
def test_all_of_no_intensity_are_nothing(seed, marks):
    assert is_nothing(world(seed, marks), KINDS, plain(seed, marks))


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(("seed", "marks"), WORLDS)
def test_its_beginning_its_end_and_what_it_did_are_told(kind, seed, marks):
    ran, heard = disturbed(kind, seed, marks)
    start_ms = ran.sim.start_ms
    began, *acted, ended = (each for each in heard if isinstance(each, (FaultBegan, FaultActed, FaultEnded)))
    assert (type(began), type(ended), {type(each) for each in acted} <= {FaultActed}) == (FaultBegan, FaultEnded, True)
    assert (began.timestamp, began.until) == (start_ms + 5 * MINUTE, start_ms + 30 * MINUTE)
    assert ended.timestamp == began.until
    assert all(began.timestamp <= each.timestamp <= ended.timestamp for each in acted)
    assert {each.fault for each in (began, *acted, ended)} == {kind} == {began.kind, ended.kind}
    assert ended.acted == sum(each.count for each in acted)
    (line,) = said(ran)
    assert line.startswith(f"fault {kind}: once, 25m in all; ")
    counts = Counter[str]()
    for each in acted:
        counts[each.effect] += each.count
    assert line.partition("; ")[2] == (
        ", ".join(f"{name}: {n:,}" for name, n in counts.items()) or "no order, row or trigger was touched"
    )


@pytest.mark.parametrize("kind", KINDS)
def test_it_does_something_somewhere(kind):
    assert any(
        any(isinstance(each, FaultActed) for each in heard) and figures(ran) != plain(*of)
        for of in WORLDS
        for ran, heard in [disturbed(kind, *of)]
    )


@pytest.mark.parametrize(("seed", "marks"), WORLDS)
@pytest.mark.parametrize("kinds", [["outage", "delayed_data", "spread"], list(KINDS)], ids=["three", "all"])
def test_a_journal_has_its_lines_and_still_adds_up(seed, marks, kinds):
    of, heard = world(seed, marks), list[Any]()
    ran = dealt(of, *(fault(kind, of.start_ms) for kind in kinds), heard=heard, record_journal=True)
    assert ran.result.journal is not None
    assert replay(ran.result.journal).account.ledger.postings == ran.sim.account.ledger.postings
    lines = [each for each in ran.result.journal.records() if str(each["rule"]).startswith("fault-")]
    said = [each for each in heard if isinstance(each, (FaultBegan, FaultActed, FaultEnded))]
    assert [(each["at"], each["fault"]) for each in lines] == [(each.timestamp, each.fault) for each in said]
    assert ran.result.digest == dealt(of, *(fault(kind, of.start_ms) for kind in kinds)).result.digest


def everything(**given: Any) -> list[dict[str, Any]]:
    return [{**fault(kind), **given} for kind in KINDS]


def test_the_same_seed_gives_the_same_bytes_also_of_two_of_a_kind():
    of, drawn = world(4, "rows"), {"rate_per_day": 200.0, "duration": "4m", "seed": 3}
    twice = [{**each, **drawn} for each in everything() * 2]
    for each in twice:
        del each["start"]
    one, other = (dealt(of, *twice) for _ in range(2))
    assert figures(one) == figures(other)
    assert [*said(one)] == [*said(other)]
    names = [text.partition(":")[0].removeprefix("fault ") for text in said(one)]
    assert names == [*KINDS, *(f"{kind} 2" for kind in KINDS)]


def test_another_seed_gives_another_run():
    of = world(4, "rows")
    digests = {dealt(of, fault("rejects", of.start_ms, seed=seed)).result.digest for seed in range(4)}
    assert len(digests) > 1


@pytest.mark.parametrize(
    ("given", "begun", "ended"),
    [
        ({"duration": "25m"}, 5, 30),
        ({"start": START - HOUR, "duration": "80m"}, 0, 20),
        ({"start": START + 40 * MINUTE, "duration": "3h"}, 40, MINUTES),
        ({"start": START - HOUR, "duration": "9h"}, 0, MINUTES),
    ],
    ids=["inside", "begun before", "over the end", "all of it"],
)
def test_of_those_that_the_run_does_not_hold_it_has_its_part(given, begun, ended):
    of, heard = world(3, "klines"), []  # it begins at START
    assert of.start_ms == START
    ran = dealt(of, *everything(**given), heard=heard)
    times: dict[str, list[float]] = {kind: [] for kind in KINDS}
    for each in heard:
        if isinstance(each, (FaultBegan, FaultEnded)):
            times[each.kind].append((each.timestamp - START) / MINUTE)
    assert times == {kind: [begun, ended] for kind in KINDS}
    assert ran.result.success


@pytest.mark.parametrize("start", [START - 3 * HOUR, START + 3 * HOUR])
def test_those_outside_of_the_run_are_nothing(start):
    assert figures(dealt(world(3, "klines"), *everything(start=start))) == plain(3, "klines")


CODE = """
class Asks:
    def init(self, params):
        self.count = 0

    def should_trade(self, data):
        self.count += 1
        rsi = data.get_indicator("X", "RSI14", "1m").get("value", 50.0)
        klines = data.get_klines("X", "5m", 3)
        log(data.timestamp, self.count, data.get_price("X"), rsi, klines[-1:], round(data.total_equity, 6))
        data.record("rsi", rsi)
        if "X" in data.positions:
            held = data.positions["X"]
            log(held.unrealized_pnl, held.holding_duration_seconds, len(data.open_orders))
            return Decision("close", "X", str(self.count)) if self.count % 5 == 0 else None
        price = data.get_price("X")
        if self.count % 3:
            return Decision("buy", "X", target_portion_of_balance=0.3, leverage=3, stop_loss_price=price * 0.99)
        data.wake_at(data.timestamp + 90_000)
        return Decision("sell", "X", target_portion_of_balance=0.3, leverage=3, max_price=price * 1.001)
"""


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    if NO_JAIL is not None:
        pytest.skip(NO_JAIL)
    with Sandbox(TIGHT) as made:
        yield made


@pytest.mark.parametrize("kind", KINDS)
def test_it_is_the_same_for_a_jailed_program(kind, sandbox):
    fields = {"faults": [fault(kind), {**fault("clock_skew"), "skew": "17s"}], "fee_rate": 0.035}
    signals = [TriggerTimes("X", range(START + 20_000, START + 50 * MINUTE, 7 * MINUTE))]
    given = {"history": market(X=walk(120, 5)), "minutes": 60, "signals": signals, "record_queries": True, **fields}
    trusted, result = (run_code(CODE, executor, **given) for executor in (trusted_executor, sandbox.executor))
    assert figures_of(result) == figures_of(trusted)
    assert result.success, result.error
    assert result.total_trades > 3


def test_it_runs_in_the_environment_of_a_host():
    settings = config(Hold, 60, faults=[fault("outage")])
    sim = Simulation(market(X=walk(90)), settings, Environment(initial_time=START))
    start_standard_processes(sim, make_executor(settings))
    paused: list[bool] = []

    def looks() -> Iterator[Any]:
        for _ in range(59):
            yield sim.env.timeout(MINUTE)
            paused.append(sim.exchange.paused_at is not None)

    sim.env.process(looks())
    sim.start()
    sim.env.run(until=sim.done)
    assert paused == [5 <= minute < 30 for minute in range(1, 60)] or paused == [
        5 < minute <= 30 for minute in range(1, 60)
    ]
    assert [*sim.result().warnings][-1].startswith("fault outage: once, 25m in all")


def test_without_faults_no_process_is_started():
    sim = Simulation(market(X=walk(90)), config(Hold, 60, faults=[fault("outage", intensity=0)]))
    start_faults(sim, sim.faults)
    assert sim.processes == {}
