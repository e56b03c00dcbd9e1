"""A program in the sandbox as a run sees it: asked at each trigger, and not believed further than its decision."""

from __future__ import annotations

import marshal
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from engine import PERIOD_MS, DataError, HistoricalDataProvider, MarketData, ProgramError
from engine.errors import Problem, ProgramFailed, ProgramLost
from engine.market.flow import flow_metric
from engine.market.indicators import ta_lib
from engine.plain_values import printable
from engine.program import (
    MAX_DECISIONS,
    MAX_LOG_LENGTH,
    MAX_LOG_LINES,
    MAX_QUERIES,
    MOST_NAMES,
    MOST_QUERIES,
    MOST_SERIES,
    MOST_SERIES_NAME,
    MOST_WAKES,
    Answer,
    Asked,
    ParameterReads,
    ProgramLog,
    QueriesAsked,
    QueryAsked,
    RecordingProvider,
    ShortAsked,
    is_askable,
    what_is_asked,
)

from .frame import AGAIN, MOST_TEXT, NOTHING, FrameError, check_text, decision_from_json, framed, kept_bytes
from .guarded_program import MOST_SHORT
from .jailed_process import WorkerProcess
from .job import MEBIBYTE, Job
from .questions import Questions, sendable
from .shown_market import NoRoom, ShownMarket

_MOST_INSTANT = 1 << 62
_MOST_ERROR_TEXT = 20_000
_MOST_PROBLEMS = 10_000
_LAST_MS = 1 << 53
#: Of the queries of a run so much is kept, as it lies in memory, and of a trigger no honest worker reports more.
_MOST_QUERY_BYTES, _MOST_AT_ONCE = 96 * MEBIBYTE, 4 * MEBIBYTE
#: So many questions, and combinations of them, are known again; in a combination each takes so much.
_MOST_KNOWN, _TOGETHER_BYTES = 1_024, 4
_FULL: dict[str, Any] = {"query": "...", "arguments": [], "answer": "the queries of this run are full"}
_NOTHING_KEPT: QueriesAsked = ((_FULL["query"], (), _FULL["answer"]),)
#: Of a frame that tells nothing but its kind and a decision: so many values.
_WITH_DECISION = 2
#: So often may the open orders be asked for at one trigger: an honest worker does once in a run, and once more where
#: its program was interrupted meanwhile.
_MOST_LOOKS = 3
#: How the names of parts begin that are worked out with TA-Lib.
_INDICATORS = (["indicator"], ["forming"])
#: What the answer to a query holds: objects in objects.
_ANSWER_DEPTH = 4


