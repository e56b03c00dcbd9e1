"""Which processor a run and its worker share: they take turns, and it takes longer to wake another one than a turn."""

from __future__ import annotations

import ctypes
import os
import threading

#: So long they stay on one processor before the kernel may choose anew, in so many turns: another run may have come
#: to it, and another processor become free.
_STAY_S, _TURNS_OF_CHOICE = 0.1, 4
_current_processor = getattr(ctypes.PyDLL(None), "sched_getcpu", None)


class OneProcessor:
    """Keeps the thread that made it, and the process `worker`, on one processor, where the kernel lets them be told so.

    Across processors of a virtual machine a question and its answer take 46 us, on one of them 6: each has to be woken
    out of its sleep. `take_turn` is called before each question; `leave` lets both run everywhere again, as they should
    while an answer takes long: others may want that processor. It may be called in another thread.
    """

    def __init__(self, worker: int) -> None:
        self._both = threading.get_native_id(), worker
        self._allowed: set[int] | None = None
        self._lock = threading.Lock()
        self._free_turns = 0
        #: When `take_turn` has to be called again, by its clock; never, where the kernel cannot be told.
        self.stay_until_s = 0.0 if _current_processor is not None else float("inf")

    def take_turn(self, now_s: float) -> None:
        """Choose a processor, when it is time; `now_s` is of a clock that goes on."""
        if now_s < self.stay_until_s:
            return
        if self._free_turns == 0:
            self.leave()
        self._free_turns += 1
        if self._free_turns > _TURNS_OF_CHOICE:
            self._free_turns, self.stay_until_s = 0, now_s + _STAY_S
            self._stay()

    def _stay(self) -> None:
        assert _current_processor is not None
        here = {_current_processor()}
        with self._lock:
            try:
                self._allowed = os.sched_getaffinity(self._both[0])
                for each in self._both:
                    os.sched_setaffinity(each, here)
            except OSError:  # the worker is gone, or the processor is, or it may not be told
                self._give_back()

    def leave(self) -> None:
        """Let both run on every processor on which the thread could before. May be called twice."""
        with self._lock:
            self._give_back()

    def _give_back(self) -> None:
        allowed, self._allowed = self._allowed, None
        if allowed is None:
            return
        for each in self._both:
            try:
                os.sched_setaffinity(each, allowed)
            except OSError:  # it has ended
                continue
