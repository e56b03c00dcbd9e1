"""Handlers that wait: whenever a signal comes, it is heard once, and what a host had is put back."""

from __future__ import annotations

import os
import signal
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from pathlib import Path

import pytest

from adapters.runs import deaf_call, ended_by_signals, hearing, interruptible, signals_waiting
from tests.support.patience import PATIENCE_S
from tests.support.presser import HEARD, LISTENING, OVER, presser

PRESSES = [pytest.param(300, id="small"), pytest.param(20_000, id="whole", marks=pytest.mark.soak)]
SEED = 12
#: Several times as long as a listener takes to go in and out once.
LONGEST_GAP_S = 0.001

Contexts = tuple[Callable[[], AbstractContextManager[object]], Callable[[], AbstractContextManager[object]]]


def press(number: signal.Signals = signal.SIGINT) -> None:
    os.kill(os.getpid(), number)


@pytest.fixture
def told() -> Iterator[list[int]]:
    """What a handler of the host's is told of SIGTERM."""
    numbers: list[int] = []
    before = signal.signal(signal.SIGTERM, lambda number, frame: numbers.append(number))
    yield numbers
    signal.signal(signal.SIGTERM, before)


def call_pressing(seen: list[str], *numbers: signal.Signals) -> None:
    """Call what calls something else in which signals come."""
    with deaf_call(lambda: None):
        with deaf_call(lambda: None):
            for number in numbers:
                press(number)
        seen.append("after the inner one")
    seen.append("after the outer one")


def test_what_comes_in_nested_calls_waits_for_the_end_of_the_outermost() -> None:
    seen: list[str] = []
    with hearing(), pytest.raises(KeyboardInterrupt):
        call_pressing(seen, signal.SIGINT)
    assert seen == ["after the inner one"]


def test_each_signal_that_has_come_is_dealt_with_once_even_when_another_one_raises(told: list[int]) -> None:
    with hearing(), pytest.raises(KeyboardInterrupt):
        call_pressing([], signal.SIGINT, signal.SIGTERM, signal.SIGTERM)
    assert told == [signal.SIGTERM]
    with hearing():
        call_pressing([])
    assert told == [signal.SIGTERM]


def test_outside_of_a_call_a_signal_is_dealt_with_at_once(told: list[int]) -> None:
    with hearing():
        press(signal.SIGTERM)
        assert told == [signal.SIGTERM]
        with pytest.raises(KeyboardInterrupt):
            press()


def test_signals_wait_for_the_end_of_what_would_take_them_for_errors() -> None:
    seen: list[str] = []

    def build() -> None:
        with signals_waiting():
            threading.Thread(target=press, args=[signal.SIGHUP]).start()
            time.sleep(0.1)
            seen.append("built")
        seen.append("went on")

    with interruptible(), pytest.raises(KeyboardInterrupt):
        build()
    assert seen == ["built"]


def ending() -> AbstractContextManager[object]:
    return ended_by_signals(lambda simulation: None)


@pytest.mark.parametrize("contexts", [(hearing, ending), (ending, hearing)])
def test_signals_that_end_runs_wait_too_whatever_is_entered_first(contexts: Contexts) -> None:
    seen: list[str] = []
    outer, inner = contexts
    with outer(), inner(), pytest.raises(KeyboardInterrupt):
        call_pressing(seen, signal.SIGINT)
    assert seen == ["after the inner one"]


class Listener:
    """Goes in and out of all contexts until it is over; a press comes when it listens."""

    def __init__(self, cells: memoryview) -> None:
        self.cells = cells
        self.left: list[object] = []
        self.before = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM, signal.SIGALRM)}

    def listen(self) -> None:
        while not self.cells[OVER]:
            try:
                self.cells[LISTENING] = 1
                while not self.cells[OVER]:
                    self.go_in_and_out()
            except KeyboardInterrupt:
                self.cells[LISTENING] = 0
                self.cells[HEARD] += 1

    def go_in_and_out(self) -> None:
        with interruptible(), hearing(), ending(), hearing(1.0), signals_waiting():
            call_pressing([])
        self.left += [n for n, handler in self.before.items() if signal.getsignal(n) is not handler]
        self.left += [descriptor for descriptor in [signal.set_wakeup_fd(-1)] if descriptor != -1]


@pytest.mark.parametrize("presses", PRESSES)
def test_at_any_moment_a_press_is_heard_once_and_what_the_host_had_is_put_back(presses: int, tmp_path: Path) -> None:
    cells, pressing = presser(tmp_path / "cells", presses, SEED, LONGEST_GAP_S)
    listener = Listener(cells)
    listener.listen()
    assert pressing.wait(PATIENCE_S) == 0
    print(f"{presses} presses, {cells[HEARD]} heard")
    assert (cells[HEARD], listener.left) == (presses, [])
