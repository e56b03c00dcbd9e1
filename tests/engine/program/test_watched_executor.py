"""A program whose answers somebody sees before the run does."""

from __future__ import annotations

from typing import Any

from engine import InProcessExecutor, Simulation
from engine.program import Answer, WatchedExecutor
from processes import HASH_SEED_WARNING, start_standard_processes
from tests.support.runs import MINUTE, START, Script, buy, config, market, walk


def test_each_answer_is_seen_and_what_is_returned_counts() -> None:
    seen: list[tuple[float, Any]] = []

    def answered(data: Any, answer: Answer) -> Answer:
        seen.append(((data.timestamp - START) / MINUTE, answer))
        return buy() if len(seen) == 3 else None

    script = Script({2: buy()})
    settings = config(script, 5)
    sim = Simulation(market(X=walk(5)), settings)
    start_standard_processes(sim, WatchedExecutor(InProcessExecutor(script, {}), answered))
    result = sim.run()
    assert [minute for minute, _ in seen] == [1, 2, 3, 4, 5]
    assert [answer is not None for _, answer in seen] == [False, True, False, False, False]
    assert [each.timestamp for each in result.fill_records] == [START + 3 * MINUTE]


def test_a_program_of_this_process_is_one_all_the_same(monkeypatch: Any) -> None:
    monkeypatch.setattr("processes.backtest.is_hash_random", lambda: True)
    script = Script({})
    sim = Simulation(market(X=walk(5)), config(script, 5))
    start_standard_processes(sim, WatchedExecutor(InProcessExecutor(script, {}), lambda data, answer: answer))
    assert HASH_SEED_WARNING in sim.warnings
