"""Processes of users: what is held wrong when one is announced, started or waits, and how one that fails is told."""

from __future__ import annotations

import inspect
from collections.abc import AsyncGenerator, Callable, Coroutine, Generator, Sequence
from contextlib import suppress
from datetime import datetime
from functools import partial
from numbers import Number
from types import TracebackType
from typing import Any

from simpy import Event, Timeout

from ..errors import PerpsimError, ProcessFailed
from ..instants import utc_text
from ..plain_values import printable, shown
from .bus import Subscription
from .clock import Alarm, Clock, float_time_text

#: A process may go on so often at one instant: one that goes on and on without time would never end.
MOST_AT_AN_INSTANT = 100_000

_SHAPE = "a process is a generator function (it has a yield in it) whose first argument is the simulation"
_AT_START = f"{_SHAPE}. What is to be done at the start needs no process: do it in prepare, or before sim.start()"


def announcement_problem(name: object, function: object, simulation: object, args: Any, kwargs: Any) -> str | None:
    """Return what is wrong with a process that is to be announced, or None."""
    if name == "" and not (callable(function) or isinstance(function, (Generator, Coroutine, AsyncGenerator))):
        return f"{shown(function)} is no function: {_SHAPE}"
    if not isinstance(name, str) or not name:
        return f"a process has a name, which is a text, not {shown(name)}: sim.process_named(name, function, ...)"
    if isinstance(function, (Generator, Coroutine, AsyncGenerator)):
        if isinstance(function, Coroutine):
            function.close()
        return f"process {name!r} was called already: write sim.process({name}, 5), not sim.process({name}(sim, 5))"
    if not callable(function):
        return f"process {name!r} cannot be {shown(function)}: {_SHAPE}"
    if inspect.iscoroutinefunction(function) or inspect.isasyncgenfunction(function):
        return f"process {name!r} is an async function: write def in place of async def, and yield in place of await"
    return _argument_problem(name, function, (simulation, *args), kwargs)


def _argument_problem(name: str, function: Callable[..., Any], args: Any, kwargs: Any) -> str | None:
    try:
        signature = inspect.signature(function)
    except (TypeError, ValueError):  # of a function that is not written in Python
        return None
    try:
        signature.bind(*args, **kwargs)
    except TypeError as error:
        asked = f"{name}{printable(str(signature))}"
        return (
            f"process {name!r} cannot be started as {asked}: {error}; {_SHAPE}, and "
            "sim.process(function, ...) takes the others"
        )
    return None


def start_problem(name: str, made: object, instead: str = _AT_START) -> str | None:
    """Return why what a process function gave is no process, or None; `instead` says what one without a yield is to
    become.
    """
    if isinstance(made, Coroutine):
        made.close()
    elif hasattr(made, "throw") and hasattr(made, "send"):
        return None
    if made is None:
        return f"process {name!r} is a function without a yield: it has been called and is over; {instead}"
    if inspect.isgeneratorfunction(made):
        return f"process {name!r} gave a generator function that was not called: return {made.__name__}(sim, ...)"
    return f"process {name!r} gave {shown(made)}, which is no generator: {_SHAPE}"


def minded(name: str, process: Generator[Event, Any, Any], clock: Clock) -> Generator[Event, Any, Any]:
    """Run a process of a user's; it fails, with what to write instead, when it waits for what never comes: what is no
    event, or an event of another environment, a fraction of a millisecond, or again and again for the present instant.
    """
    env = clock.env
    resume: Callable[[], Event] = partial(process.send, None)
    instant, times = env.now, 0
    while True:
        try:
            event = resume()
        except StopIteration as stop:
            return stop.value
        instant, times = (instant, times + 1) if env.now == instant else (env.now, 0)
        if not isinstance(event, Event) or event.env is not env or times > MOST_AT_AN_INSTANT or _is_fraction(event):
            problem = _waiting_problem(name, event, clock, times)
            place = _line_of(process)
            with suppress(RuntimeError):  # it goes on all the same: nobody asks it any more
                process.close()
            raise failed(name, int(env.now), problem, place)
        try:
            resume = partial(process.send, (yield event))
        except BaseException as error:
            resume = partial(process.throw, error)


def _is_fraction(event: Event) -> bool:
    return isinstance(event, Timeout) and type(event._delay) is not int


