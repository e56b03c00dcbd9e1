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
