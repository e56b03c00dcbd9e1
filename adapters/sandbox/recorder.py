"""Running a program inside the jail: each call is bounded in time, judged, and written down."""

from __future__ import annotations

import signal
from collections.abc import Callable
from typing import Any

from engine import Decision, HistoricalDataProvider, MarketData, SourceExecutor, StrategyError
from engine.contract import FIELDS, decision_values
from engine.errors import ProgramFailed
from engine.program import failing_line, shown_text

from .frame import SAME_AGAIN, decision_from_json, encode, field_to_json
from .heartbeat import Heartbeat
from .job import MEBIBYTE, SandboxLimits
from .journal import Journal

_FLUSH_S = 0.05
_MOST_LOG_CHARACTERS = 32 << 20
_MOST_QUERY_BYTES = 1 << 18
_TOO_LONG = [{"query": "...", "arguments": [], "answer": "too long to be kept"}]


class TimeLimit(BaseException):
    """Raised inside a program that has been running for too long; programs cannot catch it."""


class TimeGuard:
    """Takes signals while a program runs: the watchdog's raises `TimeLimit` in it, and is remembered; that of a timer
    writes down what waits in the journal, which a program that hangs would keep there.

    It must be made before the jail closes.
    """

    def __init__(self, heartbeat: Heartbeat, journal: Journal) -> None:
        self.heartbeat = heartbeat
        self.is_over_time = False
        self._journal = journal
        signal.signal(signal.SIGUSR1, self._interrupt)
        signal.signal(signal.SIGALRM, self._flush)
        signal.setitimer(signal.ITIMER_REAL, _FLUSH_S, _FLUSH_S)

    def _flush(self, number: int, frame: object) -> None:
        if self.heartbeat.is_inside:
            self._journal.flush()

    def _interrupt(self, number: int, frame: object) -> None:
        if self.heartbeat.is_inside:
            self.is_over_time = True
            raise TimeLimit

    def enter(self) -> None:
        """Start the time of a call."""
        self.is_over_time = False
        self.heartbeat.enter()


class Recorder:
    """An executor that calls `inner` under the limits and reports every answer.

    `account` returns two figures by which the parent sees that its own run came to the same point; `provider` is what
    the program asks.
    """

    def __init__(
        self,
        inner: SourceExecutor,
        journal: Journal,
        guard: TimeGuard,
        limits: SandboxLimits,
        account: Callable[[], tuple[float, int]],
        provider: HistoricalDataProvider,
    ) -> None:
        self._inner, self._journal, self._guard, self._limits = inner, journal, guard, limits
        self._account, self._provider = account, provider
        self._last: list[Any] | None = None
        self._log_space = _MOST_LOG_CHARACTERS
        self.log, self.parameters = inner.log, inner.parameters

    def start(self, now: Callable[[], int]) -> None:
        """Construct the program's object; report how that went."""
        _, error = self._guarded(self._inner.start, now)
        self._journal.send("started", error=error, read=self.parameters.take_news())
        if error is not None:
            raise ProgramFailed(error)

    def execute(self, data: MarketData) -> Decision | None:
        """Ask the program and report its answer."""
        cash, trades = self._account()
        entry: list[Any] = [
            data.timestamp, data.trigger_type, data.trigger_symbol, data.signal_pool_name, cash, trades,
        ]  # fmt: skip
        values, error = self._guarded(self._ask, data)
        extras = self._extras(error)
        if values is not None or extras:
            entry.append(SAME_AGAIN if values is not None and values == self._last else values)
            entry += extras
            self._last = values or self._last
        self._journal.add(entry)
        if error is not None:
            raise ProgramFailed(error)
        return None if values is None else decision_from_json(values)

    def finish(self, whole: bool) -> str | None:
        """Report that the run is over."""
        self._journal.send("end", count=self._journal.count)
        return None

    def _ask(self, data: MarketData) -> list[Any] | None:
        decision = self._inner.execute(data)
        if decision is None:
            return None
        line = self._inner.line
        if type(decision) is not Decision:
            raise StrategyError(f"should_trade returned {type(decision).__name__}, not a Decision", None, line)
        try:
            return [field_to_json(*each) for each in zip(FIELDS, decision_values(decision), strict=True)]
        except (AttributeError, TypeError, ValueError) as error:
            raise StrategyError(str(error), None, line) from None

    def _guarded(self, call: Callable[[Any], Any], argument: Any) -> tuple[Any, str | None]:
        """Return what a call of the program gives, or the text of its error, which is also made under its limit."""
        heartbeat = self._guard.heartbeat
        try:
            self._guard.enter()
            try:
                answer = call(argument)
            except BaseException as error:  # a program's error of any kind is reported, and the run goes by it
                return None, self._text(error)
            finally:
                heartbeat.leave()
        except TimeLimit as error:
            heartbeat.leave()
            return None, self._text(error)
        if self._guard.is_over_time:
            return None, self._text(TimeLimit())
        return answer, None

    def _text(self, error: BaseException) -> str:
        line = failing_line(error)
        place = "" if line is None else f" (line {line})"
        if isinstance(error, TimeLimit):
            return f"TimeLimit: no answer after {self._limits.call_s:g} s{place}"
        if isinstance(error, MemoryError):
            return f"MemoryError: a program may use {self._limits.memory_bytes // MEBIBYTE} MB{place}"
        return shown_text(error)

    def _extras(self, error: str | None) -> list[Any]:
        """Return logs, error, queries, unanswered ones, too short indicators and the parameters that were read first,
        without the empty ones at the end.
        """
        news, short = self._provider.unanswered.take_news(), self._provider.take_short_asked()
        extras: list[Any] = [self._logs(), error, self._queries(), news, short, self.parameters.take_news()]
        while extras and not extras[-1]:
            extras.pop()
        return extras

    def _logs(self) -> list[str]:
        lines = [line.encode("utf-8", "backslashreplace").decode() for line in self.log.take()]
        if lines:
            before, self._log_space = self._log_space, self._log_space - sum(map(len, lines))
            if self._log_space < 0:
                return ["... the log of this run is full"] if before >= 0 else []
        return lines

    def _queries(self) -> list[Any]:
        queries = list(self._provider.take_queries())
        if not queries:
            return queries
        try:
            return queries if len(encode(queries)) <= _MOST_QUERY_BYTES else _TOO_LONG
        except (TypeError, ValueError):
            return _TOO_LONG
