"""The strategy agent: takes triggers, asks the program for its decision, submits what it decides."""

from __future__ import annotations

from collections.abc import Generator, Sequence
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
from engine.kernel import LAST_RANK
from engine.program import (
    Answer,
    ProgramExecutor,
    ViewedRun,
    WarmUpCase,
    WarmUpOutcome,
    shown_text,
    view_at,
    warm_up_case,
)
from engine.triggers import NOTHING_ANSWERED, Answered, TriggerRecord


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
    clock, account, provider, exchange, log = sim.clock, sim.account, sim.provider, sim.exchange, sim.trigger_log
    run, pending = ViewedRun(provider, account.trades, exchange.margins), exchange.pending
    symbols, records, wakes = ("", *sim.config.symbols), provider.records_queries, _Wakes(sim)
    closed = account.trades.closings  # of the length of its records Python would have to ask them
    while not sim.is_over:
        triggers = yield inbox.batch()
        now = clock.now()
        for trigger in triggers:
            if sim.is_over:
                return
            before = account.state
            if trigger.timestamp != now or trigger.symbol not in symbols:
                raise SimulationError(f"at {utc_text(now)} a trigger was published that cannot be: {trigger}")
            news = exchange.take_news() if exchange.news else ()
            # nobody but the program keeps this view: where it does not, nothing is worked out for it when orders change
            view = view_at(run, now, trigger, before, pending.seen(), news, len(closed))
            asked = _asked(executor, provider, wakes, view)
            del view
            logs = executor.log.take() if executor.log.has_lines else ()
            queries = provider.take_queries() if records else ()
            if asked is None and not logs and log.add_quiet(trigger, before, queries):
                continue
            if isinstance(asked, _Failure):
                log.append(TriggerRecord(trigger, None, None, before, account.state, logs, queries, asked.text))
                _report(sim, trigger, asked)
                continue
            decisions = () if asked is None else (asked,) if isinstance(asked, Decision) else asked
            short = provider.take_short() if decisions else {}
            answers = []
            for decision in decisions:  # each on the account that the one before it has left
                case = warm_up_case(decision, short, account.state, sim.config.warm_up)
                submitted = _submitted(sim, decision, trigger, case, len(decisions))
                order = (yield submitted) if isinstance(submitted, Event) else submitted
                answers.append(Answered(decision_values(decision), order, case))
            decided, order, case = answers[0] if answers else NOTHING_ANSWERED
            around = before, account.state, logs, queries, None
            log.append(TriggerRecord(trigger, decided, order, *around, case, tuple(answers[1:])))


class _Wakes:
    """The times at which the program has asked to be woken: each gives a trigger, once."""

    def __init__(self, sim: Simulation) -> None:
        self._sim = sim
        self._pending: set[int] = set()

    def ask(self, times_ms: Sequence[int], now: int) -> None:
        """Wake the program at some times; those that are not after now are counted."""
        sim = self._sim
        for time_ms in times_ms:
            if time_ms <= now:
                sim.late_wakes += 1
            elif time_ms <= sim.end_ms and time_ms not in self._pending:
                self._pending.add(time_ms)
                if sim.recorder is not None:
                    sim.recorder.wake(time_ms)
                sim.clock.at(time_ms, Phase.SCHEDULED, LAST_RANK).callbacks.append(self._wake)

    def _wake(self, _: Event) -> None:
        now = self._sim.clock.now()
        self._pending.discard(now)
        if not self._sim.is_over:
            self._sim.bus.publish(TriggerEvent(now, "timer"))


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
    executor: ProgramExecutor, provider: HistoricalDataProvider, wakes: _Wakes, data: MarketData
) -> Answer | _Failure:
    """Return what the program decides, or how it failed."""
    if provider.too_short:
        provider.take_short()  # what others have asked for meanwhile
    try:
        answer = executor.execute(data)
        if data._wakes is not None:
            wakes.ask(data._wakes, data._at)
        return answer
    except (KeyboardInterrupt, SystemExit):
        raise
    except BaseException as raised:  # whatever a program raises is its own error, which is recorded and counted
        return _Failure(shown_text(raised), isinstance(raised, ProgramLost))


def _submitted(
    sim: Simulation, decision: Decision, trigger: TriggerEvent, case: WarmUpCase | None, count: int
) -> Event | OrderResult | None:
    """Submit a decision, one of so many, and return the event of what becomes of it, or what has become of it already;
    None for one to hold, and one that is held back.
    """
    outcome = WarmUpOutcome.SUBMITTED if case is None else case.outcome
    if outcome == WarmUpOutcome.HELD or decision.action() == ActionType.HOLD:
        if sim.recorder is not None and (count > 1 or case is not None):
            sim.recorder.decide(trigger, decision, case)
        return None
    if sim.recorder is not None:
        sim.recorder.decide(trigger, decision, case)
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
