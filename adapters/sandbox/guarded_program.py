"""Running a program inside the jail: each call is bounded in time, judged, and told in plain values."""

from __future__ import annotations

import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from engine import Decision, HistoricalDataProvider, MarketData, SourceExecutor, StrategyError
from engine.program import QueriesAsked, RecordingProvider, failing_line, shown_text

from ..output import without_places
from .frame import decision_to_json, encode
from .job import MEBIBYTE, SandboxLimits

_MOST_LOG_CHARACTERS = 32 << 20
_NOTHING: dict[str, Any] = {}
#: What is told where nothing but the queries of the last time have been asked.
ASKED_AGAIN: dict[str, Any] = {"again": True}
_MOST_QUERY_BYTES = 1 << 18  # of one trigger
_TOO_LONG = [{"query": "...", "arguments": [], "answer": "too long to be kept"}]
#: Of the too short indicators that are asked for at one trigger so many are told.
MOST_SHORT = 1_000


class TimeLimit(BaseException):
    """Raised inside a program that has been running for too long; programs cannot catch it."""


class TimeGuard:
    """Takes the watchdog's signal while a program runs: `TimeLimit` is raised in it, and remembered.

    It must be made before the jail closes. Who calls the program sets `is_inside` meanwhile, and `is_over_time` back
    before.
    """

    __slots__ = ("_is_shielded", "is_inside", "is_over_time")

    def __init__(self) -> None:
        self.is_over_time = self.is_inside = self._is_shielded = False
        signal.signal(signal.SIGUSR1, self._interrupt)

    def _interrupt(self, number: int, frame: object) -> None:
        if self.is_inside:
            self.is_over_time = True
            if not self._is_shielded:
                raise TimeLimit

    @contextmanager
    def shielded(self) -> Iterator[None]:
        """A context that is not interrupted inside, but at its end."""
        self._is_shielded = True
        try:
            yield
        finally:
            self._is_shielded = False
        if self.is_inside and self.is_over_time:
            raise TimeLimit


class GuardedProgram:
    """Calls `inner` under the limits; `provider` is what the program asks. What comes back is plain values."""

    def __init__(
        self, inner: SourceExecutor, guard: TimeGuard, limits: SandboxLimits, provider: HistoricalDataProvider
    ) -> None:
        self._inner, self._guard, self._limits, self._provider = inner, guard, limits, provider
        self._log, self._reads, self._unanswered = inner.log, inner.parameters, provider.unanswered
        self._recorded = provider.recorded
        self._recording = provider if isinstance(provider, RecordingProvider) else None
        self._last_asked: QueriesAsked = ()
        self._log_space = _MOST_LOG_CHARACTERS

    def start(self) -> dict[str, Any]:
        """Construct the program's object; tell how that went."""
        _, error = self._guarded(self._inner.start, lambda: self._provider.now)
        return {"error": error, "read": self._reads.take_news()}

    def ask(self, data: MarketData) -> dict[str, Any]:
        """Ask the program; return what it answered and did, without what is empty."""
        provider, recording = self._provider, self._recording
        if recording is not None:
            recording.begin_trigger(provider.now)
        waiting = [data]
        del data  # what the program has hung on it is freed inside of the guard
        answer, error = self._guarded(self._asked, waiting)
        decision, wakes = answer or (None, None)
        if (
            wakes is None
            and error is None
            and not (self._log.has_lines or provider.too_short or self._unanswered.has_news or self._reads.has_news)
            and not self._recorded.has_news
        ):
            asked = _NOTHING if recording is None else self._queries()
            return asked if decision is None else {"decision": decision, **asked}
        told = {
            "decision": decision,
            "wakes": wakes,
            "error": error,
            "logs": self._logs(),
            **self._queries(),
            "news": self._unanswered.take_news(),
            "short": provider.take_short_asked()[:MOST_SHORT],
            "read": self._reads.take_news(),
            "recorded": self._recorded.take_news(),
        }
        self._recorded.forget_values()  # the parent keeps them
        return {name: value for name, value in told.items() if value}

    def _asked(self, waiting: list[MarketData]) -> tuple[Any, list[int] | None] | None:
        """Return what the program decided, as plain values, and when it wants to be woken; None for neither."""
        data = waiting.pop()
        answer = self._inner.execute(data)
        wakes = data._wakes
        if answer is None:
            return None if wakes is None else (None, wakes)
        decisions = answer if isinstance(answer, tuple) else (answer,)
        line = self._inner.line
        foreign = next((each for each in decisions if type(each) is not Decision), None)
        if foreign is not None:
            raise StrategyError(f"should_trade returned {type(foreign).__name__}, not a Decision", None, line)
        try:
            told = list(map(decision_to_json, decisions))
        except (AttributeError, TypeError, ValueError) as error:
            raise StrategyError(str(error), None, line) from None
        return told if isinstance(answer, tuple) else told[0], wakes

    def _guarded(self, call: Callable[[Any], Any], argument: Any) -> tuple[Any, str | None]:
        """Return what a call of the program gives, or the text of its error, which is also made under its limit."""
        guard = self._guard
        try:
            guard.is_over_time = False
            guard.is_inside = True
            try:
                answer = call(argument)
            except BaseException as error:  # a program's error of any kind is reported, and the run goes by it
                return None, self._text_of(error)
            finally:
                guard.is_inside = False
        except TimeLimit as error:
            guard.is_inside = False
            return None, self._text(error)
        if guard.is_over_time:
            return None, self._text(TimeLimit())
        return answer, None

    def _text_of(self, error: BaseException) -> str:
        """Return the text of an error that came out of a call. One that comes of an interruption, as where asyncio has
        lost what it would do next, is no other error than that.
        """
        if self._guard.is_over_time:
            return self._text(TimeLimit().with_traceback(error.__traceback__))
        return self._text(error)

    def _text(self, error: BaseException) -> str:
        line = failing_line(error)
        place = "" if line is None else f" (line {line})"
        if isinstance(error, TimeLimit):
            return f"TimeLimit: no answer after {self._limits.call_s:g} s{place}"
        if isinstance(error, MemoryError):
            return f"MemoryError: a program may use {self._limits.memory_bytes // MEBIBYTE} MB{place}"
        return without_places(shown_text(error))

    def _logs(self) -> list[str]:
        lines = [without_places(line.encode("utf-8", "backslashreplace").decode()) for line in self._log.take()]
        if lines:
            before, self._log_space = self._log_space, self._log_space - sum(map(len, lines))
            if self._log_space < 0:
                return ["... the log of this run is full"] if before >= 0 else []
        return lines

    def _queries(self) -> dict[str, Any]:
        """Return what was asked: the parent finds the answers itself, but where they would not come out the same."""
        recording = self._recording
        if recording is None:
            return {}
        asked = recording.take_questions()
        if asked is None:
            return {"queries": _bounded(list(recording.take_queries()))}
        if not asked:
            return _NOTHING
        if asked == self._last_asked:
            return ASKED_AGAIN
        self._last_asked = asked
        return {"asked": asked}


def _bounded(queries: list[Any]) -> list[Any]:
    try:
        return queries if len(encode(queries)) <= _MOST_QUERY_BYTES else _TOO_LONG
    except (TypeError, ValueError):
        return _TOO_LONG
