"""The triggers of a run in order: in full where something happened, as a few numbers where nothing did."""

from __future__ import annotations

import pickle
from array import array
from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from operator import is_
from struct import Struct
from typing import Any, overload

import numpy as np

from ..account import AccountState
from ..contract import FIELDS, ActionType, RegimeInfo
from ..kept_values import KeptValues
from ..kernel import TriggerEvent
from ..program import QueriesAsked, RecordingProvider
from .packed_facts import NOT_PLAIN, Facts, PackedFacts
from .trigger_record import TriggerRecord

_REASON = FIELDS.index("reason")
_IMMUTABLE = frozenset((str, int, float, bool, type(None), ActionType))
#: What is kept of a trigger but its time: the numbers of its kind, of its account's state, of its decision and of the
#: reason, of what was asked, and the two of its signals' facts. The kind is `_IN_FULL` where the number of the state is
#: that of a full record.
_NAMES = ("kind", "state", "decision", "reason", "questions", "facts", "place")
_COLUMNS = np.dtype([(name, "=i4") for name in _NAMES])
_ROW = Struct("=iiiiiii")
_Row = tuple[int, int, int, int, int, int, int]
_IN_FULL = -1
_NONE = 0, 0
#: The only key of a fact that is no signal's; and facts that cannot be kept as numbers.
_REGIME = "\0market regime"
_NO_FACTS: Any = None

#: What a trigger is but its time and what was seen: type, symbol and pool.
_Kind = tuple[Any, str, Any, str, str]


