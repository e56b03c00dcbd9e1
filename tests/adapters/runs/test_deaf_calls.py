"""Calls that are cut from outside: at Ctrl-C, when patience ends, and never by a call that is over."""

from __future__ import annotations

import os
import signal
import threading
import time

import pytest

from adapters.runs import Patience, deaf_call, hearing, in_another_thread

LAST_S = 0.4


def refuse() -> None:
    raise ValueError("closed")


def press() -> None:
    os.kill(os.getpid(), signal.SIGINT)
    time.sleep(20)


def wait_for_a_cut(patience_s: float = float("inf")) -> float:
    """How long a call takes that ends when it is cut."""
    began, is_cut = time.monotonic(), threading.Event()
    with deaf_call(is_cut.set, patience_s):
        assert is_cut.wait(20)
    return time.monotonic() - began


def test_a_call_that_cannot_be_cut_keeps_no_other_from_being_cut() -> None:
    with deaf_call(refuse, 0.1), deaf_call(refuse, 0.2):
        assert wait_for_a_cut(0.1) < 5.0


def test_after_ctrl_c_nothing_takes_longer_than_said_also_what_is_begun_then() -> None:
    with hearing(LAST_S):
        with pytest.raises(KeyboardInterrupt):
            press()
        time.sleep(0.6)
        patience = Patience(1_000.0)
        assert not patience.is_over
        assert LAST_S / 2 < wait_for_a_cut() < 5.0
        assert patience.is_over
    assert not patience.is_over


def test_a_thread_that_waits_for_another_one_is_left_when_it_is_cut() -> None:
    failures: list[BaseException] = []

    def wait() -> None:
        try:
            in_another_thread(lambda: time.sleep(20))
        except TimeoutError as error:
            failures.append(error)

    waiting = threading.Thread(target=wait)
    with hearing():
        waiting.start()
        time.sleep(0.3)
        with pytest.raises(KeyboardInterrupt):
            press()
        waiting.join(5.0)
    assert not waiting.is_alive()
    assert [str(each) for each in failures] == ["timed out"]
