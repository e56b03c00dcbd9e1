from __future__ import annotations

import csv
import json
import os
import pty
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from adapters import create_database, main, open_database, write_klines
from tests.conftest import ROOT
from tests.support.databases import raw_database
from tests.support.klines import random_klines
from tests.support.patience import until
from tests.support.process_facts import children, has_signals, status, used_s
from tests.support.sandboxes import jailed
from tests.support.signal_markets import START

#: How long a run may take to end after Ctrl-C: a second, as promised, and the start of a busy machine's next process.
PROMPTLY_S = 3.0
#: A worker that has worked so long is in the middle of its program, which does not end by itself.
AT_WORK_S = 0.3

TURN_ROUND = """
class TurnRound:
    def init(self, params):
        self.portion = params.get("portion", 0.5)

    def should_trade(self, data):
        held = data.positions.get("BTC")
        side = "sell" if held and held.side == "long" else "buy"
        return Decision(side, "BTC", target_portion_of_balance=self.portion, leverage=2)
"""

PROGRAMS = {
    "turn_round": TURN_ROUND,
    "fails": TURN_ROUND.replace("        held =", "        if len(data.recent_trades) > 3: 1 / 0\n        held ="),
    "cannot_start": TURN_ROUND.replace("self.portion =", "self.portion = 1 / 0 +"),
    "seldom": """
class Seldom:
    def should_trade(self, data):
        if data.timestamp // 3_600_000 % 4 == 2:
            log("one in four")
        return Decision("hold", "BTC") if data.positions else None
""",
    "ready_then_slow": """
class Slow:
    def should_trade(self, data):
        log("asked")
        for _ in range(200_000):
            pass
        return Decision("buy", "BTC", target_portion_of_balance=0.1, leverage=1)
""",
    "hangs": """
class Hangs:
    def should_trade(self, data):
        while data.positions:
            pass
        return Decision("buy", "BTC", target_portion_of_balance=0.1, leverage=1)
""",
    "hangs_and_swallows": """
class Hangs:
    def should_trade(self, data):
        while data.positions:
            try:
                while True:
                    pass
            except:
                pass
        return Decision("buy", "BTC", target_portion_of_balance=0.1, leverage=1)
""",
    "hangs_in_init": """
class Hangs:
    def init(self, params):
        while True:
            pass

    def should_trade(self, data):
        return None
""",
}