class TriggerRecords(Sequence[TriggerRecord]):
    """The records of all handled triggers, made when they are looked at.

    A quiet one (see `TriggerRecord.is_quiet`) takes 8 bytes where only its time is another than that of the one before,
    else 44: its time, and the numbers of its kind, of the account's state, of the decision to hold and its reason, of
    what was asked, and of the facts of its signals, each of which is kept once while it recurs. Facts of pools are made
    again when they are looked at, those of others take 8 bytes more for each figure. The answers are asked of
    `provider` again; those that would not come out the same are kept.
    """

    def __init__(self, provider: RecordingProvider | None = None) -> None:
        self._provider = provider
        self._times = array("q")
        #: What is the same for triggers after one another, once, and the place of the first of them.
        self._rows, self._places = bytearray(), array("q")
        self._last_row: _Row | None = None
        self._full: list[TriggerRecord] = []
        self._kinds = KeptValues()
        self._last_kind: _Kind | None = None
        self._kind_number = 0
        self._known_states: list[AccountState] = []
        self._last_state: AccountState | None = None
        #: Those of the last trigger, the state only if nothing was asked or decided at it and no signals came with it.
        self._bare_state: AccountState | None = None
        self._bare_trigger = TriggerEvent(0, "scheduled")
        self._state_number = 0
        self._known_holds, self._known_reasons = KeptValues(None), KeptValues(None)
        self._questions, self._known_questions, self._answers = KeptValues(), KeptValues(()), KeptValues()
        self._last_questions: QueriesAsked = ()
        self._questions_number = 0
        self._facts = PackedFacts()
        self._last_hold: tuple[Any, ...] = ()
        self._last_number = 0

    def __getstate__(self) -> dict[str, Any]:
        # elsewhere nobody can be asked again: the answers are kept
        if self._provider is None:
            return vars(self)
        answered = TriggerRecords()
        for record in self:
            answered.append(record)
        return vars(answered)

    def __len__(self) -> int:
        return len(self._times)

    @overload
    def __getitem__(self, index: int) -> TriggerRecord: ...
    @overload
    def __getitem__(self, index: slice) -> list[TriggerRecord]: ...
    def __getitem__(self, index: int | slice) -> TriggerRecord | list[TriggerRecord]:
        places = range(len(self))[index]
        return [self._at(place) for place in places] if isinstance(places, range) else self._at(places)

    @property
    def times(self) -> array[int]:
        """The instants of all of them (epoch ms), as they are added: to be read alone."""
        return self._times

    def alike(self) -> Iterator[tuple[int, array[int]]]:
        """Yield places in order, of triggers that differ from the one before in more than their time, with the instants
        of each and of those after it that do not.
        """
        ends = [*self._places[1:], len(self._times)]
        for place, end in zip(tuple(self._places), ends, strict=True):
            yield place, self._times[place:end]

    def append(self, record: TriggerRecord) -> None:
        """Add the record of the trigger that was handled last."""
        trigger, decision, _, state, *_, queries, _, _, _ = record
        if record.is_quiet and self.add_quiet(trigger, state, queries, decision):
            return
        self._add(trigger.timestamp, (_IN_FULL, len(self._full), 0, 0, 0, 0, 0))
        self._bare_state = None
        self._full.append(record)

    def add_quiet(
        self,
        trigger: TriggerEvent,
        state: AccountState,
        queries: Sequence[dict[str, Any]] = (),
        decision: tuple[Any, ...] | None = None,
    ) -> bool:
        """Add a trigger of which nothing came without a record of it; tell whether it can be kept so."""
        last = self._bare_trigger
        if (
            state is self._bare_state
            and not (queries or decision)
            # of ticks all but the time is the same objects, which takes less to tell than that it is equal
            and trigger.trigger_type is last.trigger_type
            and trigger.symbol is last.symbol
            and trigger.pool_id is last.pool_id
            and trigger.pool_name is last.pool_name
            and trigger.pool_logic is last.pool_logic
            and trigger.triggered_signals is last.triggered_signals
            and trigger.market_regime is last.market_regime
        ):  # nearly always
            self._times.append(trigger.timestamp)
            return True
        return self._add_if_plain(trigger, state, queries, decision)

    def _add_if_plain(
        self,
        trigger: TriggerEvent,
        state: AccountState,
        queries: Sequence[dict[str, Any]],
        decision: tuple[Any, ...] | None,
    ) -> bool:
        kind = trigger.trigger_type, trigger.symbol, trigger.pool_id, trigger.pool_name, trigger.pool_logic
        facts = _NONE
        asked: int | None = 0
        if (
            (decision is not None and not _is_immutable(decision))
            or (
                (trigger.triggered_signals or trigger.market_regime is not None)
                and (facts := self._facts.add(_facts(trigger))) is NOT_PLAIN
            )
            or (queries and (asked := self._asked_number(queries, trigger.timestamp)) is None)
            or (kind != self._last_kind and not self._is_kept(kind))
        ):
            return False
        if state is not self._last_state:
            self._last_state, self._state_number = state, len(self._known_states)
            self._known_states.append(state)
        hold, reason = _NONE if decision is None else self._hold_numbers(decision)
        self._add(trigger.timestamp, (self._kind_number, self._state_number, hold, reason, asked or 0, *facts))
        is_bare = not (queries or decision or trigger.triggered_signals or trigger.market_regime)
        self._bare_state = state if is_bare else None
        self._bare_trigger = trigger
        return True

    def _add(self, time_ms: int, row: _Row) -> None:
        if row != self._last_row:
            self._rows += _ROW.pack(*row)
            self._places.append(len(self._times))
            self._last_row = row
        self._times.append(time_ms)

    def _is_kept(self, kind: _Kind) -> bool:
        """Find the number of a kind, if it can be kept."""
        if not _is_immutable(kind):
            return False
        self._last_kind, self._kind_number = kind, self._kinds.number(kind, kind)
        return True

    def _asked_number(self, queries: Sequence[dict[str, Any]], at: int) -> int | None:
        """Return the number of what was asked; below 0 is that of queries whose answers would not come out the same."""
        asked = None if self._provider is None else self._provider.questions(queries, at)
        if asked is None:
            return self._told_number(queries)
        if asked != self._last_questions:
            numbers = tuple([self._questions.number(each, each) for each in asked])
            self._last_questions, self._questions_number = asked, self._known_questions.number(numbers, numbers)
        return self._questions_number

    def _told_number(self, queries: Sequence[dict[str, Any]]) -> int | None:
        """Return the number of queries that are kept with their answers; None where that cannot be."""
        try:
            packed = pickle.dumps(tuple(queries), pickle.HIGHEST_PROTOCOL)
        except Exception:  # an answer, of a metric of one's own for example, may be anything, and fail with anything
            return None
        return -1 - self._answers.number(packed, packed)

    def unasked(self) -> Iterator[TriggerRecord]:
        """Yield all records without what was asked, which takes longest to find again."""
        return (self._at(place, with_queries=False) for place in range(len(self)))

    def eventful(self, start: int = 0) -> Iterator[tuple[int, TriggerRecord]]:
        """Yield place and record of each trigger from `start` on that was not quiet, in order."""
        full, (places, rows) = tuple(self._full), self._kept(bisect_left(self._places, start))
        is_full = rows["kind"] == _IN_FULL
        for place, number in zip(places[is_full].tolist(), rows["state"][is_full].tolist(), strict=True):
            if not full[number].is_quiet:
                yield place, full[number]

    def counted(self) -> Iterator[tuple[TriggerRecord, int]]:
        """Yield records, and how many triggers are like each of them in type and in decision but its reason."""
        for record in tuple(self._full):
            yield record, 1
        places, rows = self._kept()
        counts = np.diff(places, append=len(self))
        quiet = np.flatnonzero(rows["kind"] != _IN_FULL)
        likes = rows["kind"][quiet].astype(np.int64) << 32 | rows["decision"][quiet]
        _, first, like = np.unique(likes, return_index=True, return_inverse=True)
        sums = np.bincount(like, counts[quiet], len(first)).astype(np.int64)
        for place, count in zip(places[quiet[first]].tolist(), sums.tolist(), strict=True):
            yield self._at(place), count

    def _kept(self, first: int = 0) -> tuple[np.ndarray[Any, Any], np.ndarray[Any, Any]]:
        """Return copies of the places and the rows, the `first` of them left out: what is looked at itself cannot be
        added to.
        """
        return np.array(self._places[first:]), np.frombuffer(bytes(self._rows[first * _ROW.size :]), _COLUMNS)

    def _at(self, place: int, with_queries: bool = True) -> TriggerRecord:
        number = bisect_right(self._places, place) - 1
        row: tuple[int, ...] = _ROW.unpack_from(self._rows, number * _ROW.size)
        time, (kind, state, hold, reason, asked, *facts_at) = self._times[place], row
        if kind == _IN_FULL:
            return self._full[state]
        trigger_type, symbol, pool_id, pool_name, logic = self._kinds[kind]
        account, decision = self._known_states[state], self._known_holds[hold]
        if decision is not None:
            decision = (*decision[:_REASON], self._known_reasons[reason], *decision[_REASON + 1 :])
        facts, regime = _signals_and_regime(self._facts.at(*facts_at))
        trigger = TriggerEvent(time, trigger_type, symbol, pool_id, pool_name, logic, facts, regime)
        queries = self._queries(asked, time) if with_queries else ()
        return TriggerRecord(trigger, decision, None, account, account, (), queries, None)

    def _queries(self, asked: int, at: int) -> tuple[dict[str, Any], ...]:
        """Return what was asked at an instant, by its number, with the answers."""
        if asked < 0:
            kept: tuple[dict[str, Any], ...] = pickle.loads(self._answers[-1 - asked])
            return kept
        if self._provider is None or not asked:
            return ()
        numbers = self._known_questions[asked]
        return self._provider.answered(tuple([self._questions[each] for each in numbers]), at)

    def _hold_numbers(self, values: tuple[Any, ...]) -> tuple[int, int]:
        """Return the numbers of a decision to hold, without its reason, and of its reason."""
        reason = values[_REASON]
        hold = (*values[:_REASON], None, *values[_REASON + 1 :])
        if len(self._last_hold) != len(hold) or not all(map(is_, hold, self._last_hold)):
            self._last_hold, self._last_number = hold, self._known_holds.number(repr(hold), hold)
        return self._last_number, self._known_reasons.number(repr(reason), reason)


def _facts(trigger: TriggerEvent) -> Facts:
    """Return what is to be kept of a trigger's signals, and of a market regime that its source has found."""
    signals, regime = trigger.triggered_signals, trigger.market_regime
    if type(regime) is not RegimeInfo or type(signals) is not tuple:
        return signals if regime is None else _NO_FACTS
    return (*signals, {_REGIME: regime.values()})


def _signals_and_regime(facts: Facts) -> tuple[Facts, RegimeInfo | None]:
    """Return what was kept by `_facts`."""
    last = facts[-1] if facts else None
    if type(last) is dict and _REGIME in last:
        return facts[:-1], RegimeInfo(*last[_REGIME])
    return facts, None


def _is_immutable(values: tuple[Any, ...]) -> bool:
    return _IMMUTABLE.issuperset(map(type, values))
