"""Ctrl-C in a place where Python loses exceptions: it comes again."""

import os
import signal
import sys
import time
import weakref

import pytest

from adapters.runs import interruptible


class Thing:
    """Something that can be referred to weakly."""


def press(_):
    os.kill(os.getpid(), signal.SIGINT)
    for _ in range(1_000):
        time.sleep(0.001)


def let_go_and_wait():
    thing = Thing()
    reference = weakref.ref(thing, press)
    del thing
    assert reference() is None
    time.sleep(20)


@pytest.mark.parametrize("ways", [1, 3])
def test_an_interruption_that_a_callback_loses_is_raised_a_moment_later_and_nothing_is_printed(capfd, ways):
    before = sys.unraisablehook
    for _ in range(ways):
        began = time.monotonic()
        with interruptible(), pytest.raises(KeyboardInterrupt):
            let_go_and_wait()
        assert time.monotonic() - began < 10
    assert capfd.readouterr() == ("", "")
    assert sys.unraisablehook is before


def test_other_errors_that_are_lost_are_told_as_before(monkeypatch):
    told = []
    monkeypatch.setattr(sys, "unraisablehook", told.append)

    def fail(_):
        raise ValueError("lost")

    with interruptible():
        thing = Thing()
        reference = weakref.ref(thing, fail)
        del thing
    assert reference() is None
    assert [str(each.exc_value) for each in told] == ["lost"]