CONFIG = """
strategy = "turn_round.py"
symbols = ["BTC"]
start_time = 2024-01-01T02:00:00Z
end_time = 2024-01-02T00:00:00Z
scheduled_interval = "1h"
"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("run")
    write_klines(open_database(folder / "market.db", create=True), "hyperliquid", "BTC", "1m", random_klines(2 * 1440))
    for name, text in PROGRAMS.items():
        (folder / f"{name}.py").write_text(text)
    (folder / "backtest.toml").write_text(CONFIG)
    return folder


@pytest.fixture
def files(tmp_path: Path) -> dict[str, Path]:
    endings = {"json": "json", "trades": "csv", "equity-csv": "csv", "plot": "png"}
    return {name: tmp_path / f"{name}.{ending}" for name, ending in endings.items()}


def command(folder: Path, *arguments: object) -> list[str]:
    words = ["run", folder / "backtest.toml", "--database", folder / "market.db", *arguments]
    return [sys.executable, "-m", "adapters", *map(str, words)]


def run(folder: Path, *arguments: object, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        command(folder, *arguments),
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
        env={**os.environ, **environment},
    )


def run_here(folder: Path, *arguments: object) -> Result:
    """Run the command in this process: what it prints and returns is the same."""
    return CliRunner().invoke(main, command(folder, *arguments)[3:], catch_exceptions=False)


def read(path: Path) -> dict[str, Any]:
    content: dict[str, Any] = json.loads(path.read_text("utf-8"))
    return content


def test_a_run_shows_a_table_and_writes_every_file(folder: Path, files: dict[str, Path]) -> None:
    done = run(folder, *(word for name, path in files.items() for word in (f"--{name}", path)))
    assert (done.returncode, done.stderr) == (0, "")
    result = read(files["json"])
    assert (result["success"], result["interrupted"], result["error"]) == (True, False, None)
    assert result["total_triggers"] == 22
    assert result["total_trades"] == 21
    for words in (
        "turn_round.py on hyperliquid: BTC",
        "2024-01-01 02:00 to 2024-01-02 00:00 UTC (22h 0m)",
        f" {result['final_equity']:,.2f} ",
        "closed trades",
        "22",
        "no funding rates are recorded: no funding was paid",
        "Open at the end",
    ):
        assert words in done.stdout
    with files["trades"].open(newline="") as file:
        assert len(list(csv.DictReader(file))) == 21
    assert files["equity-csv"].read_text().count("\n") == 22 * 60 + 2
    assert files["plot"].read_bytes().startswith(b"\x89PNG")


def test_quiet_shows_nothing(folder: Path, files: dict[str, Path]) -> None:
    done = run_here(folder, "--quiet", "--json", files["json"])
    assert (done.exit_code, done.stdout, done.stderr) == (0, "", "")
    assert files["json"].exists()


def test_quiet_triggers_are_a_number_in_the_json_and_rows_of_it_when_all_are_asked_for(
    folder: Path, files: dict[str, Path]
) -> None:
    told = []
    for more in ([], ["--all-triggers"]):
        assert run_here(folder, "--json", files["json"], "--set", "strategy=seldom.py", *more).exit_code == 0
        told.append(read(files["json"]))
    some, every = (each["trigger_log"] for each in told)
    assert [each["index"] for each in every] == list(range(22))
    assert [each["index"] for each in some] == [3, 7, 11, 15, 19]
    assert [each for each in every if each["logs"]] == some
    assert [each["quiet_triggers"] for each in told] == [17, 17]


def test_overrides_change_the_run(folder: Path, files: dict[str, Path]) -> None:
    done = run_here(
        folder, "--quiet", "--json", files["json"], "--set", "params.portion=0.25", "--set", "scheduled_interval=2h"
    )
    assert done.exit_code == 0, done.stderr
    result = read(files["json"])
    assert result["total_triggers"] == 11
    assert result["config"]["params"] == {"portion": 0.25}
    assert result["trigger_log"][0]["decision"]["target_portion_of_balance"] == 0.25


def test_the_live_profile_runs_as_the_live_platform_does(folder: Path, files: dict[str, Path]) -> None:
    arguments = ("--quiet", "--profile", "live", "--json", files["json"], "--set", "max_leverage=5")
    small = run_here(folder, *arguments, "--set", "params.portion=0.05")
    assert small.exit_code == 0, small.stderr
    result = read(files["json"])
    config = result["config"]
    assert (config["profile"], config["max_leverage"], config["strategy_lifetime"]) == ("live", 5, "trigger")
    assert (result["rejections"], result["total_trades"]) == ({"portion out of range": 22}, 0)
    run_here(folder, "--quiet", "--json", files["json"], "--set", "params.portion=0.05")
    assert read(files["json"])["rejections"] == {}


def test_a_mistyped_parameter_is_a_warning_in_the_table_and_in_the_file(folder: Path, files: dict[str, Path]) -> None:
    done = run_here(folder, "--json", files["json"], "--set", "params.protion=0.25")
    assert done.exit_code == 0, done.output
    warning = "params: 'protion' was never read by the program; it reads 'portion'"
    assert warning in " ".join(done.stdout.split())
    assert warning in read(files["json"])["warnings"]


def test_without_timing_the_bytes_are_those_of_any_other_process(folder: Path, tmp_path: Path) -> None:
    for n, (seed, zone) in enumerate((("1", "UTC"), ("2", "Asia/Kathmandu"))):
        arguments = ("--quiet", "--no-timing", "--json", tmp_path / f"{n}.json")
        assert run(folder, *arguments, PYTHONHASHSEED=seed, TZ=zone).returncode == 0
    assert (tmp_path / "0.json").read_bytes() == (tmp_path / "1.json").read_bytes()
    assert "execution_time_ms" not in read(tmp_path / "0.json")
    run(folder, "--quiet", "--json", tmp_path / "timed.json")
    assert read(tmp_path / "timed.json")["execution_time_ms"] > 0


def test_a_failing_program_is_status_1_with_what_was_there_until_then(folder: Path, files: dict[str, Path]) -> None:
    done = run(folder, "--set", "strategy=fails.py", "--json", files["json"], "--trades", files["trades"])
    assert done.returncode == 1
    assert done.stderr == (
        "Error: the strategy failed at 2024-01-01 08:00:00 UTC (scheduled trigger 5): "
        "ZeroDivisionError: division by zero (line 7)\n"
    )
    assert "FAILED" in done.stdout
    result = read(files["json"])
    assert (result["success"], result["interrupted"], result["total_trades"]) == (False, False, 4)
    assert result["error"] in done.stderr
    assert files["trades"].read_text().count("\n") == 5


def test_a_program_that_cannot_start_is_status_1(folder: Path, files: dict[str, Path]) -> None:
    done = run_here(folder, "--set", "strategy=cannot_start.py", "--json", files["json"])
    assert done.exit_code == 1
    assert done.stderr == ("Error: the strategy could not be started: ZeroDivisionError: division by zero (line 4)\n")
    assert read(files["json"])["success"] is False


def test_a_run_without_a_trigger_is_status_1(folder: Path) -> None:
    done = run_here(folder, "--set", "scheduled_interval=1d")
    assert done.exit_code == 1
    assert "nothing ever triggered the strategy" in done.stderr
    assert "every 1d" in done.stderr


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--set", "fee_rate=-1", "--set", "start=3"], "--set start=3: start: there is no such field"),
        (["--set", "strategy=absent.py"], "absent.py cannot be read"),
        (["--set", 'symbols=["DOGE"]'], "holds no klines of DOGE on hyperliquid; stored: hyperliquid: BTC (1m)"),
        (["--set", "exchange=okx"], 'only on hyperliquid: BTC (1m) (exchange = "hyperliquid" would use those)'),
        (["--set", "end_time=2023-01-01T00:00:00Z", "--set", "start_time=2022-01-01T00:00:00Z"], "stored: 1m from"),
    ],
)
def test_a_configuration_that_cannot_be_run_is_status_1(folder: Path, arguments: list[str], message: str) -> None:
    done = run_here(folder, *arguments)
    assert done.exit_code == 1
    assert message in done.stderr
    assert done.stderr.startswith("Error: ")
    assert "Traceback" not in done.stderr
    assert done.stdout == ""


ANY_PYTHON = "import collections\n" + TURN_ROUND


@pytest.mark.parametrize("where", [pytest.param([], marks=jailed), ["--trust"]])
def test_the_language_says_what_a_program_may_be_written_in(folder: Path, tmp_path: Path, where: list[str]) -> None:
    (folder / "any_python.py").write_text(ANY_PYTHON)
    told = tmp_path / "result.json"
    arguments = ["--json", told, "--set", "strategy=any_python.py", *where]
    done = run_here(folder, *arguments)
    assert (done.exit_code, done.stderr) == (0, "")
    assert done.stdout.startswith("any_python.py on hyperliquid: BTC")
    assert read(told)["config"]["language"] == "python"
    done = run_here(folder, *arguments, "--set", "language=platform")
    assert (done.exit_code, done.stdout) == (1, "")
    assert done.stderr.startswith(f"Error: {folder}/any_python.py: line 1, column 1: imports are not allowed")
    done = run_here(folder, "--json", told, "--set", "language=platform", *where)
    assert done.exit_code == 0
    assert done.stdout.startswith("turn_round.py (platform) on hyperliquid: BTC")
    assert read(told)["config"]["language"] == "platform"


def test_a_missing_database_is_not_made(folder: Path, tmp_path: Path) -> None:
    done = run_here(folder, "--database", tmp_path / "absent.db")
    assert done.exit_code == 1
    assert "perpsim import, synth or database create makes it" in done.stderr
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--json", "no/such/folder/x.json"], "no/such/folder"),
        (["--plot", "equity.bmp"], "must end in .png, .svg, .pdf"),
        (["--json", "."], "is a directory"),
        (["--nonsense"], "No such option"),
    ],
)
def test_bad_usage_is_status_2_before_anything_runs(folder: Path, arguments: list[str], message: str) -> None:
    words = ["run", str(folder / "backtest.toml"), "--database", str(folder / "market.db"), *arguments]
    done = CliRunner().invoke(main, words)
    assert done.exit_code == 2
    assert message in done.stderr
    assert done.stdout == ""


def test_a_circle_of_links_is_bad_usage_before_anything_runs(folder: Path, tmp_path: Path) -> None:
    circle = tmp_path / "circle.json"
    circle.symlink_to(circle)
    done = run_here(folder, "--json", circle)
    assert done.exit_code == 2
    assert "Too many levels of symbolic links" in done.stderr
    assert circle.is_symlink()


def test_a_missing_configuration_file_is_bad_usage(folder: Path) -> None:
    done = CliRunner().invoke(main, ["run", str(folder / "absent.toml"), "--database", str(folder / "market.db")])
    assert done.exit_code == 2


def end_in_the_middle(
    folder: Path, program: str, *arguments: object, number: int = signal.SIGINT
) -> tuple[int, str, str, float]:
    """Start a run, send it a signal in the middle; return status, output, errors and seconds until the end."""
    words = command(folder, "--set", f"strategy={program}.py", "--set", "params={}", *arguments)
    running = subprocess.Popen(words, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    wait_until_busy(running)
    pressed = time.monotonic()
    running.send_signal(number)
    stdout, stderr = running.communicate(timeout=30)
    return running.returncode, stdout, stderr, time.monotonic() - pressed


def wait_until_busy(running: subprocess.Popen[str]) -> None:
    """Wait until the process catches both signals of an interruptible run, and is waiting for a program at work."""

    def when(condition: Callable[[], Any]) -> Any:
        def is_so() -> Any:
            assert running.poll() is None
            return condition()

        return until(is_so)

    when(lambda: has_signals(running.pid, "SigCgt", signal.SIGINT, signal.SIGALRM))
    (worker,) = when(lambda: [each for zygote in children(running.pid) for each in children(zygote)])
    when(lambda: used_s(worker) > AT_WORK_S)
    when(lambda: status(running.pid, "State").startswith("S"))


linux = pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="looks at the signals that a process catches")


@linux
@pytest.mark.parametrize(
    ("program", "triggers"), [("ready_then_slow", None), ("hangs", 1), ("hangs_and_swallows", 1), ("hangs_in_init", 0)]
)
def test_ctrl_c_ends_a_run_at_once_with_what_was_there_until_then(
    folder: Path, files: dict[str, Path], program: str, triggers: int | None
) -> None:
    arguments = ("--json", files["json"], "--set", "scheduled_interval=60")
    status, stdout, stderr, seconds = end_in_the_middle(folder, program, *arguments)
    assert (status, stderr) == (130, "")
    assert seconds < PROMPTLY_S
    assert "INTERRUPTED" in stdout
    result = read(files["json"])
    assert (result["success"], result["interrupted"], result["error"]) == (False, True, None)
    assert result["end_time"] < result["config"]["end_time"]
    if triggers is None:
        assert 0 < result["total_triggers"] == len(result["trigger_log"])
        assert result["open_positions"][0]["symbol"] == "BTC"
    else:
        assert result["total_triggers"] == triggers


@linux
def test_a_second_press_changes_nothing(folder: Path, files: dict[str, Path]) -> None:
    words = command(folder, "--set", "strategy=hangs.py", "--set", "params={}", "--json", files["json"])
    running = subprocess.Popen(words, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    wait_until_busy(running)
    for _ in range(3):
        running.send_signal(signal.SIGINT)
        until(lambda: not has_signals(running.pid, "ShdPnd", signal.SIGINT))
    running.communicate(timeout=30)
    assert running.returncode == 130
    assert read(files["json"])["interrupted"] is True


@linux
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
def test_a_kill_and_a_hangup_end_a_run_as_ctrl_c_does(folder: Path, files: dict[str, Path], number: int) -> None:
    create_database(open_database(folder / "market.db"))
    more = ("--json", files["json"], "--trades", files["trades"], "--save")
    status, stdout, stderr, _ = end_in_the_middle(folder, "hangs", *more, number=number)
    assert (status, stderr) == (130, "")
    assert "INTERRUPTED" in stdout
    result = read(files["json"])
    assert (result["success"], result["interrupted"], result["total_triggers"]) == (False, True, 1)
    assert files["trades"].exists()
    assert last_stored(folder) == ("error", "interrupted", 1)


def last_stored(folder: Path) -> tuple[object, ...]:
    """Status, error and triggers of the newest stored run."""
    with raw_database(f"sqlite:///{folder / 'market.db'}") as raw:
        columns = "status, error_message, total_triggers"
        (row,) = raw.execute(f"select {columns} from backtest_results order by id desc limit 1")
    return tuple(row)


@linux
def test_a_program_that_cannot_be_made_to_come_back_is_stored_too(folder: Path) -> None:
    create_database(open_database(folder / "market.db"))
    words = command(folder, "--set", "strategy=hangs_and_swallows.py", "--set", "params={}", "--save", "--trust")
    running = subprocess.Popen(words, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    until(lambda: has_signals(running.pid, "SigCgt", signal.SIGINT, signal.SIGALRM))
    began = used_s(running.pid)
    until(lambda: used_s(running.pid) > began + 2 * AT_WORK_S)  # nothing but the program takes so long
    running.send_signal(signal.SIGTERM)
    stdout, stderr = running.communicate(timeout=30)
    assert (running.returncode, stderr) == (130, "")
    assert "INTERRUPTED" in stdout
    assert last_stored(folder) == ("error", "interrupted", 1)


@linux
def test_a_terminal_that_is_closed_costs_nothing_but_what_was_to_be_shown(folder: Path, files: dict[str, Path]) -> None:
    create_database(open_database(folder / "market.db"))
    words = command(folder, "--set", "strategy=hangs.py", "--set", "params={}", "--save", "--json", files["json"])
    outer, inner = pty.openpty()
    running: subprocess.Popen[str] = subprocess.Popen(
        ["setsid", "--ctty", *words], cwd=ROOT, stdin=inner, stdout=inner, stderr=inner, text=True
    )
    os.close(inner)
    wait_until_busy(running)
    os.close(outer)
    running.wait(30)
    assert read(files["json"])["interrupted"] is True
    assert last_stored(folder) == ("error", "interrupted", 1)


@linux
def test_what_a_process_was_started_to_ignore_it_ignores(folder: Path, files: dict[str, Path]) -> None:
    words = command(folder, "--json", files["json"], "--set", "scheduled_interval=60")
    running = subprocess.Popen(["nohup", *words], cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    until(lambda: has_signals(running.pid, "SigCgt", signal.SIGTERM, signal.SIGALRM))
    assert not has_signals(running.pid, "SigCgt", signal.SIGHUP)
    running.send_signal(signal.SIGHUP)
    running.communicate(timeout=60)
    assert running.returncode == 0
    assert read(files["json"])["interrupted"] is False


def test_a_terminal_sees_a_progress_bar(folder: Path) -> None:
    outer, inner = pty.openpty()
    done = subprocess.run(
        command(folder, "--set", "scheduled_interval=60"),
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=inner,
        timeout=60,
        check=False,
        env={**os.environ, "TERM": "xterm", "COLUMNS": "120"},
    )
    os.close(inner)
    shown = b""
    while True:
        try:
            part = os.read(outer, 65_536)
        except OSError:  # Linux says so at the end of a terminal
            part = b""
        if not part:
            break
        shown += part
    os.close(outer)
    assert done.returncode == 0
    text = shown.decode()
    assert "2024-01-01 " in text
    assert "triggers" in text
    assert "equity" in text
    assert "triggers  equity" not in done.stdout.decode()


def test_real_data(shared_data: Path, folder: Path, files: dict[str, Path], tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'real.db'}"
    (tmp_path / "turn_round.py").write_text(TURN_ROUND)
    (tmp_path / "backtest.toml").write_text(CONFIG)
    for name, exchange, start, end in (
        ("binance_spot_BTCUSDT_1m_20240726_20240825", "binance", "2024-08-01T00:00:00Z", "2024-08-10T00:00:00Z"),
        ("hyperliquid_BTC_1m", "hyperliquid", "2025-07-22T00:00:00Z", "2025-07-25T00:00:00Z"),
        ("ftx_BTC-PERP_1m_20211231_20220201", "ftx", "2022-01-05T00:00:00Z", "2022-01-20T00:00:00Z"),
    ):
        file = shared_data / f"{name}.parquet"
        imported = CliRunner().invoke(
            main, ["import", str(file), "--database", url, "--exchange", exchange, "--symbol", "BTC"]
        )
        assert imported.exit_code == 0, imported.output
        overrides = [f"exchange={exchange}", f"start_time={start}", f"end_time={end}"]
        words = ["run", str(tmp_path / "backtest.toml"), "--database", url, "--json", str(files["json"])]
        done = CliRunner().invoke(main, [*words, *(word for each in overrides for word in ("--set", each))])
        assert done.exit_code == 0, done.output
        result = read(files["json"])
        parts = result["price_pnl"] - result["fees_paid"] + result["funding_received"]
        assert result["total_pnl"] == pytest.approx(parts, abs=1e-6)
        assert result["fees_paid"] == pytest.approx(result["turnover_usd"] * 0.035 / 100)
        assert result["total_trades"] == result["total_triggers"] - 1


DAY = 86_400_000

FOLLOWS = """
class Follows:
    def should_trade(self, data):
        log(data.trigger_type + " " + data.signal_pool_name)
        return None
