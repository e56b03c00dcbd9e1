"""The strategy agent: takes triggers, asks the program for its decision, submits what it decides."""

from __future__ import annotations

from collections.abc import Generator
from typing import Any

from simpy import Event

from engine import (
    Decision,
    MarketData,
    Phase,
    SandboxExecutor,
    Simulation,
    StrategyFailed,
    TriggerEvent,
    TriggerRecord,
    decision_values,
    failing_line,
    utc_text,
)


def strategy_agent(sim: Simulation, executor: SandboxExecutor) -> Generator[Event, Any, None]:
    """Handle the triggers of an instant one after another: decision, order and fill, then the next decision. An order
    that takes time to arrive is sent, and not waited for.

    An exception in the program ends the run with that error, or with ``on_strategy_error="hold"`` counts as hold.
    """
    inbox = sim.subscribe(TriggerEvent, Phase.DECISIONS)
    problem = _started(sim, executor)
    if problem is not None:
        sim.stop(problem)
    account, exchange, symbols = sim.account, sim.exchange, sim.config.symbols
    while not sim.is_over:
        triggers = yield inbox.batch()
        now = sim.now
        for trigger in triggers:
            if sim.is_over:
                return
            before = account.state
            symbol = trigger.symbol or symbols[0]
            data = MarketData(
                sim.provider, now, trigger, symbol, before, account.trades, exchange.open_orders(), exchange.margins
            )
            decision, error = _asked(executor, data)
            order = None
            if decision is not None and decision.action() != "hold":
                delay = exchange.delay_ms()
                order = exchange.send(decision, trigger, delay) if delay else (yield exchange.submit(decision, trigger))
            values = None if decision is None else decision_values(decision)
            logs, queries = executor.log.take(), sim.provider.take_queries()
            sim.trigger_log.append(
                TriggerRecord(trigger, symbol, values, order, before, account.state, logs, queries, error)
            )
            if error is not None:
                _report(sim, trigger, error)


def _started(sim: Simulation, executor: SandboxExecutor) -> str | None:
    try:
        executor.start(lambda: sim.now)
    except (KeyboardInterrupt, SystemExit):
        raise
    except BaseException as raised:  # the program's own code runs here: construction and init
        return f"the strategy could not be started: {_error_text(raised)}"
    return None


def _asked(executor: SandboxExecutor, data: MarketData) -> tuple[Decision | None, str | None]:
    """Return the program's decision, or None and the text of its error."""
    try:
        return executor.execute(data), None
    except (KeyboardInterrupt, SystemExit):
        raise
    except BaseException as raised:  # whatever a program raises is its own error, which is recorded and counted
        return None, _error_text(raised)


def _report(sim: Simulation, trigger: TriggerEvent, error: str) -> None:
    sim.strategy_errors += 1
    sim.bus.publish(StrategyFailed(sim.now, trigger, error))
    if sim.config.on_strategy_error == "stop":
        kind = f"{trigger.trigger_type} trigger {len(sim.trigger_log)}"
        sim.stop(f"the strategy failed at {utc_text(sim.now)} ({kind}): {error}")


def _error_text(error: BaseException) -> str:
    line = failing_line(error)
    place = "" if line is None else f" (line {line})"
    return f"{type(error).__name__}: {error}{place}"
