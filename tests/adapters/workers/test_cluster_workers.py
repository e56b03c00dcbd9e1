"""A real scheduler and real workers: what they answer, who dies, who comes, what is refused."""

from __future__ import annotations

import asyncio
import importlib
import os
import pickle
import re
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
from contextlib import ExitStack

import dask
import numpy as np
import psutil
import pytest
from distributed import Security

from adapters import open_database, synthetic_klines
from adapters.database import write_klines
from adapters.trials import Ground, Job, Trial, run_trials, stored_job
from adapters.trials.trial_runs import _TrialSetup
from adapters.workers import ThisProcess, WorkerDied, WorkersFailed, open_workers
from adapters.workers.cluster_address import parse_address
from adapters.workers.cluster_connection import Connection, quiet_loggers
from adapters.workers.cluster_crew import Crew
from adapters.workers.cluster_fetching import fetch_of
from adapters.workers.cluster_member import Order
from adapters.workers.cluster_site import SetupFile, digest_of
from adapters.workers.cluster_workers import ClusterWorkers
from adapters.workers.mapped_files import columns_bytes, write_object
from adapters.workers.sent_objects import packed
from engine import BacktestConfig, MarketHistory
from tests.conftest import ROOT
from tests.support.databases import raw_database
from tests.support.patience import until

from .answering import Answers, Needs, Refuses
from .clusters import end_threads, killed, real_cluster

pytestmark = pytest.mark.xdist_group("cluster")  # starting one takes seconds

START = 1_704_067_200_000
CODE = """
class Dips:
    def init(self, params):
        self.threshold = params["threshold"]

    def should_trade(self, data):
        rsi = data.get_indicator("BTC", "RSI14", "1h")
        if not rsi or data.positions or rsi["value"] > self.threshold:
            return None
        return Decision("buy", "BTC", target_portion_of_balance=0.5, leverage=2, max_holding_seconds=7200)
"""


@pytest.fixture(scope="module", autouse=True)
def no_threads_are_left():
    yield
    end_threads()


@pytest.fixture(scope="module")
def started(tmp_path_factory):
    """Starts a cluster of two workers, and another one when the scheduler of that is gone: what all tests share."""
    found = []
    with ExitStack() as stack:

        def living():
            if not found or found[-1].scheduler.poll() is not None:
                found.append(stack.enter_context(real_cluster(tmp_path_factory.mktemp("cluster"), 2)))
            return found[-1]

        yield living


@pytest.fixture
def cluster(started):
    return started()


def opened(cluster, size):
    """Workers of a cluster, once so many are there."""
    found = None
    while found is None:
        try:
            found = ClusterWorkers(cluster.address)
        except WorkersFailed:  # they are on their way
            continue
    until(lambda: found.size == size)
    return found


@pytest.fixture
def workers(cluster):
    with opened(cluster, 2) as found:
        found.setup(Answers())
        yield found


def answers(workers):
    return [done.value for done in workers.as_completed()]


def is_alive(pid):
    return psutil.pid_exists(pid) and psutil.Process(pid).status() != psutil.STATUS_ZOMBIE


@pytest.fixture(scope="module")
def job():
    market = MarketHistory.from_klines({"BTC": synthetic_klines("BTC", START - 2 * 86_400_000, 5 * 1440, seed=3)})
    config = BacktestConfig(
        code=CODE, symbols=["BTC"], start_time=START, end_time=START + 86_400_000, scheduled_interval="1h",
        params={"threshold": 40},
    )  # fmt: skip
    return Job(config, {"": Ground(market)}, keep_trades=True)


def test_jailed_trials_come_to_the_same_bytes_here_and_on_a_cluster(cluster, job):
    trials = [Trial(number, {}, {"threshold": 48 + 2 * number}) for number in range(8)]
    found = []
    for place in (ThisProcess(), opened(cluster, 2)):
        with place:
            outcomes = sorted(run_trials(job, trials, place), key=lambda each: each.number)
        assert [each.error for each in outcomes] == [None] * 8
        found.append([(each.digest, each.trade_pnl.tolist()) for each in outcomes])
    assert found[0] == found[1]
    assert len({digest for digest, _ in found[0]}) > 5


def test_every_argument_is_answered_under_its_ticket_also_what_is_submitted_meanwhile(workers):
    expected = {workers.submit(("echo", number)): number for number in range(20)}
    seen = {}
    for done in workers.as_completed():
        seen[done.ticket] = done.value
        if len(expected) < 30:
            expected[workers.submit(("echo", -len(expected)))] = -len(expected)
    assert seen == expected
    workers.submit(("raise", ValueError("no such thing")))
    (done,) = workers.as_completed()
    assert (type(done.error), str(done.error)) == (ValueError, "no such thing")