"""


def run_pools(tmp_path: Path, database: Path, ids: str, **more: str) -> tuple[Result, dict[str, Any]]:
    (tmp_path / "follows.py").write_text(FOLLOWS)
    extra = "".join(f"{name} = {value}\n" for name, value in more.items())
    (tmp_path / "run.toml").write_text(
        'strategy = "follows.py"\nsymbols = ["BTC"]\nstart_time = 2025-06-01T00:00:00Z\n'
        f"end_time = 2025-06-03T00:00:00Z\nsignal_pool_ids = {ids}\n{extra}"
    )
    output = tmp_path / "result.json"
    arguments = [
        "run",
        str(tmp_path / "run.toml"),
        "--database",
        f"sqlite:///{database}",
        "--json",
        str(output),
        "--quiet",
    ]
    done = CliRunner().invoke(main, arguments)
    return done, json.loads(output.read_text()) if output.exists() else {}


def test_a_run_is_woken_by_its_stored_pools(tmp_path: Path, reference_database: Path, expected: Any) -> None:
    done, told = run_pools(tmp_path, reference_database, "[2, 1]")
    assert done.exit_code == 0, done.output
    end = START + 2 * DAY
    theirs = [sum(t["timestamp"] <= end for t in expected["pools"][f"pool{pool}_BTC"]["triggers"]) for pool in (1, 2)]
    assert told["signal_triggers"] == sum(theirs)
    assert "signal pool 1 ('OR pool'): ETH ignored, not a configured symbol" in told["warnings"]


def test_a_run_with_an_unknown_pool_is_refused(tmp_path: Path, reference_database: Path) -> None:
    done, _ = run_pools(tmp_path, reference_database, "[2, 8]")
    assert done.exit_code == 1
    assert "signal pool 8: " in done.stderr


SETS = """
import concurrent.futures, datetime, multiprocessing, os, random, secrets, time, uuid

