"""The strategy agent: takes triggers, asks the program for its decision, submits what it decides."""

from __future__ import annotations

from collections.abc import Generator, Sequence
from functools import partial
from sys import getrefcount
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
from engine.account import AccountState
from engine.contract import decision_values
from engine.disturbance import ProgramLink
from engine.errors import ProgramLost, SimulationError
from engine.exchange import OrderResult
from engine.kernel import LAST_RANK
from engine.program import (
    Answer,
    ProgramExecutor,
    ViewedRun,
    WarmUpCase,
    WarmUpOutcome,
    keep_view,
    shown_text,
    view_at,
    warm_up_case,
)
from engine.triggers import NOTHING_ANSWERED, Answered, TriggerRecord


def _own_references() -> int:
    view = object()
    return getrefcount(view)


#: So many refer to a view that nobody has kept: one name, and an argument where this Python counts that.
_OWN_REFERENCES = _own_references()


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
    env, account, provider, exchange, log = sim.env, sim.account, sim.provider, sim.exchange, sim.trigger_log
    run = ViewedRun(provider, account.trades, exchange.margins, exchange.pending.seen)
    symbols, records, wakes = ("", *sim.config.symbols), provider.records_queries, _Wakes(sim)
    link = sim.link
    link.restart = partial(_start, sim, executor, "anew")
    while not sim.is_over:
        triggers = yield inbox.batch_by_leap()
        for trigger in link.arriving(triggers, inbox.put) if link.arrivals else triggers:
            if sim.is_over:
                return
            before = account.state
            now = trigger.timestamp
            if now != env._now or trigger.symbol not in symbols:
                raise SimulationError(f"at {utc_text(sim.now)} a trigger was published that cannot be: {trigger}")
            news = exchange.take_news() if exchange.news else ()
            view = view_at(run, now, trigger, before, None, news)
            asked = _asked(executor, provider, wakes, view, link)
            if getrefcount(view) > _OWN_REFERENCES:  # the program has kept it, which few do
                keep_view(view)
            del view
            logs = executor.log.take() if executor.log.has_lines else ()
            queries = provider.take_queries() if records else ()
            if asked is None and not logs and log.add_quiet(trigger, before, queries):
                continue
            yield from _followed(sim, trigger, asked, before, logs, queries)


def _followed(
    sim: Simulation,
    trigger: TriggerEvent,
    asked: Answer | _Failure,
    before: AccountState,
    logs: tuple[str, ...],
    queries: Sequence[dict[str, Any]],
) -> Generator[Event, Any, None]:
    """Do what the program has decided at a trigger, and record it."""
    account, log = sim.account, sim.trigger_log
    if isinstance(asked, _Failure):
        log.append(TriggerRecord(trigger, None, None, before, account.state, logs, queries, asked.text))
        _report(sim, trigger, asked)
        return
    decisions = () if asked is None else (asked,) if isinstance(asked, Decision) else asked
    short = sim.provider.take_short() if decisions and sim.provider.too_short else {}
    answers: list[tuple[Any, ...]] = []
    for decision in decisions:  # each on the account that the one before it has left
        case = warm_up_case(decision, short, account.state, sim.config.warm_up) if short else None
        submitted = _submitted(sim, decision, trigger, case, len(decisions))
        order = (yield submitted) if isinstance(submitted, Event) else submitted
        answers.append((decision_values(decision), order, case))
    decided, order, case = answers[0] if answers else NOTHING_ANSWERED
    further = tuple(map(Answered._make, answers[1:])) if len(answers) > 1 else ()
    log.append(TriggerRecord(trigger, decided, order, before, account.state, logs, queries, None, case, further))


class _Wakes:
    """The times at which the program has asked to be woken: each gives a trigger, once."""

    def __init__(self, sim: Simulation) -> None:
        self._sim = sim
        self._pending: set[int] = set()

    def ask(self, times_ms: Sequence[int], now: int, skew_ms: int) -> None:
        """Wake the program at some times of its clock, which is so much fast; those that are not after now count."""
        sim = self._sim
        for time_ms in [each - skew_ms for each in times_ms]:
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


def _start(sim: Simulation, executor: ProgramExecutor, anew: str = "", by: str = "") -> None:
    """Start the program, or start it anew by something; where that fails, the run is over."""
    try:
        executor.start(lambda: sim.now)
    except (KeyboardInterrupt, SystemExit, ConfigurationError):
        raise
    except BaseException as raised:  # the program's own code runs here: construction and init
        when = f" {anew} at {utc_text(sim.now)}{f' by {by}' if by else ''}" if anew else ""
        sim.stop(f"the strategy could not be started{when}: {shown_text(raised)}")
    else:
        sim.parameters = executor.parameters


def _asked(
    executor: ProgramExecutor, provider: HistoricalDataProvider, wakes: _Wakes, data: MarketData, link: ProgramLink
) -> Answer | _Failure:
    """Return what the program decides, or how it failed."""
    if provider.too_short:
        provider.take_short()  # what others have asked for meanwhile
    if link.known or link.clocks:
        link.tell(data)
    try:
        answer = executor.execute(data)
        if data._wakes is not None:
            wakes.ask(data._wakes, data._at, data._clock - data._at)
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
    if outcome is WarmUpOutcome.HELD or decision.action() == ActionType.HOLD:
        if sim.recorder is not None and (count > 1 or case is not None):
            sim.recorder.decide(trigger, decision, case)
        return None
    if sim.recorder is not None:
        sim.recorder.decide(trigger, decision, case)
    exchange, closes = sim.exchange, outcome is WarmUpOutcome.CLOSED
    delay = exchange.models.latency.delay_ms(sim.clock.now())
    for change in exchange.adjusted.delays:
        delay = change(sim.clock.now(), delay)
    if delay:
        return exchange.send(decision, trigger, delay, closes)
    return exchange.submit(decision, trigger, reduce_only=closes)


def _report(sim: Simulation, trigger: TriggerEvent, failure: _Failure) -> None:
    sim.strategy_errors += 1
    sim.bus.publish(StrategyFailed(sim.now, trigger, failure.text))
    if failure.is_lost or sim.config.on_strategy_error == "stop":
        kind = f"{trigger.trigger_type} trigger {len(sim.trigger_log) - 1}"  # as the log has it: from 0
        sim.stop(f"the strategy failed at {utc_text(sim.now)} ({kind}): {failure.text}")