def test_both_workers_are_used_and_map_what_is_big(cluster):
    column = np.arange(8 << 20, dtype=np.float64)
    with opened(cluster, 2) as workers:
        workers.setup(Answers({"column": column}))
        for _ in range(4):
            workers.submit(("sleep", 0.3))
        pids = {*answers(workers)}
        assert len({psutil.Process(pid).ppid() for pid in pids}) == 2
        paths = [{each.path for each in psutil.Process(pid).memory_maps()} for pid in pids]
        assert len({path for path in paths[0] & paths[1] if path.endswith("setup-1")}) == 1
        workers.submit(("sum", "column"))
        assert answers(workers) == [(float(column.sum()), False)]


def test_a_worker_that_joins_is_used_and_when_it_is_killed_nothing_is_lost(workers, cluster):
    late, pids, seen, tickets = cluster.add(threads=2), set(), [], []
    tickets += [workers.submit(("sleep", 0.1)) for _ in range(8)]
    for done in workers.as_completed():
        seen.append(done.ticket)
        assert done.error is None
        if late.poll() is None:
            pids |= {done.value} & {child.pid for child in psutil.Process(late.pid).children()}
            tickets.append(workers.submit(("sleep", 0.1)))
            if len(pids) == 2:  # two threads, two processes
                assert workers.size == 4
                killed(late)
    assert sorted(seen) == tickets
    until(lambda: workers.size == 2)
    until(lambda: not [pid for pid in pids if is_alive(pid)])


def test_of_what_kills_processes_the_rest_is_answered(workers):
    for argument in (("die",), ("echo", 1), ("echo", 2)):
        workers.submit(argument)
    found = {done.ticket % 3: done for done in workers.as_completed()}
    assert sorted(done.value for done in found.values() if done.error is None) == [1, 2]
    (error,) = (done.error for done in found.values() if done.error is not None)
    assert isinstance(error, WorkerDied)
    assert "died 4 times (the last one was ended by SIGKILL)" in str(error)


def test_cancelled_work_stops_and_the_workers_go_on(workers, cluster):
    workers.submit(("pid",))
    workers.submit(("sleep", 0.01))
    before = answers(workers)
    workers.submit(("pid",))
    (pid,) = answers(workers)
    for _ in range(6):
        workers.submit(("spin", 60))
    parent = psutil.Process(psutil.Process(pid).ppid())
    time.sleep(0.5)
    busy = {child.pid for child in parent.children()}
    assert pid in busy
    began = time.monotonic()
    workers.cancel()
    until(lambda: not [each for each in busy if is_alive(each)])
    assert time.monotonic() - began < 4.0  # two seconds, on a machine that does something else
    assert answers(workers) == []
    workers.submit(("echo", "again"))
    assert answers(workers) == ["again"]
    assert before
    assert parent.is_running()


def test_at_the_end_what_was_started_is_gone_and_the_cluster_is_not(cluster):
    with opened(cluster, 2) as workers:
        workers.setup(Answers())
        for _ in range(4):
            workers.submit(("sleep", 0.2))
        pids = {*answers(workers)}
        parents = {psutil.Process(pid).ppid() for pid in pids}
        workers.submit(("spin", 60))
    until(lambda: not [each for each in pids if is_alive(each)])
    until(lambda: not [child for pid in parents for child in psutil.Process(pid).children()])
    assert cluster.scheduler.poll() is None
    assert all(map(is_alive, parents))


def test_a_setup_that_fails_is_said_and_another_one_works(workers):
    workers.setup(Refuses())
    workers.submit(("echo", 1))
    with pytest.raises(WorkersFailed, match=r"worker tcp://.* could not be made ready: ValueError: there is no such"):
        answers(workers)
    workers.cancel()
    workers.setup(Answers())
    workers.submit(("echo", 2))
    assert answers(workers) == [2]


def test_a_module_that_workers_lack_is_named_with_the_ways_out(workers, tmp_path, monkeypatch):
    (tmp_path / "lonely_setups.py").write_text(
        "class Lonely:\n    def __call__(self): return self\n    def __enter__(self): return abs\n"
        "    def __exit__(self, *error): return None\n"
    )
    monkeypatch.syspath_prepend(str(tmp_path))
    lonely = importlib.import_module("lonely_setups")
    workers.setup(lonely.Lonely())
    workers.submit(-3)
    with pytest.raises(WorkersFailed, match=r"no module lonely_setups, .*register_pickle_by_value\(lonely_setups\)"):
        answers(workers)
    workers.cancel()
    cloudpickle = importlib.import_module("cloudpickle")
    cloudpickle.register_pickle_by_value(lonely)
    try:
        workers.setup(lonely.Lonely())
    finally:
        cloudpickle.unregister_pickle_by_value(lonely)
        del sys.modules["lonely_setups"]
    workers.submit(-3)
    assert answers(workers) == [3]


