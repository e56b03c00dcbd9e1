"""Replaying: the parent's own run asks a worker's report, instead of the program, what was decided.

So every figure is the parent's. A report that does not fit the run, trigger by trigger, ends it with an error.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from engine import Decision, HistoricalDataProvider, MarketData, ProgramError
from engine.errors import Problem, ProgramFailed, ProgramLost
from engine.plain_values import printable
from engine.program import MAX_LOG_LENGTH, MAX_LOG_LINES, ParameterReads, ProgramLog

from .frame import FACTS, MOST_FIELDS, MOST_TEXT, SAME_AGAIN, FrameError, check_text, decision_from_json
from .jailed_process import WorkerProcess

_MOST_ERROR_TEXT = 20_000
_MOST_PROBLEMS = 10_000
_MOST_QUERIES = 1_000
_MOST_NAMES = 100_000
_LAST_MS = 1 << 53


class JailedExecutor:
    """Answers each trigger with what the worker says that the program decided there.

    `account` returns the two figures that the worker must have come to as well. Raises `ProgramError` at once when the
    source text cannot be used. `release` is called once, when the worker is gone; `check` when the
    run begins: it raises what forbids that. `params` are those that the program was given.
    """

    def __init__(
        self,
        worker: WorkerProcess,
        account: Callable[[], tuple[float, int]],
        provider: HistoricalDataProvider | None,
        release: Callable[[], None],
        check: Callable[[], None],
        params: Mapping[str, Any],
    ) -> None:
        self._worker: WorkerProcess | None = worker
        self._account, self._provider, self._release, self._check = account, provider, release, check
        self._entries: list[Any] = []
        self._place = 0
        self._count = 0
        self._last: list[Any] | None = None
        self._lost: ProgramLost | None = None
        self.log, self.parameters = ProgramLog(), ParameterReads(params)
        try:
            self._await_ready()
        except BaseException:
            self._close()
            raise

    def _await_ready(self) -> None:
        frame = self._frame()
        if frame["kind"] == "problems":
            raise ProgramError(self._believe(_problems, frame.get("problems")))
        if frame["kind"] != "ready":
            raise self._unbelievable(f"a frame {frame['kind']!r} at the start")

    def start(self, now: Callable[[], int]) -> None:
        """Wait until the program has been constructed; its error is raised as `ProgramFailed`. Raises
        `ConfigurationError` for a run that the worker cannot repeat.
        """
        self._check()
        frame = self._frame()
        if frame["kind"] != "started":
            raise self._unbelievable(f"a frame {frame['kind']!r} instead of the start")
        if frame.get("error") is not None:
            raise ProgramFailed(self._believe(_shown, frame["error"]))
        self.parameters.restore(self._believe(_names, frame.get("read")))

    def execute(self, data: MarketData) -> Decision | None:
        """Return what the program decided at this trigger, or raise its error."""
        entry = self._next_entry()
        cash, trades = self._account()
        facts = [data.timestamp, data.trigger_type, data.trigger_symbol, data.signal_pool_name, cash, trades]
        if entry[:FACTS] != facts:
            raise self._unbelievable(f"trigger {self._count} of the report is another one than that of the run")
        if len(entry) == FACTS:
            return None
        decision: Decision | None = self._believe(self._answer, entry)
        return decision

    def _answer(self, entry: list[Any]) -> Decision | None:
        padded: list[Any] = entry[FACTS:] + [None] * (MOST_FIELDS - len(entry))
        decided, logs, error, queries, news, short, read = padded
        self.parameters.restore(_names(read))
        if logs is not None:
            self.log.restore(_texts(logs))
        if self._provider is not None:
            self._provider.restore_queries(_queries(queries))
            for query, why, count in _news(news):
                self._provider.unanswered.add(query, why, count)
            _restore_short(self._provider, short)
        if error is not None:
            raise ProgramFailed(_shown(error))
        if decided == SAME_AGAIN and type(decided) is int:
            decided = self._last
        if decided is None:
            return None
        decision = decision_from_json(decided)
        self._last = decided
        return decision

    def finish(self, whole: bool) -> str | None:
        """End the worker. After a whole run its report must be over as well, else that is what is wrong."""
        try:
            return self._rest() if whole and self._lost is None and self._worker is not None else None
        finally:
            self._close()

    def _rest(self) -> str | None:
        try:
            frame = self._frame() if self._place == len(self._entries) else None
            if frame is None or frame != {"kind": "end", "count": self._count}:
                raise self._unbelievable("it goes on after the end of the run")
        except ProgramLost as error:
            return str(error)
        return None

    def _next_entry(self) -> list[Any]:
        if self._place == len(self._entries):
            frame = self._frame()
            entries = frame.get("entries")
            if frame["kind"] != "triggers" or frame.get("first") != self._count or type(entries) is not list:
                raise self._unbelievable(f"trigger {self._count} is missing in the report")
            self._entries, self._place = entries, 0
            if not entries:
                raise self._unbelievable("a frame without triggers")
        entry = self._entries[self._place]
        self._place += 1
        self._count += 1
        if type(entry) is not list or not FACTS <= len(entry) <= MOST_FIELDS:
            raise self._unbelievable("an entry of another form")
        return entry

    def _frame(self) -> dict[str, Any]:
        if self._lost is not None or self._worker is None:
            raise self._lost or ProgramLost("the program was stopped: its run is over")
        try:
            return self._worker.frame()
        except ProgramLost as error:
            self._lost = error
            raise

    def _believe(self, read: Callable[[Any], Any], value: Any) -> Any:
        try:
            return read(value)
        except FrameError as error:
            raise self._unbelievable(str(error)) from error

    def _unbelievable(self, what: str) -> ProgramLost:
        if self._lost is None:
            text = f"its report cannot be believed: {what}"
            self._lost = ProgramLost(text) if self._worker is None else self._worker.lost(text)
        return self._lost

    def _close(self) -> None:
        worker, self._worker = self._worker, None
        if worker is not None:
            try:
                worker.close()
            finally:
                self._release()


def _shown(value: Any) -> str:
    return printable(check_text(value, _MOST_ERROR_TEXT))


def _list(value: Any, most: int) -> list[Any]:
    if value is None:
        return []
    if type(value) is not list or len(value) > most:
        raise FrameError("a list that is none, or too long")
    return value


def _texts(value: Any) -> list[str]:
    return [check_text(each, 6 * MAX_LOG_LENGTH) for each in _list(value, MAX_LOG_LINES + 1)]


def _names(value: Any) -> list[str]:
    return [check_text(each, MOST_TEXT) for each in _list(value, _MOST_NAMES)]


def _queries(value: Any) -> list[dict[str, Any]]:
    queries = _list(value, _MOST_QUERIES)
    for query in queries:
        if type(query) is not dict or set(query) != {"query", "arguments", "answer"}:
            raise FrameError("a query of another form")
        check_text(query["query"], _MOST_ERROR_TEXT)
    return queries


def _news(value: Any) -> list[tuple[str, str, int]]:
    news = []
    for each in _list(value, _MOST_QUERIES):
        if type(each) is not list or len(each) != 3 or type(each[2]) is not int or each[2] < 1:
            raise FrameError("an unanswered query of another form")
        news.append((check_text(each[0], _MOST_ERROR_TEXT), printable(check_text(each[1], 1_000)), each[2]))
    return news


def _restore_short(provider: HistoricalDataProvider, value: Any) -> None:
    """Believe of the report that indicators were asked for, and work out what they lacked."""
    asked = []
    for each in _list(value, _MOST_QUERIES):
        if type(each) is not list or len(each) != 4 or type(each[3]) is not int:
            raise FrameError("a too short indicator of another form")
        symbol, indicator, period = (check_text(text, MOST_TEXT) for text in each[:3])
        if not 0 <= each[3] <= _LAST_MS:
            raise FrameError("a time that is none")
        asked.append((symbol, indicator, period, each[3]))
    try:
        provider.restore_short(asked)
    except ValueError as error:
        raise FrameError(str(error)) from error


def _problems(value: Any) -> list[Problem]:
    problems = []
    for each in _list(value, _MOST_PROBLEMS):
        if type(each) is not list or len(each) != 5 or type(each[0]) is not int or type(each[3]) is not int:
            raise FrameError("a finding of another form")
        line, message, severity, column, hint = each
        problems.append(Problem(line, _shown(message), _shown(severity), column, _shown(hint)))
    return problems
