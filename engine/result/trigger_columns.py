"""The triggers of a run in order: in full where something happened, as a few numbers where nothing did."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from operator import is_
from struct import Struct
from typing import Any, overload

import numpy as np

from ..account import AccountState
from ..contract import FIELDS, ActionType
from ..kernel import TriggerEvent
from ..program import QueriesAsked, RecordingProvider
from .packed_facts import Facts, PackedFacts
from .trigger_record import TriggerRecord

_REASON = FIELDS.index("reason")
_IMMUTABLE = frozenset((str, int, float, bool, type(None), ActionType))
#: Of each trigger its time, the numbers of its kind, of its account's state, of its decision and of the reason, and the
#: place of its signals' figures. The kind is `_IN_FULL` where the number of the state is that of a full record.
_NAMES = ("kind", "state", "decision", "reason", "figures")
_COLUMNS = np.dtype([("time", "=i8"), *((name, "=i4") for name in _NAMES)])
_ROW = Struct("=qiiiii")
_pack = _ROW.pack
_IN_FULL = -1
_UNKNOWN = -2
_NO_FORM = -3
#: So many texts are known again; those of programs that never repeat themselves are not searched for.
_MOST_KNOWN = 1_024


#: What a trigger is but its time: type and symbol, the record's symbol, its pool, its signals' form, what was asked.
_Kind = tuple[Any, str, str, Any, str, str, int, int]


class _Interned:
    """Values by number; equal texts of values have the same number as long as they are not too many."""

    def __init__(self, *values: Any) -> None:
        self.values = list(values)
        self._numbers: dict[str, int] = {}

    def number(self, text: str, value: Any) -> int:
        """Return the number of a value that is written as `text`."""
        number = self._numbers.get(text)
        if number is None:
            if len(self._numbers) >= _MOST_KNOWN:
                self._numbers.clear()
            number = self._numbers[text] = len(self.values)
            self.values.append(value)
        return number


class TriggerRecords(Sequence[TriggerRecord]):
    """The records of all handled triggers, made when they are looked at.

    A quiet one (see `TriggerRecord.is_quiet`) takes 28 bytes: its time, and the numbers of its kind, with what was
    asked, of the account's state and of the decision to hold with its reason, each of which is kept once; 8 more for
    each figure of its signals. The answers are asked of `provider` again when it is looked at; a quiet trigger whose
    answers would not come out the same is kept in full.
    """

    def __init__(self, provider: RecordingProvider | None = None) -> None:
        self._provider = provider
        self._rows = bytearray()
        self._full: list[TriggerRecord] = []
        self._kinds: list[_Kind] = []
        self._kind_numbers: dict[_Kind, int] = {}
        self._last_kind: _Kind | None = None
        self._kind_number = 0
        self._known_states: list[AccountState] = []
        self._last_state: AccountState | None = None
        self._state_number = 0
        self._known_holds = _Interned(None)
        self._known_reasons = _Interned(None)
        self._known_questions = _Interned(())
        self._last_questions: QueriesAsked = ()
        self._questions_number = 0
        self._facts = PackedFacts()
        self._last_hold: tuple[Any, ...] = ()
        self._last_number = 0

    def __len__(self) -> int:
        return len(self._rows) // _ROW.size

    @overload
    def __getitem__(self, index: int) -> TriggerRecord: ...
    @overload
    def __getitem__(self, index: slice) -> list[TriggerRecord]: ...
    def __getitem__(self, index: int | slice) -> TriggerRecord | list[TriggerRecord]:
        places = range(len(self))[index]
        return [self._at(place) for place in places] if isinstance(places, range) else self._at(places)

    def append(self, record: TriggerRecord) -> None:
        """Add the record of the trigger that was handled last."""
        trigger, symbol, decision, order, before, after, logs, queries, error, warm_up = record
        questions, form = 0, _NO_FORM
        place = len(self._facts) if trigger.triggered_signals else 0
        # in one expression, as most triggers of most runs come here: quiet, nothing asked that is kept, and no signals
        if (
            (before is not after or order or logs or error is not None or warm_up or trigger.market_regime is not None)
            or (decision is not None and not _is_immutable(decision))
            or (queries and (questions := self._asked_number(queries, trigger.timestamp)) == _UNKNOWN)
            or (trigger.triggered_signals and (form := self._form_number(trigger.triggered_signals)) == _UNKNOWN)
        ):
            self._rows += _pack(trigger.timestamp, _IN_FULL, len(self._full), 0, 0, 0)
            self._full.append(record)
            return
        if before is not self._last_state:
            self._last_state, self._state_number = before, len(self._known_states)
            self._known_states.append(before)
        pool = trigger.pool_id, trigger.pool_name, trigger.pool_logic
        kind = trigger.trigger_type, trigger.symbol, symbol, *pool, form, questions
        if kind != self._last_kind:
            self._last_kind, self._kind_number = kind, self._number_of(kind)
        hold, reason = (0, 0) if decision is None else self._hold_numbers(decision)
        self._rows += _pack(trigger.timestamp, self._kind_number, self._state_number, hold, reason, place)

    def _asked_number(self, queries: Sequence[dict[str, Any]], at: int) -> int:
        """Return the number of what was asked; `_UNKNOWN` where the answers would not come out the same again."""
        asked = None if self._provider is None else self._provider.questions(queries, at)
        if asked is None:
            return _UNKNOWN
        if asked != self._last_questions:
            self._last_questions, self._questions_number = asked, self._known_questions.number(repr(asked), asked)
        return self._questions_number

    def _form_number(self, facts: Facts) -> int:
        """Keep the facts of a trigger and return the number of their form, or `_UNKNOWN`."""
        form = self._facts.add(facts) if type(facts) is tuple else None
        return _UNKNOWN if form is None else form

    def _number_of(self, kind: _Kind) -> int:
        if kind not in self._kind_numbers:
            self._kind_numbers[kind] = len(self._kinds)
            self._kinds.append(kind)
        return self._kind_numbers[kind]

    def eventful(self) -> Iterator[tuple[int, TriggerRecord]]:
        """Yield place and record of each trigger that was not quiet, in order."""
        places = np.flatnonzero(self._columns()["kind"] == _IN_FULL).tolist()
        return ((place, record) for place, record in zip(places, tuple(self._full), strict=True) if not record.is_quiet)

    def counted(self) -> Iterator[tuple[TriggerRecord, int]]:
        """Yield records, and how many triggers are like each of them in type and in decision but its reason."""
        for record in tuple(self._full):
            yield record, 1
        columns = self._columns()
        quiet = np.flatnonzero(columns["kind"] != _IN_FULL)
        likes = columns["kind"][quiet].astype(np.int64) << 32 | columns["decision"][quiet]
        _, first, counts = np.unique(likes, return_index=True, return_counts=True)
        for place, count in zip(quiet[first].tolist(), counts.tolist(), strict=True):
            yield self._at(place), count

    def _columns(self) -> np.ndarray[Any, Any]:
        return np.frombuffer(bytes(self._rows), _COLUMNS)

    def _at(self, place: int) -> TriggerRecord:
        row: tuple[int, ...] = _ROW.unpack_from(self._rows, place * _ROW.size)
        time, kind, state, hold, reason, figures = row
        if kind == _IN_FULL:
            return self._full[state]
        trigger_type, triggered, symbol, pool_id, pool_name, logic, form, questions = self._kinds[kind]
        account, decision = self._known_states[state], self._known_holds.values[hold]
        if decision is not None:
            decision = (*decision[:_REASON], self._known_reasons.values[reason], *decision[_REASON + 1 :])
        facts = () if form == _NO_FORM else self._facts.at(form, figures)
        trigger = TriggerEvent(time, trigger_type, triggered, pool_id, pool_name, logic, facts)
        queries = self._answers(self._known_questions.values[questions], time)
        return TriggerRecord(trigger, symbol, decision, None, account, account, (), queries, None)

    def _answers(self, questions: QueriesAsked, at: int) -> tuple[dict[str, Any], ...]:
        return self._provider.answered(questions, at) if self._provider is not None and questions else ()

    def _hold_numbers(self, values: tuple[Any, ...]) -> tuple[int, int]:
        """Return the numbers of a decision to hold, without its reason, and of its reason."""
        reason = values[_REASON]
        hold = (*values[:_REASON], None, *values[_REASON + 1 :])
        if len(self._last_hold) != len(hold) or not all(map(is_, hold, self._last_hold)):
            self._last_hold, self._last_number = hold, self._known_holds.number(repr(hold), hold)
        return self._last_number, self._known_reasons.number(repr(reason), reason)


def _is_immutable(values: tuple[Any, ...]) -> bool:
    return _IMMUTABLE.issuperset(map(type, values))