def test_workers_with_other_code_are_refused_at_the_start_and_not_used_later(cluster, tmp_path, caplog):
    for name in ("engine", "processes", "adapters"):
        shutil.copytree(ROOT / name, tmp_path / name, ignore=shutil.ignore_patterns("__pycache__", "static"))
    with open(tmp_path / "engine" / "periods.py", "a") as file:
        file.write("# changed\n")
    with opened(cluster, 2) as workers:
        workers.setup(Answers())
        other = cluster.add(code=tmp_path)
        try:
            until(lambda: "it is not used" in caplog.text)
            with pytest.raises(WorkersFailed, match=r"worker tcp://\S+ runs perpsim \S+ \(code \w+\), here is "):
                ClusterWorkers(cluster.address)
            for _ in range(6):
                workers.submit(("sleep", 0.1))
            assert other.pid not in {psutil.Process(pid).ppid() for pid in answers(workers)}
            assert workers.size == 2
        finally:
            other.terminate()  # in order, so that nobody waits for it
            other.wait()


def test_one_that_joins_and_cannot_be_made_ready_is_not_used(cluster, tmp_path, caplog):
    (tmp_path / "there").touch()
    with opened(cluster, 2) as workers:
        workers.setup(Needs(tmp_path / "there"))
        for _ in range(4):
            workers.submit(0.2)
        assert answers(workers) == [0.2] * 4
        (tmp_path / "there").unlink()
        late = cluster.add()
        try:
            until(lambda: "ValueError: it is not there; it is not used" in caplog.text)
            workers.submit(0.1)
            assert (answers(workers), workers.size) == ([0.1], 2)
        finally:
            late.terminate()
            late.wait()


@pytest.mark.parametrize("answer", [b"", b"HTTP/1.1 400 Bad Request\r\n\r\n" * 4])
def test_what_is_no_scheduler_is_said_in_time(answer, monkeypatch):
    monkeypatch.setattr("adapters.workers.cluster_connection.ANSWER_S", 0.5)
    with socket.create_server(("127.0.0.1", 0)) as server:
        address = f"tcp://127.0.0.1:{server.getsockname()[1]}"
        answering = threading.Thread(target=answered_once, args=(server, answer))
        answering.start()
        with pytest.raises(WorkersFailed, match=f"no scheduler answers at {address} .what is there says nothing that"):
            open_workers(None, address)
        answering.join()
    with pytest.raises(WorkersFailed, match=rf"at {address} \(tried for 0.5 s: Connection refused\); .*dask scheduler"):
        open_workers(None, address)


def answered_once(server, answer):
    connection, _ = server.accept()
    with connection:
        connection.sendall(answer)
        while connection.recv(1 << 16):  # until the other end has had enough
            continue


def test_who_gives_up_takes_no_answer_from_others():
    async def asked() -> list[str]:
        async with Connection(parse_address("local:1")) as connection:
            client, (address,) = connection._client, await connection.workers()
            for _ in range(5):  # as many as Dask fetches at a time: the others are fetched together
                await client._gather_semaphore.acquire()
            first, second = (asyncio.create_task(connection.done(address, str.upper, text)) for text in "ab")
            while len(client._gather_keys or ()) < 2:
                await asyncio.sleep(0.01)
            first.cancel()
            await asyncio.wait([first])
            for _ in range(5):
                client._gather_semaphore.release()
            return [await second, await connection.done(address, str.upper, "c")]

    assert asyncio.run(asyncio.wait_for(asked(), 30)) == ["B", "C"]


def test_a_cluster_is_left_though_a_part_of_that_is_given_up():
    async def given_up() -> None:
        raise asyncio.CancelledError

    with open_workers(1, "local") as workers:
        workers._finish(given_up())
        workers.setup(Answers())
        workers.submit(("echo", 42))
        assert [done.value for done in workers.as_completed()] == [42]


def test_tls_without_certificates_is_said():
    with pytest.raises(WorkersFailed, match="DASK_DISTRIBUTED__COMM__TLS__CA_FILE"):
        open_workers(None, "tls://127.0.0.1:8786")


