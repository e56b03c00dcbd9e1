"""Whatever a command fails of, it ends with one line and a status, and without the passwords that it knows."""

from __future__ import annotations

import errno
import subprocess
import sys

import pytest

import adapters.commands.inspect_command as command
from adapters.terminal import DEFECT
from tests.support.commands import perpsim

URL = "postgresql://somebody:op%2Fen%40sesame@localhost/market"


def fail_with(monkeypatch: pytest.MonkeyPatch, error: BaseException) -> None:
    def defect(*_: object, **__: object) -> None:
        raise error

    monkeypatch.setattr(command, "open_database", defect)


DEFECTS = [
    ZeroDivisionError("by zero"),
    RecursionError("too deep"),
    KeyError("x"),
    OSError(errno.EBADF, "Bad file descriptor"),
    ExceptionGroup("several", [ValueError("one\ntwo")]),
    ValueError("first\nsecond \x1b[2J" + "x" * 100_000),
    AssertionError(),
]


@pytest.mark.parametrize("error", DEFECTS, ids=lambda error: type(error).__name__)
def test_a_defect_is_one_line_that_says_how_to_report_it(error: Exception, monkeypatch: pytest.MonkeyPatch) -> None:
    fail_with(monkeypatch, error)
    done = perpsim("inspect", "--database", "x.db")
    assert done.exit_code == DEFECT == 70
    assert done.stdout == ""
    [line] = done.stderr.splitlines()
    assert line.isprintable()
    assert len(line) < 1_000
    assert line.startswith(f"Error: {type(error).__name__}")
    assert "please report it" in line
    assert "--debug" in line


def test_the_line_says_where_in_perpsim_it_was(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(command, "open_database", lambda *_, **__: 1 // 0)
    assert "(adapters.commands.inspect_command, line " in perpsim("inspect", "--database", "x.db").stderr


def test_too_little_memory_is_said_as_such_and_is_no_defect(monkeypatch: pytest.MonkeyPatch) -> None:
    fail_with(monkeypatch, MemoryError())
    done = perpsim("inspect", "--database", "x.db")
    assert done.exit_code == 1
    assert done.stderr.startswith("Error: there is not enough memory for this")
    assert len(done.stderr.splitlines()) == 1


@pytest.mark.parametrize("number", [errno.EFBIG, errno.EMFILE, errno.ENFILE, errno.ENOSPC, errno.EDQUOT, errno.ENOMEM])
def test_what_the_system_refuses_is_no_defect(number: int, monkeypatch: pytest.MonkeyPatch) -> None:
    fail_with(monkeypatch, OSError(number, "refused", "some/file"))
    done = perpsim("inspect", "--database", "x.db")
    assert done.exit_code == 1
    assert done.stderr.startswith("Error: some/file: no") or any(
        word in done.stderr for word in ("quota", "no more", "memory")
    )
    assert len(done.stderr.splitlines()) == 1


#: What Python says where the system gives it no memory for another thread: in a process of its own, as one that has had
#: threads may start another all the same, and wait for it for ever.
NO_THREAD = """
import resource, threading
before = resource.getrlimit(resource.RLIMIT_AS)
resource.setrlimit(resource.RLIMIT_AS, (1, before[1]))
try:
    threading.Thread(target=str).start()
except RuntimeError as error:
    resource.setrlimit(resource.RLIMIT_AS, before)
    print(error, end="")
"""


def test_a_thread_that_cannot_be_started_is_no_defect(monkeypatch: pytest.MonkeyPatch) -> None:
    said = subprocess.run([sys.executable, "-c", NO_THREAD], capture_output=True, text=True, timeout=60, check=True)
    fail_with(monkeypatch, RuntimeError(said.stdout))
    done = perpsim("inspect", "--database", "x.db")
    assert done.exit_code == 1
    assert done.stderr.startswith("Error: no more threads can be started here")
    assert len(done.stderr.splitlines()) == 1


@pytest.mark.parametrize("words", [("--debug", "inspect"), ("inspect", "--debug")])
def test_debug_shows_the_whole_traceback_before_the_line(
    words: tuple[str, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    fail_with(monkeypatch, ZeroDivisionError("by zero"))
    done = perpsim(*words, "--database", "x.db")
    assert done.exit_code == DEFECT
    assert done.stderr.startswith("Traceback (most recent call last):")
    assert "in defect" in done.stderr
    assert done.stderr.splitlines()[-1].startswith("Error: ZeroDivisionError: by zero")


@pytest.mark.parametrize("words", [("database", "create", "--debug"), ("signals", "list", "--debug", "--database")])
def test_a_command_within_a_command_has_debug_too_and_shows_explained_failures(words: tuple[str, ...]) -> None:
    done = perpsim(*words, "mysql://nowhere/market")
    assert done.exit_code == 1
    assert "Traceback" in done.stderr
    assert "mysql databases cannot be used here" in done.stderr.splitlines()[-1]


@pytest.mark.parametrize("debug", [(), ("--debug",)])
@pytest.mark.parametrize(
    "text", [URL, "password='op/en@sesame' host=localhost", "op/en@sesame", "op%2Fen%40sesame", f"no {URL}, no\n{URL}"]
)
def test_no_password_is_told(text: str, debug: tuple[str, ...], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PERPSIM_DATABASE", URL)
    fail_with(monkeypatch, ValueError(text))
    told = perpsim(*debug, "inspect").stderr
    assert "***" in told
    assert "sesame" not in told


@pytest.mark.parametrize(
    "url",
    [
        "sqlite://somebody:sesame@host/market",
        "postgres//somebody:sesame@host/market",
        "mysql://somebody:sesame@host/market",
        "postgresql://somebody:sesame@host:port/market",
        "postgresql://localhost:1/market?password=sesame",
        "postgresql:somebody:sesame@host/market",
    ],
)
@pytest.mark.parametrize("debug", [(), ("--debug",)])
def test_a_wrong_url_is_refused_without_its_password(url: str, debug: tuple[str, ...]) -> None:
    done = perpsim(*debug, "inspect", "--database", url)
    assert done.exit_code == 1
    assert "sesame" not in done.output


@pytest.mark.parametrize(("error", "status"), [(KeyboardInterrupt(), 130), (SystemExit(3), 3)])
def test_what_asks_for_the_end_keeps_its_way(
    error: BaseException, status: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    fail_with(monkeypatch, error)
    done = perpsim("--debug", "inspect", "--database", "x.db")
    assert done.exit_code == status
    assert "Traceback" not in done.stderr
