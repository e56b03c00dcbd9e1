"""The jail as the doctor sees it."""

import os
import sys

import pytest

from adapters.doctor import can_run
from adapters.doctor.jail_features import look_at_jail
from adapters.sandbox import jail_problem, walls_here


@pytest.mark.skipif(jail_problem() is not None, reason="this machine has no jail")
def test_every_wall_is_told_and_a_program_was_behind_them():
    found = list(look_at_jail())
    assert [each.what for each in found] == [*(wall.name for wall in walls_here()), "a program behind all of them"]
    assert found[-1].ok
    assert can_run(found)


def test_without_a_jail_no_run_can_work(monkeypatch):
    monkeypatch.setattr(sys, "platform", "darwin")
    monkeypatch.setattr("platform.system", lambda: "Darwin")
    (finding,) = look_at_jail()
    assert (finding.ok, finding.needed) == (False, True)
    assert "Darwin has no way to lock up a process" in finding.found
    assert "--trust" in finding.cost


@pytest.mark.skipif(jail_problem() is not None, reason="this machine has no jail")
def test_a_jail_that_does_not_work_as_a_whole_is_told(monkeypatch):
    monkeypatch.setattr("adapters.sandbox.zygote_client._MAIN", "raise SystemExit(3)")
    finding = list(look_at_jail())[-1]
    assert (finding.what, finding.ok, finding.needed) == ("a program behind all of them", False, True)
    assert "SimulationError" in finding.found


def test_nothing_is_given_up_by_looking():
    before = os.listdir("/"), os.getuid(), os.nice(0)
    list(look_at_jail())
    assert (os.listdir("/"), os.getuid(), os.nice(0)) == before
