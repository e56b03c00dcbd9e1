"""Packed files: what unpacks them, what of an archive is data, and what else a file may be."""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import pickle
import tarfile
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from adapters.input import UnpackedPart, open_input, unpacked

TEXT = "".join(f"{row},{row * row},äöü\n" for row in range(30_000)).encode()


def read(path: Path) -> list[UnpackedPart]:
    with open_input(path) as file:
        return unpacked(file)


def written(tmp_path: Path, content: bytes) -> Path:
    path = tmp_path / "file"
    path.write_bytes(content)
    return path


def zipped(tmp_path: Path, *names: str) -> Path:
    with zipfile.ZipFile(tmp_path / "file", "w") as archive:
        for name in names:
            archive.writestr(name, name)
    return tmp_path / "file"


@pytest.mark.parametrize("pack", [gzip.compress, bz2.compress, lzma.compress])
@pytest.mark.parametrize("cut", [0, 1, 70_000, len(TEXT)])
def test_packed_texts_are_unpacked_one_member_behind_the_other(
    tmp_path: Path, pack: Callable[[bytes], bytes], cut: int
) -> None:
    path = written(tmp_path, pack(TEXT[:cut]) + pack(TEXT[cut:]))
    assert read(path) == [UnpackedPart("", TEXT)]


@pytest.mark.parametrize("pack", [gzip.compress, bz2.compress, lzma.compress])
def test_a_packed_text_that_is_cut_off_or_damaged_is_refused(tmp_path: Path, pack: Callable[[bytes], bytes]) -> None:
    packed = pack(TEXT)
    middle = len(packed) // 2
    for damaged in (packed[:middle], packed[:middle] + bytes(range(99)) + packed[middle + 99 :], packed + b"more"):
        with pytest.raises(
            ValueError, match=r"damaged or cut off|is neither a text"
        ):  # bzip2 checks at the end of a block
            read(written(tmp_path, damaged))


@pytest.mark.parametrize("pack", [bz2.compress, lzma.compress])
def test_what_unpacks_to_gigabytes_is_refused(tmp_path: Path, pack: Callable[[bytes], bytes]) -> None:
    with pytest.raises(ValueError, match="unpacks to more than 200 times its size"):
        read(written(tmp_path, pack(b"1,2\n" * (24 << 20))))


@pytest.mark.parametrize(
    ("encoding", "mark"),
    [
        ("utf-16", ""),
        ("utf-16-le", "\ufeff"),
        ("utf-16-be", "\ufeff"),
        ("utf-16-le", ""),
        ("utf-16-be", ""),
        ("utf-32", ""),
        ("utf-32-be", "\ufeff"),
    ],
)
@pytest.mark.parametrize("pack", [bytes, gzip.compress])
def test_wide_texts_become_utf_8(tmp_path: Path, encoding: str, mark: str, pack: Callable[[bytes], bytes]) -> None:
    (part,) = read(written(tmp_path, pack((mark + TEXT.decode()).encode(encoding))))
    assert part.data.decode("utf-8-sig") == TEXT.decode()


@pytest.mark.parametrize("encoding", ["utf-16", "utf-32"])
def test_a_wide_text_that_is_cut_off_is_refused(tmp_path: Path, encoding: str) -> None:
    with pytest.raises(ValueError, match=rf"is {encoding.upper()} text that is damaged or cut off"):
        read(written(tmp_path, TEXT.decode().encode(encoding)[:-1]))


@pytest.mark.parametrize(
    ("names", "data"),
    [
        (["a.csv"], ["a.csv"]),
        (["b-10.csv", "b-9.csv", "b-100.csv"], ["b-9.csv", "b-10.csv", "b-100.csv"]),
        (["__MACOSX/._a.csv", "a.csv", ".DS_Store", "d/Thumbs.db", "d/"], ["a.csv"]),
        (["a.csv", "README.md", "LICENSE", "a.csv.CHECKSUM"], ["a.csv"]),
        (["readme.md"], ["readme.md"]),
        (["x/b.txt", "x/a"], ["x/a", "x/b.txt"]),
    ],
)
def test_what_an_archive_holds_beside_data_is_left_out(tmp_path: Path, names: list[str], data: list[str]) -> None:
    assert [part.name for part in read(zipped(tmp_path, *names))] == data


def test_an_archive_without_data_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="the archive holds no file of data"):
        read(zipped(tmp_path, "__MACOSX/._a.csv", ".DS_Store"))


def test_the_limits_hold_for_all_files_of_an_archive_together(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "file"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name in "abc":
            archive.writestr(name, TEXT)
    assert len(read(path)) == 3
    monkeypatch.setenv("PERPSIM_MOST_ROWS", "60000")
    with pytest.raises(ValueError, match="more than 60,000 rows"):
        read(path)
    monkeypatch.setenv("PERPSIM_MOST_ROWS", "90000")
    monkeypatch.setenv("PERPSIM_MOST_MEGABYTES", "1")
    with pytest.raises(ValueError, match="more than 1 MB, unpacked"):
        read(path)


def tar() -> bytes:
    stream = io.BytesIO()
    with tarfile.open(fileobj=stream, mode="w") as archive:
        archive.addfile(tarfile.TarInfo("a.csv"), io.BytesIO())
    return stream.getvalue()


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        (gzip.compress(tar(), mtime=0), "holds a tar archive, not a table: unpack it by one step"),
        (tar(), "holds a tar archive"),
        (b"\x28\xb5\x2f\xfdxyz", "holds a zstd file, not a table: unpack it"),
        (pickle.dumps([1]), "holds a pickle of Python, not a table: write it as parquet or CSV"),
        (b"\x89HDF\r\n", "holds an HDF5 file"),
        (b"SQLite format 3\0", "holds a SQLite database"),
        (b"7z\xbc\xaf\x27\x1c", "holds a 7z archive"),
        (b"\xd0\xcf\x11\xe0", "holds a workbook of Excel, not a table: save the sheet as CSV"),
        (b"FEA1....", "holds a feather file of version 1"),
        (gzip.compress(b"ARROW1\0\0", mtime=0), "holds a feather file, not a table: unpack it by one step"),
    ],
)
def test_other_files_are_called_by_their_names_with_a_way_out(tmp_path: Path, content: bytes, problem: str) -> None:
    with pytest.raises(ValueError, match=problem):
        read(written(tmp_path, content))


def test_a_workbook_is_called_so(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="is a workbook of Excel or another office document: save the sheet as CSV"):
        read(zipped(tmp_path, "[Content_Types].xml", "xl/workbook.xml"))
