"""Processes of this machine: what they answer, how they die, how they end."""

from __future__ import annotations

import os
import shutil
import signal
import threading
import time
from pathlib import Path

import numpy as np
import pytest

from adapters.workers import ProcessWorkers, WorkerDied, WorkersFailed
from adapters.workers.processor_count import usable_cores
from adapters.workers.worker_version import own_version

from .answering import Answers, Refuses


@pytest.fixture
def workers():
    with ProcessWorkers(2) as pool:
        pool.setup(Answers())
        yield pool


def is_alive(pid):
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


def test_every_argument_is_answered_under_its_ticket(workers):
    tickets = {workers.submit(("echo", number)): number for number in range(50)}
    assert {done.ticket: done.value for done in workers.as_completed()} == tickets


def test_what_is_submitted_meanwhile_is_answered_too(workers):
    workers.submit(("echo", 0))
    seen = []
    for done in workers.as_completed():
        seen.append(done.value)
        if done.value < 5:
            workers.submit(("echo", done.value + 1))
    assert seen == [0, 1, 2, 3, 4, 5]


def test_both_processes_work_and_neither_is_this_one(workers):
    for _ in range(4):
        workers.submit(("sleep", 0.3))
    assert {done.value for done in workers.as_completed()} == {*workers.pids}
    assert os.getpid() not in workers.pids


def test_no_more_start_than_there_are_processors_and_things_to_do():
    with ProcessWorkers(usable_cores() + 40) as pool:
        assert len(pool.pids) == usable_cores()
        pool.setup(Answers())
        for number in range(usable_cores() + 1):
            pool.submit(("echo", number))
        assert sorted(done.value for done in pool.as_completed()) == [*range(usable_cores() + 1)]
        assert len(pool.pids) == usable_cores() + 1


def test_an_error_is_the_answer_with_the_place_that_raised_it(workers):
    workers.submit(("raise", ValueError("no such thing")))
    (done,) = workers.as_completed()
    assert (type(done.error), str(done.error)) == (ValueError, "no such thing")
    assert "in _raise" in done.error.__notes__[0]


def test_the_argument_of_a_killed_worker_is_answered_by_another(workers, tmp_path):
    before = workers.pids
    ticket = workers.submit(("die once", str(tmp_path / "died")))
    others = [workers.submit(("echo", number)) for number in range(5)]
    found = {done.ticket: done.value for done in workers.as_completed()}
    assert found == {ticket: "done", **dict(zip(others, range(5), strict=True))}
    assert len({*before} & {*workers.pids}) == 1


def test_workers_that_are_killed_from_outside_lose_nothing(workers):
    for number in range(20):
        workers.submit(("echo", number))
        workers.submit(("sleep", 0.05))
    killed, seen = [], []
    for done in workers.as_completed():
        seen.append(done.ticket)
        if len(killed) < 4 and len(seen) % 5 == 0:
            killed.append(workers.pids[0])
            os.kill(killed[-1], signal.SIGKILL)
    assert sorted(seen) == [*range(1, 41)]
    assert not {*killed} & {*workers.pids}


def test_an_argument_of_which_workers_die_is_answered_by_that(workers):
    workers.submit(("die",))
    workers.submit(("echo", 1))
    errors = [done.error for done in workers.as_completed() if done.error is not None]
    assert [type(error) for error in errors] == [WorkerDied]
    assert str(errors[0]) == (
        "the process that ran it died 4 times (the last one was ended by SIGKILL): if that is because memory ran out, "
        "run with fewer workers"
    )
    workers.submit(("echo", 2))
    assert [done.value for done in workers.as_completed()] == [2]


def test_cancelled_work_stops_at_once_even_what_will_not_be_told(workers):
    for _ in range(6):
        workers.submit(("spin", 60))
    time.sleep(0.5)
    pids, began = workers.pids, time.monotonic()
    workers.cancel()
    assert time.monotonic() - began < 6.0  # a second, on a machine that does something else; they would spin for 60
    assert [pid for pid in pids if is_alive(pid)] == []
    assert [*workers.as_completed()] == []
    workers.submit(("echo", "again"))
    assert [done.value for done in workers.as_completed()] == ["again"]


