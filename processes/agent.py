"""The strategy agent: takes triggers, asks the program for its decision, submits what it decides."""

from __future__ import annotations

from collections.abc import Generator
from typing import Any

from simpy import Event

from engine import (
    ActionType,
    ConfigurationError,
    Decision,
    MarketData,
    Phase,
    Simulation,
    StrategyFailed,
    TriggerEvent,
    utc_text,
)
from engine.contract import decision_values
from engine.errors import ProgramLost, SimulationError
from engine.exchange import OrderResult
from engine.program import ProgramExecutor, WarmUpCase, WarmUpOutcome, shown_text, warm_up_case
from engine.result import TriggerRecord


def strategy_agent(sim: Simulation, executor: ProgramExecutor) -> Generator[Event, Any, None]:
    """Handle the triggers of an instant one after another: decision, order and fill, then the next decision. An order
    that takes time to arrive is sent, and not waited for.

    An exception in the program ends the run with that error, or with ``on_strategy_error="hold"`` counts as hold.
    """
    inbox = sim.subscribe(TriggerEvent, Phase.DECISIONS)
    _start(sim, executor)
    clock, account, provider, log = sim.clock, sim.account, sim.provider, sim.trigger_log
    symbols = ("", *sim.config.symbols)
    while not sim.is_over:
        triggers = yield inbox.batch()
        now = clock.now()
        for trigger in triggers:
            if sim.is_over:
                return
            before = account.state
            if trigger.timestamp != now or trigger.symbol not in symbols:
                raise SimulationError(f"at {utc_text(now)} a trigger was published that cannot be: {trigger}")
            decision, error, is_lost = _asked(sim, executor, trigger, now)
            logs = executor.log.take() if executor.log.has_lines else ()
            queries = provider.take_queries() if provider.records_queries else ()
            if decision is None and error is None and not logs and log.add_quiet(trigger, before, queries):
                continue
            case = order = values = None
            if decision is not None:
                case = warm_up_case(decision, provider.take_short(), before, sim.config.warm_up)
                submitted = _submitted(sim, decision, trigger, case)
                order = (yield submitted) if isinstance(submitted, Event) else submitted
                values = decision_values(decision)
            log.append(TriggerRecord(trigger, values, order, before, account.state, logs, queries, error, case))
            if error is not None:
                _report(sim, trigger, error, is_lost)


def _start(sim: Simulation, executor: ProgramExecutor) -> None:
    """Start the program; where that fails, the run is over."""
    try:
        executor.start(lambda: sim.now)
    except (KeyboardInterrupt, SystemExit, ConfigurationError):
        raise
    except BaseException as raised:  # the program's own code runs here: construction and init
        sim.stop(f"the strategy could not be started: {shown_text(raised)}")
    else:
        sim.parameters = executor.parameters


def _asked(
    sim: Simulation, executor: ProgramExecutor, trigger: TriggerEvent, now: int
) -> tuple[Decision | None, str | None, bool]:
    """Return the program's decision; or None, the text of its error and whether the program is lost by it."""
    provider, account, exchange = sim.provider, sim.account, sim.exchange
    if provider.too_short:
        provider.take_short()  # what others have asked for meanwhile
    orders, margins = exchange.pending.seen(), exchange.margins
    # nobody but the program keeps this view: where it does not, nothing is worked out for it when orders change
    data = MarketData(provider, now, trigger, account.state, account.trades, orders, margins)
    try:
        return executor.execute(data), None, False
    except (KeyboardInterrupt, SystemExit):
        raise
    except BaseException as raised:  # whatever a program raises is its own error, which is recorded and counted
        return None, shown_text(raised), isinstance(raised, ProgramLost)


def _submitted(
    sim: Simulation, decision: Decision, trigger: TriggerEvent, case: WarmUpCase | None
) -> Event | OrderResult | None:
    """Submit a decision and return the event of what becomes of it, or what has become of it already; None for one to
    hold, and one that is held back.
    """
    outcome = WarmUpOutcome.SUBMITTED if case is None else case.outcome
    if outcome == WarmUpOutcome.HELD or decision.action() == ActionType.HOLD:
        return None
    exchange, closes = sim.exchange, outcome == WarmUpOutcome.CLOSED
    delay = exchange.models.latency.delay_ms(sim.now)
    if delay:
        return exchange.send(decision, trigger, delay, closes)
    return exchange.submit(decision, trigger, reduce_only=closes)


def _report(sim: Simulation, trigger: TriggerEvent, error: str, is_lost: bool) -> None:
    sim.strategy_errors += 1
    sim.bus.publish(StrategyFailed(sim.now, trigger, error))
    if is_lost or sim.config.on_strategy_error == "stop":
        kind = f"{trigger.trigger_type} trigger {len(sim.trigger_log)}"
        sim.stop(f"the strategy failed at {utc_text(sim.now)} ({kind}): {error}")
