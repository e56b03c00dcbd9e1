"""Files that are none are refused before they are opened; text is refused before it is too long."""

from __future__ import annotations

import gzip
import io
import os
import socket
import subprocess
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from adapters import main, read_config_file, read_kline_file
from adapters.input import ImportLimits, open_input, read_table_bytes
from adapters.input.input_limits import FREE_UNPACKED_BYTES, MOST_LINE_BYTES, MOST_PACKED
from engine import PerpsimError
from tests.support.commands import perpsim
from tests.support.kline_text import lines, text

MEGABYTE = b"1,2,3,4,5\n" * 104_858


def folder(path: Path) -> Path:
    path.mkdir()
    return path


def pipe(path: Path) -> Path:
    os.mkfifo(path)
    return path


def unix_socket(path: Path) -> Path:
    with socket.socket(socket.AF_UNIX) as made:
        made.bind(str(path))
    return path


ODD = {
    "folder": (folder, "is a folder, not a file"),
    "pipe": (pipe, "is a pipe, not a file"),
    "socket": (unix_socket, "is a socket, not a file"),
    "device": (lambda path: Path("/dev/zero"), "is a device, not a file"),
    "NUL": (lambda path: Path(f"{path}\0"), "is no name that a file can have"),
    "no character": (lambda path: Path(f"{path}\ud800"), "is no name that a file can have"),
    "absent": (lambda path: path, "cannot be read: No such file or directory"),
}


@pytest.mark.parametrize("kind", ODD)
def test_what_is_no_file_is_refused_at_once_wherever_one_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kind: str
) -> None:
    monkeypatch.chdir(tmp_path)
    make, problem = ODD[kind]
    path = make(Path("odd"))
    with pytest.raises(ValueError, match=problem), open_input(path):
        pass
    for read in (read_kline_file, read_config_file):
        with pytest.raises(PerpsimError, match=problem):
            read(path)
    name = str(path).replace("\0", "\\u0000")
    if kind != "no character":
        Path("c.toml").write_text(f'strategy = "{name}"\nsymbols = ["BTC"]\n')
        with pytest.raises(PerpsimError, match=r"strategy: .*|holds a text with a NUL"):
            read_config_file("c.toml")


@pytest.mark.skipif(not Path("/proc/self/mem").exists(), reason="needs a file that opens and cannot be read")
@pytest.mark.parametrize("read", [read_kline_file, read_config_file])
def test_a_file_that_fails_while_it_is_read_is_refused_in_one_sentence(read: Callable[[str], object]) -> None:
    with pytest.raises(PerpsimError, match=r"/proc/self/mem: .*cannot be read: Input/output error$"):
        read("/proc/self/mem")


@pytest.mark.skipif(not os.access("/proc/kmsg", os.R_OK), reason="needs a file that is waited for, and its owner")
@pytest.mark.parametrize("read", [read_kline_file, read_config_file])
def test_a_file_that_would_be_waited_for_is_refused_at_once(read: Callable[[str], object]) -> None:
    with pytest.raises(PerpsimError, match="/proc/kmsg"):
        read("/proc/kmsg")


@pytest.mark.parametrize("kind", ["pipe", "device"])
def test_commands_say_so_too(tmp_path: Path, kind: str) -> None:
    path = ODD[kind][0](tmp_path / "odd")
    for arguments in (
        ["validate", path],
        ["run", path, "--database", f"sqlite:///{tmp_path}/x.db"],
        ["signals", "add", path, "--database", f"sqlite:///{tmp_path}/x.db"],
        ["import", path, "--database", f"sqlite:///{tmp_path}/x.db", "--exchange", "x", "--symbol", "BTC"],
    ):
        done = perpsim(*arguments)
        assert done.exit_code == 1
        assert f"is a {kind}, not a file" in done.stderr
        assert done.stderr.count("\n") == 1


def test_standard_input_may_be_a_pipe() -> None:
    program = "class P:\n    def should_trade(self, data):\n        return None\n"
    command = [sys.executable, "-m", "adapters", "validate", "/dev/stdin"]
    root = Path(sys.modules[main.__module__].__file__ or "").parents[2]
    done = subprocess.run(command, input=program, cwd=root, capture_output=True, text=True, check=False)
    assert done.stdout.endswith("\n/dev/stdin can be run\n")


class Counted(io.RawIOBase):
    """A text without an end that counts what was read of it."""

    def __init__(self, pattern: bytes) -> None:
        self.pattern, self.given = pattern, 0

    def read(self, size: int = -1, /) -> bytes:
        self.given += size
        return (self.pattern * (size // len(self.pattern) + 1))[:size]


@pytest.mark.parametrize(
    ("pattern", "limits", "packed", "problem", "most"),
    [
        (b"1,2\n", ImportLimits(megabytes=1), None, "more than 1 MB, unpacked", 2 << 20),
        (b"1\n", ImportLimits(rows=1_000), None, "more than 1,000 rows", 2 * MOST_LINE_BYTES),
        (b"x", ImportLimits(), None, "a line of more than 65,536 bytes", 2 * MOST_LINE_BYTES),
        (b"\0", ImportLimits(), None, "neither a text file nor parquet", 2 * MOST_LINE_BYTES),
        (b"1,2\n", ImportLimits(), 1_000, f"more than {MOST_PACKED} times its size", FREE_UNPACKED_BYTES + (1 << 20)),
    ],
)
def test_reading_ends_where_a_limit_is_passed(
    pattern: bytes, limits: ImportLimits, packed: int | None, problem: str, most: int
) -> None:
    endless = Counted(pattern)
    with pytest.raises(ValueError, match=problem):
        read_table_bytes(endless, limits, packed)
    assert endless.given <= most


@pytest.mark.parametrize("form", ["gzip", "zip"])
@pytest.mark.parametrize("content", [b"\0" * (200 << 20), MEGABYTE * 200], ids=["zeros", "lines"])
def test_a_small_archive_of_a_large_text_is_refused_in_little_memory(tmp_path: Path, form: str, content: bytes) -> None:
    path = tmp_path / "bomb"
    if form == "gzip":
        path.write_bytes(gzip.compress(content, 6))
    else:
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr("a.csv", content)
    code = (
        "import resource, sys; from adapters import read_kline_file; from engine import PerpsimError\n"
        "before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss\n"
        "try: read_kline_file(sys.argv[1])\n"
        "except PerpsimError as error: print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before, error)"
    )
    done = subprocess.run([sys.executable, "-c", code, path], capture_output=True, text=True, check=True)
    grown, _, problem = done.stdout.partition(" ")
    assert int(grown) < 150_000
    assert "times its size" in problem or "neither a text file" in problem


def test_limits_are_set_in_the_environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "klines.csv"
    path.write_text(text(lines()))
    monkeypatch.setenv("PERPSIM_MOST_ROWS", "5")
    with pytest.raises(PerpsimError, match=r"holds more than 5 rows \(PERPSIM_MOST_ROWS allows more\)"):
        read_kline_file(path)
    monkeypatch.setenv("PERPSIM_MOST_ROWS", "6")
    assert len(read_kline_file(path).klines) == 6


@pytest.mark.parametrize("value", ["0", "-1", "many", "1e6", "9" * 400])
def test_a_limit_that_is_no_number_is_said(monkeypatch: pytest.MonkeyPatch, value: str) -> None:
    monkeypatch.setenv("PERPSIM_MOST_MEGABYTES", value)
    with pytest.raises(PerpsimError, match=r"PERPSIM_MOST_MEGABYTES: .* is no whole number above 0"):
        ImportLimits.of_environment()