@pytest.fixture
def certificates(tmp_path, monkeypatch):
    """Make certificates that everybody believes, tell Dask of them in this process, and return the words for others."""
    made = Security.temporary()
    texts = {"ca-file": made.tls_ca_file, "cert": made.tls_client_cert, "key": made.tls_client_key}
    words = []
    for name, text in texts.items():
        path = tmp_path / f"{name}.pem"
        path.write_text(text)
        words += [f"--tls-{name}", str(path)]
        monkeypatch.setitem(dask.config.config["distributed"]["comm"]["tls"], name, str(path))
    ours = {name: str(tmp_path / f"{name}.pem") for name in ("cert", "key")}
    monkeypatch.setitem(dask.config.config["distributed"]["comm"]["tls"], "client", ours)
    return words


def test_a_cluster_that_uses_tls_answers_who_has_certificates(tmp_path, certificates, monkeypatch):
    monkeypatch.setattr("adapters.workers.cluster_connection.ANSWER_S", 3.0)
    with real_cluster(tmp_path, 1, tls=certificates) as cluster:
        assert cluster.address.startswith("tls://")
        with open_workers(None, cluster.address) as workers:
            workers.setup(Answers())
            workers.submit(("echo", 42))
            assert [done.value for done in workers.as_completed()] == [42]
        with pytest.raises(WorkersFailed, match="one that uses TLS does: its address is tls://"):
            open_workers(None, cluster.address.replace("tls:", "tcp:"))


def test_certificates_that_cannot_be_used_are_named(tmp_path, certificates, monkeypatch):
    (tmp_path / "key.pem").write_text("no key")
    for address in ("tls://127.0.0.1:8786", "tcp://127.0.0.1:8786"):
        with pytest.raises(WorkersFailed, match=rf"distributed.comm.tls of Dask name .*key {tmp_path}/key.pem.*PEM"):
            open_workers(None, address)
    (tmp_path / "ca-file.pem").unlink()
    with pytest.raises(WorkersFailed, match=rf"ca_file {tmp_path}/ca-file.pem.* cannot be used: No such file"):
        open_workers(None, "tls://127.0.0.1:8786")
    monkeypatch.setitem(dask.config.config["distributed"]["comm"]["tls"]["client"], "key", "our\nsecret")
    with pytest.raises(WorkersFailed, match="key as text") as raised:
        open_workers(None, "tls://127.0.0.1:8786")
    assert "secret" not in str(raised.value)


def test_dask_may_be_told_to_encrypt_everything(tmp_path, certificates, monkeypatch):
    monkeypatch.setitem(dask.config.config["distributed"]["comm"], "require-encryption", True)
    with pytest.raises(WorkersFailed, match=r"require-encryption of Dask .* give the tls:// address"):
        open_workers(None, "tcp://127.0.0.1:8786")
    with open_workers(1, "local") as workers:  # listens nowhere
        assert workers.size == 1


def test_a_local_cluster_listens_nowhere_and_leaves_nothing(tmp_path, monkeypatch):
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    this = psutil.Process()

    def listening():
        return {each.laddr for each in this.net_connections("inet") if each.status == psutil.CONN_LISTEN}

    before, threads = listening(), {each.name for each in threading.enumerate()}
    with open_workers(2, "local") as workers:
        assert (workers.size, listening()) == (2, before)
        workers.setup(Answers())
        for _ in range(4):
            workers.submit(("sleep", 0.2))
        pids = {*answers(workers)}
        assert {psutil.Process(pid).ppid() for pid in pids} == {os.getpid()}
        assert len(pids) == 2
    assert [pid for pid in pids if is_alive(pid)] == []
    assert [*tmp_path.iterdir()] == []
    assert "perpsim cluster" not in {each.name for each in threading.enumerate()} - threads


def test_no_more_are_used_than_asked_for(cluster):
    with open_workers(1, cluster.address) as workers:
        workers.setup(Answers())
        for _ in range(4):
            workers.submit(("pid",))
        assert (workers.size, len({*answers(workers)})) == (1, 1)
        assert workers.message_ms == 100.0


class _Crew:
    """A crew in an event loop of this test, as `ClusterWorkers` has one, that is sent a file under another path."""

    def __init__(self, address):
        self.told = asyncio.Queue()
        self.connection = Connection(parse_address(address))
        self.crew = Crew(self.connection, 1, lambda *told: self.told.put_nowait(told))

    async def answered(self, path, sent, fetch, argument):
        async with self.connection:
            await self.crew.gather()
            columns = columns_bytes(sent)
            about = path.stat().st_size, digest_of(path), columns, digest_of(path, columns)
            await self.crew.begin(SetupFile(1, path.name, *about), fetch)
            self.crew.put(Order(1, packed(argument, "it", far=True).stream))
            _, answer, error = await self.told.get()
            await self.crew.leave()
        return error or pickle.loads(answer)[0]


