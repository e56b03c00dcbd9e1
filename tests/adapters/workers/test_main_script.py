"""Scripts that sweep: real ones, with and without a main guard, interrupted and killed."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import textwrap
import time
from pathlib import Path

import pytest

from tests.conftest import ROOT
from tests.support.patience import until

#: A strategy in the script itself, and what the script does with it.
SCRIPT = """
import sys
from time import perf_counter  # by its name: while a program runs, the clocks of time are simulated

from adapters import synthetic_klines
from adapters.trials import Ground, Job, Trial, run_trials
from adapters.workers import open_workers
from engine import BacktestConfig, MarketHistory, PerpsimError

START = 1_704_067_200_000

class Waits:
    def init(self, params):
        self.seconds = params["seconds"]

    def should_trade(self, data):
        until = perf_counter() + self.seconds
        while perf_counter() < until:
            pass

def job(**more):
    market = MarketHistory.from_klines({"BTC": synthetic_klines("BTC", START, 1440, seed=3)})
    config = BacktestConfig(
        strategy=Waits, symbols=["BTC"], start_time=START, end_time=START + 86_400_000, scheduled_interval="1h",
        params={"seconds": 0.0}, **more,
    )
    return Job(config, {"": Ground(market)})

def sweep(seconds, count=4):
    with open_workers(2) as workers:
        if hasattr(workers, "pids"):
            print("pids", *workers.pids, flush=True)
        trials = [Trial(number, {}, {"seconds": seconds}) for number in range(count)]
        for outcome in run_trials(job(), trials, workers):
            print("outcome", outcome.number, outcome.error, flush=True)
"""


def written(folder: Path, end: str, start: str = SCRIPT) -> Path:
    path = folder / "script.py"
    path.write_text(start + textwrap.dedent(end), "utf-8")
    return path


def command(*arguments: object) -> tuple[list[str], dict[str, str]]:
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    return [sys.executable, *map(str, arguments)], environment


def ran(*arguments: object, given: str | None = None) -> subprocess.CompletedProcess[str]:
    line, environment = command(*arguments)
    return subprocess.run(line, env=environment, capture_output=True, text=True, timeout=60, input=given)


def is_alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text("ascii").rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def test_a_class_of_the_script_is_found_by_the_workers(tmp_path):
    path = written(
        tmp_path,
        """
        print("once")
        if __name__ == "__main__":
            sweep(0.0)
        """,
    )
    done = ran(path)
    assert done.stdout.count("outcome") == 4
    assert "None" in done.stdout
    assert done.stdout.count("once") == 1  # what workers print is no output of the script
    assert done.returncode == 0


def test_a_script_without_a_main_guard_is_told_what_to_write_before_anything_runs(tmp_path):
    path = written(
        tmp_path,
        """
        print("once", file=sys.stderr)
        sweep(0.0)
        """,
    )
    done = ran(path)
    line = 1 + path.read_text("utf-8").splitlines().index("sweep(0.0)")
    assert done.stderr.count("once") == 1
    assert done.stderr.splitlines()[-1] == (
        f'adapters.workers.worker_interface.WorkersFailed: {path}, line {line}: write if __name__ == "__main__": '
        "before what the script does and indent that below it: worker processes import the script to find its "
        "strategy, and would begin all of it again; or run it with workers=1"
    )
    assert "outcome" not in done.stdout
    assert "multiprocessing" not in done.stderr
    assert done.returncode == 1


def test_a_guard_around_something_else_is_none(tmp_path):
    path = written(
        tmp_path,
        """
        if __name__ == "__main__":
            print("prepared")
        try:
            sweep(0.0)
        except PerpsimError as error:
            print(error)
        """,
    )
    assert 'write if __name__ == "__main__":' in ran(path).stdout


@pytest.mark.parametrize(
    "end",
    [
        'sweep(0.0) if __name__ == "__main__" else None',
        '__name__ == "__main__" and sweep(0.0)',
        'try:\n    if __name__ == "__main__":\n        sweep(0.0)\nfinally:\n    pass',
    ],
)
def test_a_guard_may_have_other_forms(tmp_path, end):
    done = ran(written(tmp_path, end))
    assert (done.stdout.count("outcome"), done.stderr) == (4, "")


def test_a_script_whose_strategy_stands_elsewhere_needs_no_guard(tmp_path):
    (tmp_path / "own.py").write_text(SCRIPT, "utf-8")
    path = written(tmp_path, "from own import sweep\nsweep(0.0)\n", "")
    done = ran(path)
    assert (done.stdout.count("outcome"), done.stderr) == (4, "")


def test_a_class_of_a_prompt_is_sent_whole(tmp_path):
    pytest.importorskip("cloudpickle")
    done = ran("-c", SCRIPT + "\nsweep(0.0)\n")
    assert (done.stdout.count("outcome"), done.stderr) == (4, "")


def test_a_class_of_a_prompt_without_cloudpickle_is_refused_with_the_ways_out(tmp_path):
    hide = "import sys\nsys.modules['cloudpickle'] = None\n"
    done = ran("-c", hide + SCRIPT + "\ntry:\n    sweep(0.0)\nexcept PerpsimError as error:\n    print(error)\n")
    assert done.stdout.splitlines()[-1] == (
        "the strategy, or another part of what is run, cannot be sent to another process (it stands in a notebook or "
        "at a prompt): define it in a file of its own and import it from there, or pip install cloudpickle, or run it "
        "with workers=1"
    )


def started(path: Path) -> tuple[subprocess.Popen[str], list[int]]:
    """Start a script in a group of its own, and return it with its workers when they are at work."""
    line, environment = command(path)
    pipe = subprocess.PIPE
    script = subprocess.Popen(line, env=environment, stdout=pipe, stderr=pipe, text=True, start_new_session=True)
    first = script.stdout.readline().split()
    assert first[0] == "pids"
    assert script.stdout.readline().startswith("outcome")
    return script, [int(each) for each in first[1:]]


LONG = """
if __name__ == "__main__":
    try:
        sweep(0.02, 4000)
    except KeyboardInterrupt:
        print("interrupted", flush=True)
"""


@pytest.mark.parametrize("whole_group", [True, False])
def test_ctrl_c_ends_everything_within_two_seconds_without_a_word(tmp_path, whole_group):
    script, pids = started(written(tmp_path, LONG))
    assert all(map(is_alive, pids))
    began = time.monotonic()
    (os.killpg if whole_group else os.kill)(script.pid, signal.SIGINT)
    out, err = script.communicate(timeout=60)
    assert time.monotonic() - began < 6.0  # two seconds, on a machine that does something else
    assert out.splitlines()[-1] == "interrupted"
    assert err == ""
    assert [pid for pid in pids if is_alive(pid)] == []


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM])
def test_workers_and_their_folder_end_with_the_process_that_started_them(tmp_path, number, monkeypatch):
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    script, pids = started(written(tmp_path, LONG))
    assert [*tmp_path.glob("perpsim-workers-*")] != []
    script.send_signal(number)
    script.communicate(timeout=60)
    until(lambda: not any(map(is_alive, pids)))
    until(lambda: not [*tmp_path.glob("perpsim-workers-*")])