def test_at_the_end_there_is_no_process_and_no_folder(tmp_path, monkeypatch):
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    with ProcessWorkers(2) as pool:
        pool.setup(Answers())
        pool.submit(("echo", 1))
        list(pool.as_completed())
        pids = pool.pids
        assert [path.stat().st_mode & 0o777 for path in tmp_path.iterdir()] == [0o700]
    assert [pid for pid in pids if is_alive(pid)] == []
    assert [*tmp_path.iterdir()] == []


def test_the_same_setup_is_sent_once_and_another_one_takes_its_place(workers):
    (before,) = workers.folder.glob("setup-*")
    workers.setup(Answers())
    assert [*workers.folder.glob("setup-*")] == [before]
    workers.setup(Refuses())
    assert before not in workers.folder.glob("setup-*")


def test_a_setup_that_fails_is_said_once_with_the_reason(workers):
    workers.setup(Refuses())
    workers.submit(("echo", 1))
    with pytest.raises(WorkersFailed) as caught:
        list(workers.as_completed())
    assert str(caught.value) == "the workers could not be made ready: ValueError: there is no such file here"
    workers.cancel()
    workers.setup(Answers())
    workers.submit(("echo", 2))
    assert [done.value for done in workers.as_completed()] == [2]


def test_arrays_are_mapped_not_copied_and_cannot_be_written_to():
    rows = 16 << 20  # 128 MB
    arrays = {"one": np.arange(rows, dtype=np.float64), "table": np.ones((rows // 4, 2))}
    arrays["column"] = arrays["table"][:, 1]  # no contiguous memory of its own
    with ProcessWorkers(2) as pool:
        pool.setup(Answers(arrays))
        for name in (*arrays, *arrays):
            pool.submit(("sum", name))
        expected = {(float(column.sum()), False) for column in arrays.values()}
        assert {done.value for done in pool.as_completed()} == expected
        for _ in range(4):
            pool.submit(("own mb",))
        assert max(done.value for done in pool.as_completed()) < 100


def test_mapped_arrays_travel_like_others(tmp_path):
    np.save(tmp_path / "column.npy", np.arange(100_000.0))
    column = np.load(tmp_path / "column.npy", mmap_mode="r")
    with ProcessWorkers(1) as pool:
        pool.setup(Answers({"mapped": column}))
        pool.submit(("sum", "mapped"))
        assert [done.value for done in pool.as_completed()] == [(float(column.sum()), False)]


def test_the_hash_seed_is_fixed_and_secrets_stay_here(monkeypatch):
    monkeypatch.setenv("PERPSIM_DATABASE", "postgresql://me:word@host/base")
    monkeypatch.setenv("PGPASSWORD", "word")
    monkeypatch.setenv("EXCHANGE_API_KEY", "word")
    monkeypatch.setenv("QUOTES", "redis://me:word@host/0")
    monkeypatch.setenv("MY_SETTING", "4")
    with ProcessWorkers(1) as pool:
        pool.setup(Answers())
        pool.submit(("environment",))
        pool.submit(("flags",))
        environment, flags = (done.value for done in pool.as_completed())
    assert not [name for name, value in environment.items() if "word" in value]
    assert (environment["MY_SETTING"], flags) == ("4", 0)


def test_what_cannot_be_sent_is_refused_in_one_sentence(workers):
    lock = threading.Lock()
    workers.submit(("echo", lock))
    workers.submit(("echo", 1))
    answers = {done.ticket: done for done in workers.as_completed()}
    assert [done.value for done in answers.values() if done.error is None] == [1]
    (text,) = (str(done.error) for done in answers.values() if done.error is not None)
    assert "cannot pickle '_thread.lock' object" in text
    assert "workers=1" in text
    with pytest.raises(Exception, match=r"the strategy, or another part of what is run, cannot be sent"):
        workers.setup(_Local(lock))


def test_a_lambda_is_sent_where_cloudpickle_is_there(workers):
    pytest.importorskip("cloudpickle")
    workers.submit(("echo", (lambda number: number + 1)(1)))
    shift = 3
    workers.setup(_Local(lambda number: number + shift))
    workers.submit(4)
    assert 7 in [done.value for done in workers.as_completed()]


def test_workers_of_another_version_are_refused_with_both_versions(monkeypatch):
    monkeypatch.setattr("adapters.workers.process_workers.own_version", lambda: "perpsim 0.0.9 on Python 3.11.1")
    with ProcessWorkers(1) as pool:
        pool.setup(Answers())
        pool.submit(("echo", 1))
        with pytest.raises(WorkersFailed) as caught:
            list(pool.as_completed())
    assert str(caught.value) == (
        f"this process runs perpsim 0.0.9 on Python 3.11.1 and new workers run {own_version()}: perpsim was changed "
        "meanwhile; start this process anew"
    )


def test_processes_that_do_not_start_are_said_and_not_started_for_ever(monkeypatch):
    monkeypatch.setattr("sys.executable", shutil.which("false"))
    with ProcessWorkers(2) as pool:
        pool.setup(Answers())
        pool.submit(("echo", 1))
        with pytest.raises(WorkersFailed, match=r"the last one was ended with status 1 before it was ready"):
            list(pool.as_completed())


class _DiesWhenLoaded:
    def __call__(self):
        os.kill(os.getpid(), signal.SIGKILL)


def test_a_setup_of_which_workers_die_is_no_fault_of_the_arguments(workers):
    workers.setup(_DiesWhenLoaded())
    for number in range(100):
        workers.submit(("echo", number))
    with pytest.raises(WorkersFailed, match=r"cannot hold what they are to run: the last one was ended by SIGKILL"):
        list(workers.as_completed())


@pytest.mark.parametrize("error", [KeyboardInterrupt("enough"), SystemExit(3), GeneratorExit()])
def test_what_ends_a_process_elsewhere_is_the_answer_of_its_argument_here(workers, error):
    workers.setup(Answers())
    tickets = [workers.submit(("pid",)), workers.submit(("raise", error)), workers.submit(("pid",))]
    pids = {*workers.pids}
    found = {done.ticket: done for done in workers.as_completed()}
    assert str(found[tickets[1]].error) == f"{type(error).__name__}: {error}"
    assert {found[tickets[0]].value, found[tickets[2]].value} <= pids == {*workers.pids}


class _ExitsWhenLoaded:
    def __call__(self):
        raise SystemExit("not here")


def test_a_setup_that_exits_is_told_with_what_it_says(workers):
    workers.setup(_ExitsWhenLoaded())
    workers.submit(("echo", 1))
    with pytest.raises(WorkersFailed, match=r"could not be made ready: PerpsimError: SystemExit: not here"):
        list(workers.as_completed())


class _Local:
    def __init__(self, function):
        self._function = function

    def __call__(self):
        return self

    def __enter__(self):
        return self._function

    def __exit__(self, *error):
        return None


def test_what_a_worker_leaves_that_is_killed_goes_with_its_folder():
    """Temporary folders of workers are in the one that they share; another setup leaves them alone."""
    with ProcessWorkers(1) as pool:
        pool.setup(Answers())
        pool.submit(("leave a folder",))
        (left,) = (Path(done.value) for done in pool.as_completed())
        assert left.is_relative_to(pool.folder)
        os.kill(pool.pids[0], signal.SIGKILL)
        pool.setup(Answers({"other": np.zeros(3)}))
        pool.submit(("echo", 1))
        assert [done.value for done in pool.as_completed()] == [1]
        assert (left / "file").exists()
    assert not left.exists()