@pytest.fixture
def crew(cluster, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)  # where the name of the file leads to it, and not elsewhere
    with quiet_loggers():
        yield _Crew(cluster.address)


def test_a_worker_that_does_not_find_the_file_is_sent_it_in_pieces(crew, tmp_path, caplog):
    column = np.random.default_rng(5).random(1_500_000)
    sent = packed(Answers({"column": column}), "it", aside=True, far=True)
    write_object(tmp_path / "setup-1", sent)
    found = asyncio.run(crew.answered(tmp_path / "setup-1", sent, None, ("sum", "column")))
    assert found == (float(column.sum()), False)
    assert re.search(r"sending 12.0 MB to the worker tcp://\S+, which .* \(setup-1: No such file", caplog.text)


@pytest.mark.parametrize("changed", [False, True])
def test_a_stored_market_is_fetched_where_it_is_the_same_and_sent_where_it_is_not(crew, tmp_path, caplog, changed):
    caplog.set_level("INFO", "perpsim.workers")
    synthetic = synthetic_klines("BTC", START, 6_000, seed=3)
    url = f"sqlite:///{tmp_path / 'market.db'}"
    write_klines(open_database(url, create=True), "hyperliquid", "BTC", "1m", synthetic)
    config = BacktestConfig(
        code=CODE, symbols=["BTC"], start_time=START + 86_400_000, end_time=START + 3 * 86_400_000,
        scheduled_interval="1h", params={"threshold": 40},
    )  # fmt: skip
    job = stored_job(open_database(url), config, trust=True)
    setup = _TrialSetup(job)
    sent = packed(setup, "it", aside=True, far=True)
    write_object(tmp_path / "setup-1", sent)
    if changed:
        with raw_database(url) as raw:
            raw.execute("UPDATE crypto_klines SET low_price = low_price - 0.001")
    fetch = fetch_of(setup)
    assert fetch.database == url
    (there,) = asyncio.run(crew.answered(tmp_path / "setup-1", sent, fetch, (Trial(0),)))
    with ThisProcess() as here:
        (expected,) = run_trials(job, [Trial(0)], here)
    assert (there.error, there.digest) == (None, expected.digest)
    assert ("market.db: it holds other rows than here" in caplog.text) == changed
    assert f"sending {0.2 if changed else 0.0} MB" in caplog.text


SCRIPT = """
import sys, time
from adapters.workers import open_workers

class Doubles:
    def __call__(self): return self
    def __enter__(self): return self.answer
    def __exit__(self, *error): return None
    def answer(self, number):
        time.sleep(number)
        return number * 2

with open_workers(None, sys.argv[1]) as workers:  # no main guard
    workers.setup(Doubles())
    for number in (0.01, 0.02, 60, 60, 60):
        workers.submit(number)
    try:
        for done in workers.as_completed():
            print(done.value, flush=True)
    except KeyboardInterrupt:
        print("pressed", flush=True)
"""


def test_when_a_script_is_killed_the_workers_end_what_they_do_for_it(cluster, tmp_path):
    script = tmp_path / "script.py"
    script.write_text(SCRIPT)
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    command = [sys.executable, str(script), cluster.address]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment) as process:
        assert process.stdout.readline() == "0.02\n"
        assert len(until(cluster.children)) > 0
        killed(process)
    until(lambda: not cluster.children())


def test_a_class_of_a_script_is_sent_and_ctrl_c_ends_it_without_a_word(cluster, tmp_path):
    script = tmp_path / "script.py"
    script.write_text(SCRIPT)
    with subprocess.Popen(
        [sys.executable, str(script), cluster.address], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    ) as process:  # fmt: skip
        assert [process.stdout.readline(), process.stdout.readline()] == ["0.02\n", "0.04\n"]
        process.send_signal(signal.SIGINT)
        began = time.monotonic()
        out, told = process.communicate()
    assert (out, told, process.returncode) == ("pressed\n", "", 0)
    assert time.monotonic() - began < 6.0  # two seconds, on a machine that does something else


def test_a_scheduler_that_goes_half_way_is_said_once_and_what_came_before_is_kept(workers, cluster):
    for number in range(20):
        workers.submit(("echo", number))
        workers.submit(("sleep", 0.2))
    coming = workers.as_completed()
    seen = [next(coming) for _ in range(5)]
    killed(cluster.scheduler)  # the last test, so that the others share it
    with pytest.raises(WorkersFailed, match="is gone; what was done until then is kept"):
        list(coming)
    assert [done.error for done in seen] == [None] * 5
    with pytest.raises(WorkersFailed, match="is gone"):
        answers(workers)