import numpy as np
import pandas as pd

AT_FIRST = random.random(), os.urandom(4), time.time()


class Sets:
    def should_trade(self, data):
        log(AT_FIRST, random.random(), random.Random().random(), random.SystemRandom().random(), secrets.token_hex(4))
        log(np.random.rand(), np.random.default_rng().random(), uuid.uuid4(), hash("a"), {"a", "b", "c"})
        log(time.time(), time.strftime("%c %Z"), datetime.datetime.now(), datetime.date.today(), pd.Timestamp.now())
        for word in {"alpha", "beta", "gamma", "delta", "epsilon", "zeta"}:
            held = data.positions.get("BTC")
            side = "sell" if held and held.side == "long" else "buy"
            return Decision(side, "BTC", target_portion_of_balance=len(word) / 10, leverage=2, reason=word)
"""


@pytest.fixture(scope="module")
def sets(folder: Path) -> tuple[str, str]:
    (folder / "sets.py").write_text(SETS)
    return ("--set", "strategy=sets.py")


def test_a_trusted_program_that_goes_through_sets_gives_the_same_bytes_in_every_process(
    folder: Path, sets: tuple[str, str], tmp_path: Path
) -> None:
    for n, seed in enumerate(("random", "1", "2", "0")):
        arguments = ("--trust", "--quiet", "--no-timing", "--json", tmp_path / f"{n}.json", *sets)
        assert run(folder, *arguments, PYTHONHASHSEED=seed).returncode == 0
    jailed = run(folder, "--quiet", "--no-timing", "--json", tmp_path / "jailed.json", *sets)
    assert jailed.returncode == 0
    assert len({path.read_bytes() for path in tmp_path.glob("*.json")}) == 1
    assert not [text for text in read(tmp_path / "0.json")["warnings"] if "hash" in text]


def test_the_installed_command_starts_anew_too(folder: Path, sets: tuple[str, str], tmp_path: Path) -> None:
    script = tmp_path / "perpsim"
    script.write_text("import sys\nfrom adapters.__main__ import main\nsys.exit(main())\n")
    words = [sys.executable, str(script), *command(folder, "--trust", "--json", tmp_path / "a.json", *sets)[3:]]
    surroundings = {**os.environ, "PYTHONPATH": str(ROOT), "PYTHONHASHSEED": "random"}
    done = subprocess.run(words, env=surroundings, cwd=ROOT, capture_output=True, text=True, timeout=60, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    assert not [text for text in read(tmp_path / "a.json")["warnings"] if "hash" in text]


def test_inside_another_program_a_trusted_run_bears_a_warning_instead(folder: Path, tmp_path: Path) -> None:
    words = command(folder, "--trust", "--quiet", "--json", tmp_path / "a.json")[3:]
    host = f"from adapters import main; print('once'); main({words!r})"
    surroundings = {**os.environ, "PYTHONHASHSEED": "random"}
    done = subprocess.run(
        [sys.executable, "-c", host], env=surroundings, cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, "once\n", "")
    assert len([text for text in read(tmp_path / "a.json")["warnings"] if "hash randomisation" in text]) == 1


def test_a_trusted_program_keeps_its_exit_status(folder: Path) -> None:
    assert run(folder, "--trust", "--quiet", "--set", "strategy=fails.py", PYTHONHASHSEED="random").returncode == 1


MOODY = """
class Moody:
    def should_trade(self, data):
        seen = data.get_feature("mood", "BTC")
        log(data.triggered_signals[0]["signal_name"], seen["value"])
        data.record("mood", seen["value"])
        return None
