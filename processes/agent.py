"""The strategy agent: takes triggers, asks the program for its decision, submits what it decides."""

from __future__ import annotations

from collections.abc import Generator
from typing import Any, NamedTuple

from simpy import Event

from engine import (
    ActionType,
    ConfigurationError,
    Decision,
    HistoricalDataProvider,
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
from engine.program import ProgramExecutor, ViewedRun, WarmUpCase, WarmUpOutcome, shown_text, view_at, warm_up_case
from engine.result import TriggerRecord


class _Failure(NamedTuple):
    """The text of a program's error, and whether the program is lost by it."""

    text: str
    is_lost: bool


def strategy_agent(sim: Simulation, executor: ProgramExecutor) -> Generator[Event, Any, None]:
    """Handle the triggers of an instant one after another: decision, order and fill, then the next decision. An order
    that takes time to arrive is sent, and not waited for.

    An exception in the program ends the run with that error, or with ``on_strategy_error="hold"`` counts as hold.
    """
    inbox = sim.subscribe(TriggerEvent, Phase.DECISIONS)
    _start(sim, executor)
    clock, account, provider, symbols, log = sim.clock, sim.account, sim.provider, sim.config.symbols, sim.trigger_log
    run, pending = ViewedRun(provider, account.trades, sim.exchange.margins), sim.exchange.pending
    records = provider.records_queries
    while not sim.is_over:
        triggers = yield inbox.batch()
        now = clock.now()
        for trigger in triggers:
            if sim.is_over:
                return
            before = account.state
            symbol = trigger.symbol or symbols[0]
            if trigger.timestamp != now or symbol not in symbols:
                raise SimulationError(f"at {utc_text(now)} a trigger was published that cannot be: {trigger}")
            # nobody but the program keeps this view: where it does not, nothing is worked out for it when orders change
            asked = _asked(executor, provider, view_at(run, now, trigger, symbol, before, pending.seen()))
            logs = executor.log.take() if executor.log.has_lines else ()
            queries = provider.take_queries() if records else ()
            if asked is None and not logs and log.add_quiet(trigger, symbol, before, queries):
                continue
            if isinstance(asked, _Failure):
                log.append(TriggerRecord(trigger, symbol, None, None, before, account.state, logs, queries, asked.text))
                _report(sim, trigger, asked)
                continue
            case = order = values = None
            if asked is not None:
                case = warm_up_case(asked, provider.take_short(), before, sim.config.warm_up)
                submitted = _submitted(sim, asked, trigger, case)
                order = (yield submitted) if isinstance(submitted, Event) else submitted
                values = decision_values(asked)
            log.append(TriggerRecord(trigger, symbol, values, order, before, account.state, logs, queries, None, case))


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


def _asked(executor: ProgramExecutor, provider: HistoricalDataProvider, data: MarketData) -> Decision | _Failure | None:
    """Return the program's decision, or how it failed."""
    if provider.too_short:
        provider.take_short()  # what others have asked for meanwhile
    try:
        return executor.execute(data)
    except (KeyboardInterrupt, SystemExit):
        raise
    except BaseException as raised:  # whatever a program raises is its own error, which is recorded and counted
        return _Failure(shown_text(raised), isinstance(raised, ProgramLost))


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


def _report(sim: Simulation, trigger: TriggerEvent, failure: _Failure) -> None:
    sim.strategy_errors += 1
    sim.bus.publish(StrategyFailed(sim.now, trigger, failure.text))
    if failure.is_lost or sim.config.on_strategy_error == "stop":
        kind = f"{trigger.trigger_type} trigger {len(sim.trigger_log)}"
        sim.stop(f"the strategy failed at {utc_text(sim.now)} ({kind}): {failure.text}")