def _waiting_problem(name: str, event: object, clock: Clock, times: int) -> str:
    if not isinstance(event, Event):
        return f"it yielded {_named(event)}, which is no event: {_instead_of(event)}"
    if event.env is not clock.env:
        return "it waits for an event of another environment, which never comes here: make events with sim.env"
    if isinstance(event, Timeout) and _is_fraction(event):
        return float_time_text("it", event._delay)
    return (
        f"it has gone on {times:,} times at one instant, and time has not moved: let it wait for a later one, with "
        "yield sim.env.timeout(ms) or yield sim.at(time_ms)"
    )


def _named(event: object) -> str:
    return "nothing" if event is None else f"a {type(event).__name__}" if hasattr(event, "send") else shown(event)


def _instead_of(event: object) -> str:
    """Return what to yield in place of what is no event."""
    if isinstance(event, Subscription):
        return "messages = yield inbox.batch() waits for its messages"
    if isinstance(event, Alarm):
        return "yield alarm.wait() waits for its ring"
    if isinstance(event, Generator):
        return "yield from runs it inside of this process, yield sim.env.process(...) beside it"
    if isinstance(event, (Number, datetime)):
        return "yield sim.env.timeout(ms) waits so many milliseconds, yield sim.at(time_ms) for an instant"
    return "yield sim.env.timeout(ms), sim.at(time_ms), inbox.batch() or sim.exchange.submit(decision)"


def failed(name: str, now_ms: int, problem: str, place: str = "", what: str = "process ") -> ProcessFailed:
    """Return the error of a process of a user's that has failed, or of `what` else goes by that name."""
    called = f"{what}{name!r}" if what else name
    return ProcessFailed(f"{called} failed at {utc_text(now_ms)}{place}: {problem}", name, now_ms)


def failure_of(name: str, now_ms: int, error: Exception, beside: Sequence[str] = ()) -> ProcessFailed:
    """Return how an exception that a process of a user's has raised is told, with what failed beside it."""
    if isinstance(error, ProcessFailed):
        return ProcessFailed("; ".join([error.problem, *beside]), name, now_ms) if beside else error
    return failed(name, now_ms, "; ".join([error_text(name, error), *beside]), _line_in(error.__traceback__))


def error_text(name: str, error: BaseException) -> str:
    """Return an exception of a process as one line; what perpsim says of the process by its name says it of it."""
    text = printable(str(error))
    if isinstance(error, PerpsimError):
        return text.replace(f"process {name!r}", "it", 1)
    return f"{type(error).__name__}: {text}" if text else type(error).__name__


def is_copy(error: Exception, first: Exception) -> bool:
    """Whether SimPy has made an error of what came of an event that nobody waited for."""
    return type(error) is type(first) and error.args == first.args


def process_in(trace: TracebackType | None) -> str:
    """Return the name of the process function that an exception has left, "" when it left none."""
    return "" if trace is None else trace.tb_frame.f_code.co_name


def _line_of(process: Any) -> str:
    """Return where a process waits, the innermost of those that it yields from."""
    while getattr(process, "gi_yieldfrom", None) is not None and hasattr(process.gi_yieldfrom, "gi_frame"):
        process = process.gi_yieldfrom
    frame = getattr(process, "gi_frame", None)
    return "" if frame is None else place_text(frame.f_code.co_filename, frame.f_lineno)


def _line_in(trace: TracebackType | None) -> str:
    """Return the line of a process at which an exception has left it."""
    while trace is not None and trace.tb_frame.f_code.co_filename == __file__:
        trace = trace.tb_next
    return "" if trace is None else place_text(trace.tb_frame.f_code.co_filename, trace.tb_lineno)


def line_within(trace: TracebackType | None, asked_in: str) -> str:
    """Return the innermost line of a user's own file that an exception came through, "" where it came from none; code
    in `asked_in` has called it.
    """
    while trace is not None and trace.tb_frame.f_code.co_filename == asked_in:
        trace = trace.tb_next
    if trace is None:
        return ""
    file, line = trace.tb_frame.f_code.co_filename, trace.tb_lineno
    while (trace := trace.tb_next) is not None:
        line = trace.tb_lineno if trace.tb_frame.f_code.co_filename == file else line
    return place_text(file, line)


def place_text(file: str, line: int) -> str:
    """Return a line of a file as it stands beside what went wrong there."""
    return f" ({file.rpartition('/')[2]}, line {line})"
