"""A data provider that remembers what was asked of it, for logs that show what a program saw."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from inspect import signature
from typing import Any, overload

from ..contract import RegimeInfo
from ..market import MarketHistory
from ..plain_values import printable
from .data_provider import HistoricalDataProvider
from .unanswered import MOST_CHARACTERS

MAX_QUERIES = 200
#: How many klines are asked for again.
_MOST_AGAIN = 1_000

#: How many different queries are known again at once.
_MOST_KNOWN = 1_000
_WHOLE = frozenset((str, int))
_OTHERS = "..."

#: A query without its answer: name, arguments, and the text of what is no query but a note about others.
QueryAsked = tuple[str, tuple[Any, ...], str | None]
QueriesAsked = tuple[QueryAsked, ...]


class AskedAgain(Sequence[dict[str, Any]]):
    """Queries of an instant (epoch ms) that are answered whenever they are looked at: the market answers the same."""

    __slots__ = ("_provider", "at", "questions")

    def __init__(self, provider: RecordingProvider, questions: QueriesAsked, at: int) -> None:
        self._provider, self.questions, self.at = provider, questions, at

    def __reduce__(self) -> tuple[Any, ...]:
        # elsewhere nobody can be asked
        return tuple, (tuple(self),)

    def __len__(self) -> int:
        return len(self.questions)

    @overload
    def __getitem__(self, index: int) -> dict[str, Any]: ...
    @overload
    def __getitem__(self, index: slice) -> Sequence[dict[str, Any]]: ...
    def __getitem__(self, index: int | slice) -> dict[str, Any] | Sequence[dict[str, Any]]:
        return self._provider.answered(self.questions, self.at)[index]

    def __iter__(self) -> Iterator[dict[str, Any]]:
        return iter(self._provider.answered(self.questions, self.at))


def _recorded(query: str, shown: Callable[[Any], Any]) -> Callable[..., Any]:
    """Return the query that keeps of its answer what is `shown`."""
    answer_of = getattr(HistoricalDataProvider, query)

    def ask(self: RecordingProvider, *arguments: Any) -> Any:
        answer = answer_of(self, *arguments)
        known = self._known.get((query, *arguments)) if _WHOLE.issuperset(map(type, arguments)) else None
        self._record(known or self._question(query, arguments), shown(answer))
        return answer

    return ask


def _plain_argument(value: object) -> Any:
    """Return an argument as it is, a text not longer than `MOST_CHARACTERS`; of an object of the program's own its
    type.
    """
    if type(value) is str:
        return printable(value, MOST_CHARACTERS)
    return value if value is None or type(value) in (bool, int, float) else f"<{type(value).__name__}>"


def _newest_and_count(value: float, time: int, values: list[float], times: list[int]) -> dict[str, Any]:
    return {"value": value, "time": time, "count": len(values)}


class RecordingProvider(HistoricalDataProvider):
    """Answers as `HistoricalDataProvider` does and keeps each query with its answer until it is taken.

    Of klines and features only their number and the last one are kept, of an indicator not its series; after 200
    queries at one trigger further ones are counted only.
    """

    records_queries = True

    def __init__(self, market: MarketHistory, mark_stale_ms: int = 60_000) -> None:
        super().__init__(market, mark_stale_ms)
        self._asked: list[tuple[QueryAsked, Any]] = []
        self._dropped = 0
        #: Those that can be asked again, by themselves.
        self._known: dict[tuple[Any, ...], QueryAsked] = {}
        self._again: RecordingProvider | None = None
        self._restored: Sequence[dict[str, Any]] | None = None
        self._at, self._all_askable = 0, True

    def begin_trigger(self, at: int) -> None:
        """Say that what is asked from here on is asked at a trigger of this instant, in epoch ms."""
        self._at, self._all_askable = at, True

    def take_questions(self) -> QueriesAsked | None:
        """Return what was asked since `begin_trigger` and forget it; None where its answers would not come out the
        same if it were asked again, of that instant: then it is still to be taken.
        """
        if not self._asked:
            return ()
        if not self._all_askable:
            return None
        asked = tuple([question for question, _ in self._asked])
        if self._dropped:
            asked += ((_OTHERS, (), self._other_queries()),)
        self._forget()
        return asked

    def restore_questions(self, questions: QueriesAsked, at: int) -> None:
        """Put what was asked elsewhere, at an instant, in the place of what is there: each askable, or a note."""
        self._restored = AskedAgain(self, questions, at)

    def take_queries(self) -> Sequence[dict[str, Any]]:
        """Return what was asked since the last call as plain values, and forget it."""
        if self._restored is not None:
            restored, self._restored = self._restored, None
            return restored
        queries = tuple(
            {"query": query, "arguments": list(arguments), "answer": answer}
            for (query, arguments, _), answer in self._asked
        )
        if self._dropped:
            queries += ({"query": _OTHERS, "arguments": [], "answer": self._other_queries()},)
        self._forget()
        return queries

    def _other_queries(self) -> str:
        return f"{self._dropped} more queries"

    def _forget(self) -> None:
        self._asked, self._dropped = [], 0

    def restore_queries(self, queries: Iterable[dict[str, Any]]) -> None:
        """Put queries in the place of what is there that were taken from a provider elsewhere."""
        self._restored = tuple(queries)

    def questions(self, queries: Sequence[dict[str, Any]], at: int) -> QueriesAsked | None:
        """Return what `answered` needs to give these queries of an instant (epoch ms) again; None where it would give
        others: answers of another time, arguments that are no texts and small numbers, a note with arguments, a report
        that is not true.
        """
        if isinstance(queries, AskedAgain):
            return queries.questions if queries.at == at else None
        try:
            asked = tuple((each["query"], tuple(each["arguments"]), _told(each)) for each in queries)
            if all(is_askable(query, words) if told is None else not words for query, words, told in asked):
                return asked if self.answered(asked, at) == queries else None
        except Exception:  # a report may hold anything, and asked again it fails with anything: it is kept as it came
            return None
        return None

    def answered(self, questions: QueriesAsked, at: int) -> tuple[dict[str, Any], ...]:
        """Return questions with their answers as of an instant, in epoch ms. They do not count as asked."""
        if self._again is None:
            self._again = RecordingProvider(self._market, self._mark_stale_ms)
        again = self._again
        again.take_queries()
        again.set_current_time(at)
        notes = []
        for query, arguments, told in questions:
            if told is None:
                getattr(again, query)(*arguments)
            else:
                notes.append({"query": query, "arguments": list(arguments), "answer": told})
        again.too_short.clear()
        return (*again.take_queries(), *notes)

    def _question(self, query: str, arguments: tuple[Any, ...]) -> QueryAsked:
        """Return a query as it is kept."""
        question = query, tuple(map(_plain_argument, arguments)), None
        if not is_askable(query, arguments):
            self._all_askable = False
        elif len(self._known) < _MOST_KNOWN:
            self._known[query, *arguments] = question
        return question

    def _record(self, question: QueryAsked, answer: Any) -> None:
        if self._at != self.now:
            self._all_askable = False
        if len(self._asked) < MAX_QUERIES:
            self._asked.append((question, answer))
        else:
            self._dropped += 1

    get_price = _recorded("get_price", lambda price: price)
    get_market_data = _recorded("get_market_data", dict)
    get_klines = _recorded(
        "get_klines", lambda klines: {"count": len(klines), "last": klines[-1]._asdict() if klines else None}
    )
    get_indicator = _recorded(
        "get_indicator", lambda answer: {"value": answer["value"]} if "value" in answer else dict(answer)
    )
    get_flow = _recorded("get_flow", dict)
    get_regime = _recorded("get_regime", RegimeInfo.to_dict)
    get_price_change = _recorded("get_price_change", dict)
    get_feature = _recorded("get_feature", lambda answer: _newest_and_count(**answer) if answer else {})


QUERIES = frozenset(name for name, value in vars(RecordingProvider).items() if name.startswith("get_"))


def _parameters(query: str) -> tuple[int, tuple[str, ...]]:
    """Return how many arguments a query needs, and the types of all that it takes, by name."""
    taken = list(signature(getattr(HistoricalDataProvider, query)).parameters.values())[1:]
    return sum(each.default is each.empty for each in taken), tuple(str(each.annotation) for each in taken)


_PARAMETERS = {query: _parameters(query) for query in QUERIES}


def is_askable(query: object, arguments: Sequence[object]) -> bool:
    """Tell whether a query can be asked again with these arguments as they are kept: whole texts, small numbers."""
    needed, kinds = _PARAMETERS.get(query, (1, ())) if isinstance(query, str) else (1, ())
    return needed <= len(arguments) <= len(kinds) and all(map(_is_kept, arguments, kinds))


def _is_kept(argument: object, kind: str) -> bool:
    if type(argument) is str:
        return kind == "str" and len(argument) <= MOST_CHARACTERS and argument.isprintable()
    return type(argument) is int and kind == "int" and abs(argument) <= _MOST_AGAIN


def _told(query: dict[str, Any]) -> str | None:
    """Return the text of what is no query but a note: how many more there were, or that they were too long."""
    return None if query["query"] in QUERIES else str(query["answer"])