class JailedExecutor:
    """Asks the program of a job, which `worker` runs, and shows it of the market what is known by then.

    What it tells beside its decisions (logs, queries) comes to `provider`, which the run asks. Raises `ProgramError` at
    once when the source text cannot be used. `release` is called once, when the worker is gone.
    """

    def __init__(
        self,
        worker: WorkerProcess,
        job: Job,
        market: ShownMarket,
        provider: HistoricalDataProvider,
        release: Callable[[], None],
    ) -> None:
        self._worker: WorkerProcess | None = worker
        self._market, self._provider, self._release = market, provider, release
        self._questions = Questions()
        self._most_names = MOST_NAMES + len(job.params)
        self._own_metrics = () if job.facts is None else job.facts.own_metrics
        self._query_space = _MOST_QUERY_BYTES
        self._asked: dict[QueriesAsked, QueriesAsked] = {}
        self._single: dict[QueryAsked, QueryAsked] = {}
        self._last_asked: QueriesAsked = ()
        self._found = {"part": self._part, "metric": self._metric, "orders": self._orders}
        #: What the program is being asked with.
        self._asked_now: Asked | None = None
        self._lost: ProgramLost | None = None
        self._looks = 0
        #: Up to when the market is known to the program, in epoch ms.
        self._known_ms = 0
        self.log, self.parameters = ProgramLog(), ParameterReads(job.params)
        try:
            self._await_ready(worker)
        except BaseException:
            self._close()
            raise

    def _await_ready(self, worker: WorkerProcess) -> None:
        self._expect(worker.frame(), "locked")
        worker.watchdog.begin()
        frame = worker.frame()
        if frame["kind"] == "problems":
            raise ProgramError(self._believe(_problems, frame.get("problems")))
        self._expect(frame, "ready")

    def start(self, now: Callable[[], int]) -> None:
        """Have the program constructed; its error is raised as `ProgramFailed`."""
        self._market.advance(now())
        frame = self._answer(framed(marshal.dumps(("start", now()))), "started")
        self.parameters.restore(self._believe(self._names, frame.get("read")))
        if frame.get("error") is not None:
            raise ProgramFailed(self._believe(_shown, frame["error"]))

    def execute(self, data: MarketData) -> Answer:
        """Return what the program decides at a trigger, or raise its error."""
        asked = self._asked_now = what_is_asked(data)
        self._looks = 0
        market = self._market
        at = market.now = asked[0]
        self._known_ms = asked[8][0]
        if at >= market.next_ms:
            market.advance(at)
        frame = self._answer(self._questions.framed(asked), "answer")
        self._asked_now = None  # who has no view of the orders has none looked up
        if frame is NOTHING:  # nearly always
            return None
        if frame is AGAIN:
            self._restore_queries(frame)
            return None
        answer, data._wakes = self._believe(self._told, frame)
        return answer  # type: ignore[no-any-return]

    def _told(self, frame: dict[str, Any]) -> tuple[Answer, list[int] | None]:
        """Take what is told beside a decision, and return that, and when the program wants to be woken; its error is
        raised.
        """
        decision = frame.get("decision")
        if decision is None or len(frame) > _WITH_DECISION:
            self._take_beside(frame)
        wakes = [_instant(each) for each in _list(frame["wakes"], MOST_WAKES)] if "wakes" in frame else None
        if type(decision) is list:
            return tuple(map(decision_from_json, _list(decision, MAX_DECISIONS))), wakes
        return None if decision is None else decision_from_json(decision), wakes

    def _take_beside(self, frame: dict[str, Any]) -> None:
        self.parameters.restore(self._names(frame.get("read")))
        self.log.restore(_texts(frame.get("logs")))
        self._restore_queries(frame)
        for query, why, count in _news(frame.get("news")):
            self._provider.unanswered.add(query, why, count)
        _restore_short(self._provider, frame.get("short"))
        _restore_recorded(self._provider, self._market.now, frame.get("recorded"))
        if frame.get("error") is not None:
            raise ProgramFailed(_shown(frame["error"]))

    def _names(self, value: Any) -> list[str]:
        return [check_text(each, MOST_TEXT) for each in _list(value, self._most_names)]

    def _restore_queries(self, frame: dict[str, Any]) -> None:
        """Take what was asked at this trigger."""
        provider = self._provider
        if not isinstance(provider, RecordingProvider):
            return
        if frame.get("queries") is not None:
            provider.restore_queries(self._kept(_queries(frame["queries"])))
            return
        if frame.get("again") is not True:
            asked = _questions(frame.get("asked"))
            if not asked:
                return
            self._last_asked = self._known_asked(asked)
        provider.restore_questions(self._last_asked, self._known_ms)

    def _known_asked(self, asked: QueriesAsked) -> QueriesAsked:
        """Return the same questions as they are kept already; new ones, and how they stand together, take of the space
        for queries.
        """
        known = self._asked.get(asked)
        if known is None:
            new = [each for each in asked if each not in self._single]
            self._query_space -= _TOGETHER_BYTES * len(asked) + sum(
                kept_bytes([query, *arguments], 1, _MOST_AT_ONCE) for query, arguments, _ in new
            )
            known = self._remembered(asked) if self._query_space >= 0 else _NOTHING_KEPT
        return known

    def _remembered(self, asked: QueriesAsked) -> QueriesAsked:
        """Return questions that are known again from now on, until there are too many: a program may invent new ones at
        every trigger.
        """
        if len(self._asked) >= _MOST_KNOWN:
            self._asked.clear()
        if len(self._single) >= _MOST_KNOWN:
            self._single.clear()
        known = tuple([self._single.setdefault(each, each) for each in asked])
        self._asked[known] = known
        return known

    def _kept(self, queries: list[dict[str, Any]]) -> list[dict[str, Any]]:
        """Return what is kept of a trigger's queries."""
        if not queries:
            return queries
        for name, depth in (("arguments", 1), ("answer", _ANSWER_DEPTH)):
            self._query_space -= kept_bytes([each[name] for each in queries], 1 + depth, _MOST_AT_ONCE)
        return queries if self._query_space >= 0 else [_FULL]

    def _answer(self, question: bytes, kind: str) -> dict[str, Any]:
        """Say something and return what is answered; show what is asked for in between."""
        worker = self._worker
        if self._lost is not None or worker is None:
            raise self._lost or ProgramLost("the program was stopped: its run is over")
        try:
            frame = worker.ask(question)
            if frame is NOTHING or frame["kind"] == kind:
                return frame
            while (found := self._found.get(frame["kind"])) is not None:
                worker.say((frame["kind"], found(frame.get("name"))))
                frame = worker.frame()
        except ProgramLost as error:
            self._lost = error
            raise
        return self._expect(frame, kind)

    def _orders(self, _: Any) -> Any:
        """Return the open orders of this trigger."""
        if self._asked_now is None:
            raise self._unbelievable("a question for orders while it was not asked")
        self._looks += 1
        if self._looks > _MOST_LOOKS:
            raise self._unbelievable("a question for orders again and again")
        with self._counted():
            return self._questions.orders(self._asked_now)

    def _metric(self, name: Any) -> Any:
        """Return what a flow metric of one's own is at this trigger."""
        if type(name) is not list or len(name) != 3 or name[1] not in self._own_metrics:
            raise self._unbelievable("a metric that nobody has made")
        symbol, metric, interval_ms = name
        history = self._provider.market.symbols.get(symbol) if type(symbol) is str else None
        if history is None or interval_ms not in PERIOD_MS.values():
            raise self._unbelievable("a metric of no symbol or period")
        with self._counted():
            answer = flow_metric(history.flow, metric, interval_ms, self._known_ms)
        return sendable(answer)

    @contextmanager
    def _counted(self) -> Iterator[None]:
        """A context whose time counts as the program's: how often it asks is up to it."""
        began = time.monotonic()
        yield
        assert self._worker is not None
        self._worker.watchdog.count(time.monotonic() - began)

    def _part(self, name: Any) -> Any:
        if type(name) is list and name[:1] in _INDICATORS:
            ta_lib()  # to load it, once in the life of this process, is no program's fault
        try:
            with self._counted():
                return self._market.show(name)
        except DataError as error:
            raise self._unbelievable(str(error)) from error
        except NoRoom as error:
            raise self._stopped(str(error)) from error

    def _expect(self, frame: dict[str, Any], kind: str) -> dict[str, Any]:
        if frame["kind"] != kind:
            raise self._unbelievable(f"a frame {printable(frame['kind'], 100)!r} instead of {kind!r}")
        return frame

    def finish(self, whole: bool) -> str | None:
        """End the worker."""
        self._close()
        return None

    def _believe(self, read: Callable[[Any], Any], value: Any) -> Any:
        try:
            return read(value)
        except FrameError as error:
            raise self._unbelievable(str(error)) from error

    def _unbelievable(self, what: str) -> ProgramLost:
        return self._stopped(f"its report cannot be believed: {what}")

    def _stopped(self, why: str) -> ProgramLost:
        if self._lost is None:
            self._lost = ProgramLost(why) if self._worker is None else self._worker.lost(why)
        return self._lost

    def _close(self) -> None:
        worker, self._worker = self._worker, None
        if worker is not None:
            try:
                worker.close()
            finally:
                self._market.close()
                self._release()