"""
HIGH = '[[signal]]\nname = "high"\ncondition = { metric = "feature:mood", operator = ">", threshold = 5 }\n'
POOL = '[[pool]]\nname = "p"\nsignals = ["high"]\nsymbols = ["BTC"]\n'
MOODY_CONFIG = """strategy = "moody.py"
symbols = ["BTC"]
start_time = 2024-01-01T02:00:00Z
end_time = 2024-01-01T06:00:00Z
signal_pool_ids = [1]
"""


@pytest.mark.parametrize("trust", [(), ("--trust",)], ids=["jailed", "trusted"])
def test_an_imported_feature_wakes_a_program_that_records_it(tmp_path: Path, trust: tuple[str, ...]) -> None:
    start_ms = 1_704_067_200_000
    write_klines(open_database(tmp_path / "m.db", create=True), "hyperliquid", "BTC", "1m", random_klines(600))
    values = "".join(f"{start_ms + 1_200_007 * place},{place % 9}\n" for place in range(17))
    for name, text in {
        "mood.csv": f"time,mood\n{values}", "moody.py": MOODY, "moody.toml": MOODY_CONFIG, "signals.toml": HIGH + POOL,
    }.items():  # fmt: skip
        (tmp_path / name).write_text(text)
    database = ("--database", f"sqlite:///{tmp_path / 'm.db'}")
    files = {name: tmp_path / name for name in ("records.csv", "result.json")}
    for words in (
        ("import", tmp_path / "mood.csv", "--kind", "feature", "--name", "mood", "--exchange", "hyperliquid"),
        ("signals", "add", tmp_path / "signals.toml"),
        ("run", tmp_path / "moody.toml", "--records", files["records.csv"], "--json", files["result.json"], *trust),
    ):
        command = [sys.executable, "-m", "adapters", *map(str, words), *database]
        done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=120, check=False)
        assert done.returncode == 0, done.stderr
    assert files["records.csv"].read_text().splitlines() == [
        "timestamp,time,mood",
        f"{start_ms + 7_215_000},2024-01-01T02:00:15Z,6.0",
        f"{start_ms + 18_015_000},2024-01-01T05:00:15Z,6.0",
    ]
    result = read(files["result.json"])
    assert [entry["logs"] for entry in result["trigger_log"]] == [["high 6.0"]] * 2
    assert [each["present"] for each in result["data_coverage"] if each["series"] == "feature mood"] == [11]


TIGHT = """
class Tight:
    def should_trade(self, data):
        price = data.get_price("BTC")
        if data.positions:
            return None
        exits = {"take_profit_price": price * 1.0006, "stop_loss_price": price * 0.9994}
        return Decision("buy", "BTC", target_portion_of_balance=0.5, leverage=1, **exits)
