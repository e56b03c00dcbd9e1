"""The worker: takes a job, locks itself up, and answers what its parent asks."""

from __future__ import annotations

import faulthandler
import os
import signal
from typing import Any

import numpy.typing as npt

from engine import HistoricalDataProvider, ProgramError, SourceExecutor, find_mistakes, validate_program
from engine.market.past import PartName, PastMarket
from engine.program import RecordingProvider, SimulatedWorld

from .arena import ArenaView
from .channel import Channel
from .guarded_program import ASKED_AGAIN, GuardedProgram, TimeGuard
from .job import Job, MarketFacts, unpack
from .libraries import can_anybody_read, close_imports, load_named
from .questions import Answers, TakeOrders
from .walls import become_nobody, lock_down

STANDARD_ERROR = 2


def work(requests: int, results: int, arena: int, parent: int, uid: int) -> None:
    """Answer what comes through a pipe through another one; `parent` is the process that this one may not outlive."""
    if can_anybody_read():
        become_nobody(uid)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    faulthandler.enable(STANDARD_ERROR)
    faulthandler.register(signal.SIGUSR2, STANDARD_ERROR, all_threads=False)
    channel, guard, view = Channel(requests, results), TimeGuard(), ArenaView(arena)
    os.close(arena)
    text = channel.receive_bytes()
    load_named((text or b"").decode("utf-8", "replace"))
    become_nobody(uid)
    content = channel.receive_bytes()
    if content is None:
        return
    job = unpack(content)
    close_imports()
    lock_down(parent, job.limits.memory_bytes, job.limits.total_s)
    channel.send("locked")
    run(job, channel, guard, view)


def run(job: Job, channel: Channel, guard: TimeGuard, view: ArenaView) -> None:
    """Compile the program and ask it whatever the parent asks."""
    if job.facts is None:
        problems = validate_program(job.source, job.language)
        mistakes = [] if job.symbols is None else find_mistakes(job.source, job.symbols, job.language, problems)
        channel.send("problems", problems=problems, mistakes=mistakes)
        return
    SimulatedWorld().stay(0)  # for what runs of the program outside of its calls
    try:
        inner = SourceExecutor(job.source, job.params, job.fresh_each_time, job.language)
    except ProgramError as error:
        channel.send("problems", problems=error.problems)
        return
    channel.send("ready")
    provider = _provider(job, job.facts, channel, guard, view)
    program = GuardedProgram(inner, guard, job.limits, provider)

    def ask_orders(take: TakeOrders) -> None:
        with guard.shielded():
            channel.send("orders")
            take(channel.receive()[1])

    answers = Answers(provider, job.facts.margins, ask_orders)
    while (message := channel.receive()) is not None:
        if not isinstance(message, int) and message[0] == "start":
            provider.set_current_time(message[1])
            channel.send("started", **program.start())
            continue
        told = program.ask(answers.data(message))
        answers.keep_seen()
        if not told:
            channel.send_nothing()
        elif told is ASKED_AGAIN:
            channel.send_again()
        else:
            channel.send("answer", **told)


def _provider(
    job: Job, facts: MarketFacts, channel: Channel, guard: TimeGuard, view: ArenaView
) -> HistoricalDataProvider:
    """Return what answers the program: from the parts that the parent shows, each of which is asked for once."""

    def fetch(name: PartName) -> tuple[npt.NDArray[Any], ...] | None:
        with guard.shielded():
            channel.send("part", name=name)
            _, places = channel.receive()
        return None if places is None else tuple(view.column(place) for place in places)

    def ask_metric(symbol: str, metric: str, interval_ms: int, time_ms: int) -> dict[str, Any] | None:
        if metric not in facts.own_metrics:
            return None
        with guard.shielded():
            channel.send("metric", name=[symbol, metric, interval_ms])
            answer: dict[str, Any] | None = channel.receive()[1]
        return answer

    market = PastMarket(facts.symbols, fetch, facts.regime, ask_metric)
    return (RecordingProvider if job.record_queries else HistoricalDataProvider)(market, facts.mark_stale_ms)