def problems_found(worker: WorkerProcess) -> tuple[list[Problem], list[Problem]]:
    """Return the problems and mistakes that a worker finds in a program's text; that it cannot be looked at is a
    problem of it too.
    """
    try:
        if worker.frame()["kind"] != "locked":
            raise FrameError("a frame before the jail was closed")
        worker.watchdog.begin()
        frame = worker.frame()
        return _problems(frame.get("problems")), _problems(frame.get("mistakes"))
    except (FrameError, ProgramLost) as error:
        return [Problem(1, f"the text cannot be looked at: {error}", hint="make it shorter, or nest less")], []


def _shown(value: Any) -> str:
    return printable(check_text(value, _MOST_ERROR_TEXT))


def _instant(value: Any) -> int:
    if type(value) is not int or not abs(value) < _MOST_INSTANT:
        raise FrameError("a time that is none")
    return value


def _list(value: Any, most: int) -> list[Any]:
    if value is None:
        return []
    if type(value) is not list or len(value) > most:
        raise FrameError("a list that is none, or too long")
    return value


def _texts(value: Any) -> list[str]:
    return [check_text(each, 6 * MAX_LOG_LENGTH) for each in _list(value, MAX_LOG_LINES + 1)]


def _queries(value: Any) -> list[dict[str, Any]]:
    queries = _list(value, MOST_QUERIES)
    for query in queries:
        if type(query) is not dict or set(query) != {"query", "arguments", "answer"}:
            raise FrameError("a query of another form")
        check_text(query["query"], MAX_LOG_LENGTH)
    return queries


def _questions(value: Any) -> QueriesAsked:
    """Return questions that can be asked again, and notes about further ones."""
    questions = []
    for each in _list(value, MAX_QUERIES + 1):
        if type(each) is not list or len(each) != 3 or type(each[1]) is not list:
            raise FrameError("a question of another form")
        query, arguments, note = each
        if note is None and not is_askable(query, arguments):
            raise FrameError("a question that cannot be asked")
        note = None if note is None else check_text(note, MAX_LOG_LENGTH)
        questions.append((check_text(query, MAX_LOG_LENGTH), () if note else tuple(arguments), note))
    return tuple(questions)


def _news(value: Any) -> list[tuple[str, str, int]]:
    news = []
    for each in _list(value, 2 * MOST_QUERIES):
        if type(each) is not list or len(each) != 3 or type(each[2]) is not int or each[2] < 1:
            raise FrameError("an unanswered query of another form")
        news.append((check_text(each[0], _MOST_ERROR_TEXT), printable(check_text(each[1], 1_000)), each[2]))
    return news


def _restore_short(provider: HistoricalDataProvider, value: Any) -> None:
    """Believe of the report that indicators were asked for, and work out what they lacked."""
    asked: list[ShortAsked] = []
    for each in _list(value, MOST_SHORT):
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


def _restore_recorded(provider: HistoricalDataProvider, time_ms: int, value: Any) -> None:
    """Record at an instant what was recorded elsewhere: at most one number for each name."""
    for each in _list(value, MOST_SERIES):
        if type(each) is not list or len(each) != 2 or type(each[1]) is not float:
            raise FrameError("a recorded value of another form")
        try:
            provider.recorded.add(time_ms, check_text(each[0], MOST_SERIES_NAME), each[1])
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
