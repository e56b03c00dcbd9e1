from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from adapters import read_config_file
from adapters.signals.signal_files import read_signal_file
from engine import ConfigurationError

READERS = [read_config_file, read_signal_file]


@pytest.mark.parametrize("read", READERS)
@pytest.mark.parametrize(
    ("content", "problem"),
    [
        (b"a = [", "is no TOML: "),
        (b"a = '\xff'", "is no UTF-8 text (byte 6)"),
        (None, "cannot be read: No such file or directory"),
    ],
)
def test_each_kind_of_file_says_alike_what_is_wrong_with_it(
    tmp_path: Path, read: Callable[[Path], object], content: bytes | None, problem: str
) -> None:
    path = tmp_path / "file.toml"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(ConfigurationError) as caught:
        read(path)
    (found,) = caught.value.problems
    assert found.startswith(f"{path}: {problem}")


def test_a_byte_order_mark_is_no_part_of_the_text(tmp_path: Path) -> None:
    path = tmp_path / "signals.toml"
    path.write_bytes(b"\xef\xbb\xbf[[pool]]\nname = 'a'\nsignals = [1]\n")
    assert [pool["name"] for pool in read_signal_file(path).pools] == ["a"]


@pytest.mark.parametrize("read", READERS)
@pytest.mark.parametrize(
    ("content", "problem"),
    [
        (f"a = {'[' * 900}", "is nested more than 64 levels deep"),
        (f"a = {'[' * 90}{']' * 90}", "is nested more than 64 levels deep"),
        (f"a = {'{a = ' * 90}1{'}' * 90}", "is nested more than 64 levels deep"),
        (f"{'a.' * 20_000}a = 1", "is nested more than 64 levels deep"),
        (f"""{'"a" . ' * 20_000}a = 1""", "is nested more than 64 levels deep"),
        (f"a = {'9' * 5_000}", "holds an integer of more than 64 bits"),
        (f"a = 0x{'f' * 6_000}", "holds an integer of more than 64 bits"),
        (f"a = {'9' * 400}", "holds an integer of more than 64 bits"),
        ('a = "b\\u0000"', "holds a text with a NUL"),
        ("a = 1\n" * 200_000, "is longer than 1,048,576 bytes"),
    ],
)
def test_what_nobody_writes_is_refused_in_one_line_and_at_once(
    tmp_path: Path, read: Callable[[Path], object], content: str, problem: str
) -> None:
    path = tmp_path / "file.toml"
    path.write_text(content)
    with pytest.raises(ConfigurationError) as caught:
        read(path)
    assert caught.value.problems == (f"{path}: {problem}",)


@pytest.mark.parametrize("value", ["9" * 5_000, "0x" + "f" * 6_000, "[" * 900, '"\\u0000"'], ids=len)
def test_overrides_too(tmp_path: Path, value: str) -> None:
    path = tmp_path / "c.toml"
    path.write_text("")
    with pytest.raises(ConfigurationError) as caught:
        read_config_file(path, [f"initial_balance={value}"])
    assert caught.value.problems[0].startswith("--set initial_balance=")
    assert max(map(len, caught.value.problems)) < 400