"""
STUCK = """
class Stuck:
    def init(self, params):
        with open(params["file"], "a") as file:
            file.write("begun ")
        with open(params["file"]) as file:
            self.is_stuck = file.read().count("begun") == 2
        self.swallows = params["swallows"]

    def should_trade(self, data):
        while self.is_stuck:
            try:
                while True:
                    pass
            except KeyboardInterrupt:
                if not self.swallows:
                    raise
"""


def test_ambiguous_klines_give_a_range_in_table_json_and_store_unless_it_is_not_wanted(
    folder: Path, tmp_path: Path
) -> None:
    (folder / "tight.py").write_text(TIGHT)
    names = "pnl_low", "pnl_high", "pnl_width", "pnl_low_rule", "pnl_high_rule"
    told, kept = tmp_path / "told.json", f"sqlite:///{tmp_path / 'kept.db'}"
    create_database(open_database(kept, create=True))
    words = ["--set", "strategy=tight.py", "--set", "scheduled_interval=60", "--json", told]
    done = run_here(folder, *words, "--results", kept)
    result = read(told)
    assert result["ambiguous_klines"] > 5
    assert result["pnl_low"] == result["total_pnl"] < result["pnl_high"]
    assert (result["pnl_low_rule"], result["pnl_high_rule"]) == ("pessimistic", "optimistic")
    assert f"range by rule {result['pnl_width']:>14,.2f}" in done.stdout
    assert "by the rules for klines that touch two exits the net PnL is" in done.stdout
    shown = CliRunner().invoke(main, ["results", "show", "1", "--database", kept], catch_exceptions=False)
    assert f"range by rule {result['pnl_width']:>14,.2f}" in shown.stdout
    for rule in ("optimistic", "nearest_open"):
        run_here(folder, *words, "--set", f"intrabar={rule}", "--quiet")
        assert [read(told)[name] for name in names[:3]] == [result[name] for name in names[:3]]
    done = run_here(folder, *words, "--no-range")
    alone = read(told)
    assert [alone[name] for name in names] == [None] * 5
    assert alone["total_pnl"] == result["total_pnl"]
    assert "range by rule" not in done.stdout


@linux
@pytest.mark.parametrize("swallows", [False, True])
def test_ctrl_c_in_a_further_run_ends_it_and_delivers_the_run_itself(
    folder: Path, tmp_path: Path, swallows: bool
) -> None:
    (folder / "stuck.py").write_text(
        TIGHT.replace("class Tight:", STUCK.strip()).replace(
            "    def should_trade(self, data):\n        price", "        price"
        )
    )
    marks, told = tmp_path / "marks.txt", tmp_path / "told.json"
    params = f'params={{file="{marks}", swallows={str(swallows).lower()}}}'
    words = command(folder, "--trust", "--set", "strategy=stuck.py", "--set", params, "--json", told)
    running = subprocess.Popen(
        [*words, "--set", "scheduled_interval=60"], cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    until(lambda: marks.exists() and marks.read_text().count("begun") == 2)
    time.sleep(0.1)  # it begins to hang
    running.send_signal(signal.SIGINT)
    stdout, stderr = running.communicate(timeout=30)
    result = read(told)
    assert (result["success"], result["interrupted"], result["total_triggers"]) == (True, False, 22 * 60)
    assert result["pnl_low"] is None
    assert result["ambiguous_klines"] > 5
    assert "INTERRUPTED" not in stdout
    assert stderr == ""
    if not swallows:
        assert running.returncode == 0
        assert "is not known: stopped" in " ".join(stdout.split())


def test_a_run_writes_its_journal_whatever_ends_it(folder: Path, tmp_path: Path) -> None:
    for strategy, code, why in (("turn_round", 0, "end"), ("fails", 1, "failed")):
        path, told = tmp_path / f"{strategy}.journal", tmp_path / f"{strategy}.json"
        chosen = ("--set", f"strategy={strategy}.py", "--trust", "--quiet", "--journal", path, "--json", told)
        assert run_here(folder, *chosen).exit_code == code
        start, *_, end = map(json.loads, path.read_text().splitlines())
        assert (start["message"], end["message"], end["why"]) == ("start", "end", why)
        result = read(told)
        assert (end["digest"], end["~hash"]) == (result["digest"], result["journal_head"])
        assert result["engine_version"] == start["engine"]


def test_a_journal_goes_to_standard_output_too(folder: Path) -> None:
    done = run_here(folder, "--trust", "--journal", "-", "--queries")
    lines = [json.loads(line) for line in done.stdout.splitlines()]
    assert [each["id"] for each in lines] == [*range(len(lines))]
    assert {"start", "decision", "fill", "end"} <= {each["message"] for each in lines}
    assert run_here(folder, "--trust", "--journal", "-", "--json", "-").exit_code == 2  # one file alone


def test_without_a_journal_the_result_says_so(folder: Path, tmp_path: Path) -> None:
    assert run_here(folder, "--trust", "--quiet", "--json", tmp_path / "a.json").exit_code == 0
    with_one = tmp_path / "b.json"
    assert run_here(folder, "--trust", "--quiet", "--json", with_one, "--journal", tmp_path / "b").exit_code == 0
    one, other = read(tmp_path / "a.json"), read(with_one)
    assert (one["journal_head"], one["digest"]) == (None, other["digest"])
    assert {name for name in one if one[name] != other[name]} <= {"journal_head", "execution_time_ms", "warnings"}


@linux
@pytest.mark.parametrize("program", ["hangs", "hangs_and_swallows"])
def test_a_run_that_is_interrupted_has_a_journal_to_there(folder: Path, tmp_path: Path, program: str) -> None:
    path = tmp_path / "run.journal"
    words = command(folder, "--set", f"strategy={program}.py", "--set", "params={}", "--journal", path)
    running = subprocess.Popen(words, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    wait_until_busy(running)
    running.send_signal(signal.SIGINT)
    running.communicate(timeout=30)
    assert running.returncode == 130
    *_, fill, filled, end = map(json.loads, path.read_text().splitlines())
    assert (fill["message"], filled["event"], end["why"]) == ("fill", "fill", "interrupted")
