"""Work that is done one at a time."""

from __future__ import annotations

import threading

import pytest

from adapters.web.safety import Refused
from adapters.web.services.turn import _MOST_WAITING, Turn
from tests.support.patience import until


def test_who_comes_when_too_many_wait_is_refused_and_the_others_have_their_turn() -> None:
    turn, done = Turn(), []

    def work() -> None:
        with turn:
            done.append(1)

    with turn:
        waiting = [threading.Thread(target=work) for _ in range(_MOST_WAITING)]
        for each in waiting:
            each.start()
        until(lambda: turn._count == _MOST_WAITING + 1)
        with pytest.raises(Refused, match="are waiting already"):
            work()
    for each in waiting:
        each.join()
    assert len(done) == _MOST_WAITING
