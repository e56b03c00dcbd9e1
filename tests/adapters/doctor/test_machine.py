"""The machine as the doctor sees it."""

import os
from collections import namedtuple
from datetime import UTC, datetime

import pytest

from adapters.doctor import machine as room
from adapters.doctor.machine import look_at_machine


def found(what):
    return next(each for each in look_at_machine() if each.what == what)


def test_what_runs_take_of_the_machine_is_told():
    assert [each.what for each in look_at_machine()] == [
        "clock",
        "time zone",
        "hash seed",
        "processors",
        "memory",
        "disk here",
        "disk of temporary files",
    ]
    assert not any(each.needed for each in look_at_machine())
    assert f"{len(os.sched_getaffinity(0))} of {os.cpu_count()}" == found("processors").found


def test_a_clock_of_another_year_is_told(monkeypatch):
    class Early(datetime):
        @classmethod
        def now(cls, tz=None):
            return datetime(1970, 1, 1, tzinfo=UTC)

    monkeypatch.setattr(room, "datetime", Early)
    clock = found("clock")
    assert (clock.ok, clock.found) == (False, "1970-01-01 00:00:00 UTC, the year is 1970")


def test_a_clock_that_jumps_is_told(monkeypatch):
    times = iter([1_000.0, 1_005.0])
    monkeypatch.setattr(room.time, "time", lambda: next(times, 1_005.0))
    clock = found("clock")
    assert not clock.ok
    assert "it was set, or runs wrong" in clock.found


@pytest.mark.parametrize(("random", "says"), [(True, "random here"), (False, "0, as everywhere")])
def test_the_hash_seed_is_told_and_costs_the_command_nothing(random, says, monkeypatch):
    monkeypatch.setattr(room, "is_hash_random", lambda: random)
    assert found("hash seed").found.startswith(says)
    assert found("hash seed").ok


def test_one_processor_is_told(monkeypatch):
    monkeypatch.setattr(os, "sched_getaffinity", lambda pid: {0})
    assert not found("processors").ok


def test_the_limit_of_a_container_counts(tmp_path, monkeypatch):
    limit = tmp_path / "memory.max"
    monkeypatch.setattr(room, "_CGROUP_LIMITS", (str(limit), str(tmp_path / "none")))
    limit.write_text("max\n")
    assert found("memory").ok
    limit.write_text(f"{200 << 20}\n")
    assert (found("memory").ok, found("memory").found) == (False, "200 MB free of 200 MB")


def test_little_room_is_told(monkeypatch):
    usage = namedtuple("usage", "total used free")
    monkeypatch.setattr(room.shutil, "disk_usage", lambda folder: usage(1 << 40, 1 << 40, 5 << 20))
    assert [found(what).ok for what in ("disk here", "disk of temporary files")] == [False, False]
    assert found("disk here").found.startswith("5 MB free in ")
