"""Uploaded files that wait."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from adapters.web.safety import Refused
from adapters.web.services.waiting_files import WaitingFile, WaitingFiles


@pytest.fixture
def files() -> Iterator[WaitingFiles]:
    found = WaitingFiles()
    yield found
    found.close()


def sent(files: WaitingFiles, name: str, data: bytes = b"x") -> WaitingFile:
    waiting, out = files.begin(name)
    with out:
        files.grow(waiting, len(data))
        out.write(data)
    files.finish(waiting)
    return waiting


@pytest.mark.parametrize("name", ["../a.csv", "a/b.csv", "a\\b.csv", "..", ".", ".bashrc", "a\x00b", "a\nb", "x" * 201])
def test_a_name_that_is_more_than_one_is_refused(files: WaitingFiles, name: str) -> None:
    with pytest.raises(Refused, match="plain name"):
        files.begin(name)


def test_a_file_waits_until_it_is_thrown_away(files: WaitingFiles) -> None:
    one, two = sent(files, "a.csv"), sent(files, "a.csv")
    assert [each.file_id for each in files.listed()] == [one.file_id, two.file_id]
    assert one.path.name == two.path.name == "a.csv"
    files.discard(one)
    with pytest.raises(Refused, match="upload it again"):
        files.get(one.file_id)
    assert not one.path.exists()
    assert files.get(two.file_id) is two
    files.close()
    assert not two.path.exists()


def test_one_that_is_not_whole_is_not_listed_and_one_that_waited_too_long_goes(files: WaitingFiles) -> None:
    waiting, out = files.begin("half.csv")
    out.close()
    assert files.listed() == []
    files.finish(waiting)
    assert files.listed() == [waiting]
    waiting.added_ms -= 13 * 3_600_000
    waiting.busy = 1
    assert files.listed() == [waiting]  # its import goes on
    waiting.busy = 0
    assert files.listed() == []


def test_too_many_and_too_large_ones_are_refused(files: WaitingFiles) -> None:
    waiting = sent(files, "a.csv")
    with pytest.raises(Refused, match="larger than 512 MB"):
        files.grow(waiting, 600 << 20)
    files.discard(waiting)
    for number in range(50):
        sent(files, f"{number}.csv")
    with pytest.raises(Refused, match="50 files are waiting"):
        files.begin("more.csv")
