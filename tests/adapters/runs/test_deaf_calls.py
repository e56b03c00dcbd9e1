"""Calls that are cut from outside: at Ctrl-C, when patience ends, and never by a call that is over."""

from __future__ import annotations

import itertools
import os
import signal
import sqlite3
import threading
import time
from collections.abc import Callable
from contextlib import closing

import pytest

from adapters.runs import Patience, deaf_call, hearing, in_another_thread

LAST_S = 0.4


def refuse() -> None:
    raise ValueError("closed")


def press() -> None:
    os.kill(os.getpid(), signal.SIGINT)
    time.sleep(20)


def press_soon() -> None:
    threading.Timer(0.1, os.kill, (os.getpid(), signal.SIGINT)).start()


def wait_for_a_cut(patience_s: float = float("inf")) -> float:
    """How long a call takes that ends when it is cut."""
    began, is_cut = time.monotonic(), threading.Event()
    with deaf_call(is_cut.set, patience_s):
        assert is_cut.wait(20)
    return time.monotonic() - began


def test_a_call_that_cannot_be_cut_keeps_no_other_from_being_cut() -> None:
    with deaf_call(refuse, 0.1), deaf_call(refuse, 0.2):
        assert wait_for_a_cut(0.1) < 5.0


def test_a_call_that_did_not_hear_the_first_cut_is_cut_again() -> None:
    cuts, is_cut = itertools.count(), threading.Event()

    def wait() -> None:
        with deaf_call(lambda: is_cut.set() if next(cuts) == 2 else None):
            assert is_cut.wait(20)

    with hearing():
        press_soon()
        with pytest.raises(KeyboardInterrupt):
            wait()
    assert next(cuts) >= 3


def test_a_call_that_is_begun_when_a_signal_has_come_but_was_not_dealt_with_is_cut_too() -> None:
    took_s: list[float] = []

    def wait_late() -> None:
        with deaf_call(lambda: None):
            os.kill(os.getpid(), signal.SIGINT)
            time.sleep(0.2)
            took_s.append(wait_for_a_cut())

    with hearing(), pytest.raises(KeyboardInterrupt):
        wait_late()
    assert took_s[0] < 5.0


def call_function(connection: sqlite3.Connection, callback: Callable[[], None]) -> None:
    """SQLite says of what a function raises only that it has raised something."""
    connection.create_function("callback", 0, callback)
    connection.execute("select callback()").fetchall()


def call_tracer(connection: sqlite3.Connection, callback: Callable[[], None]) -> None:
    """SQLite says nothing of what a tracer raises."""
    connection.set_trace_callback(lambda statement: callback())
    connection.execute("select 1").fetchall()


@pytest.mark.parametrize("call", [call_function, call_tracer])
def test_a_signal_that_a_callback_of_c_code_would_have_dealt_with_is_dealt_with_when_the_call_is_over(
    call: Callable[[sqlite3.Connection, Callable[[], None]], None],
) -> None:
    seen: list[str] = []

    def callback() -> None:
        os.kill(os.getpid(), signal.SIGINT)
        seen.append("called back")

    def ask(connection: sqlite3.Connection) -> None:
        with deaf_call(connection.interrupt):
            call(connection, callback)
            seen.append("done")
        seen.append("went on")

    with closing(sqlite3.connect(":memory:")) as connection, hearing(), pytest.raises(KeyboardInterrupt):
        ask(connection)
    assert seen == ["called back", "done"]


def test_a_keyboard_interrupt_takes_the_place_of_the_error_of_the_call_that_was_cut() -> None:
    endless = "with recursive n(i) as (select 1 union all select i + 1 from n) select count(*) from n"

    def ask(connection: sqlite3.Connection) -> None:
        with deaf_call(connection.interrupt):
            connection.execute(endless).fetchall()

    with closing(sqlite3.connect(":memory:")) as connection, hearing():
        press_soon()
        with pytest.raises(KeyboardInterrupt) as raised:
            ask(connection)
    assert isinstance(raised.value.__context__, sqlite3.OperationalError)


def test_a_wait_for_another_thread_is_interrupted_at_once() -> None:
    with hearing():
        press_soon()
        began = time.monotonic()
        with pytest.raises(KeyboardInterrupt):
            in_another_thread(lambda: time.sleep(20))
    assert time.monotonic() - began < 5.0


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
