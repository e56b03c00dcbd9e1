"""Looking at files of strangers: what they are, and that hostile ones are refused in one sentence."""

from __future__ import annotations

import gzip
import io
import re
import zipfile
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from adapters.web.runs.import_worker import look_at
from adapters.web.runs.option_words import told_on_page
from adapters.web.runs.strange_files import told_without

START = 1_704_067_200_000
KLINES = "open_time,open,high,low,close,volume\n" + "".join(
    f"{START + n * 60_000},100,101,99,100.5,{n + 1}\n" for n in range(20)
)
TRADES = "time,price,size,side\n" + "".join(f"{START + n * 1000},100.{n},{n + 1},buy\n" for n in range(40))


def looked(folder: Path, file: str, data: bytes | str, **options: Any) -> dict[str, Any]:
    path = folder / file
    path.write_bytes(data if isinstance(data, bytes) else data.encode())
    found = look_at({"files": [{"path": str(path), "name": file}], "options": options})
    assert str(folder) not in repr(found)
    return found


def test_an_option_that_the_page_has_not_is_told_with_what_to_do_there(tmp_path: Path) -> None:
    (remark,) = looked(tmp_path, "ETHUSDT-1m-2024-01.csv", KLINES)["remarks"]
    assert remark.startswith("ETHUSDT is stored as ETH, the name for programs; --rename gives it another name")
    assert remark.endswith(
        "(the page has no --rename: import the files of one market at a time, with its name under Symbol)"
    )
    assert told_on_page("say --column time=T, or check --urls") == 'say "Columns" time=T, or check --urls'
    told = looked(tmp_path, "eth.csv", KLINES)["problem"]
    assert told == 'eth.csv: its name does not tell the symbol: say it with "Symbol", for example "Symbol" BTC'
    assert told_on_page("check --url") == "check --url (--url is --venue-url of perpsim serve)"


def zipped(members: dict[str, str | bytes]) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in members.items():
            archive.writestr(name, data)
    return file.getvalue()


def parquet() -> bytes:
    file = io.BytesIO()
    pd.read_csv(io.StringIO(KLINES)).to_parquet(file)
    return file.getvalue()


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("BTCUSDT-1m-2024-01.csv", KLINES),
        ("BTCUSDT-1m-2024-01.zip", zipped({"../../BTCUSDT-1m-2024-01.csv": KLINES})),
        ("BTCUSDT-1m-2024-01.csv.gz", gzip.compress(KLINES.encode())),
        ("BTCUSDT-1m-2024-01.parquet", parquet()),
    ],
)
def test_klines_are_recognised(tmp_path: Path, name: str, data: bytes | str) -> None:
    found = looked(tmp_path, name, data)
    (group,) = found["groups"]
    (file,) = group["files"]
    assert (found["problem"], group["symbol"], group["kind"], group["period"]) == (None, "BTC", "klines", "1m")
    assert (file["rows"], file["first_ms"], file["last_ms"]) == (20, START, START + 19 * 60_000)
    assert file["columns"]["volume"] == "volume"
    assert file["sample"][1] == [START + 60_000, 100.0, 101.0, 99.0, 100.5, 2.0]
    assert found["lines"][:1] == ([] if "parquet" in name else ["open_time,open,high,low,close,volume"])


def test_trades_and_features_are_recognised(tmp_path: Path) -> None:
    (group,) = looked(tmp_path, "t.csv", TRADES, kind="trades", symbol="ETH")["groups"]
    assert (group["symbol"], group["kind"], group["files"][0]["rows"]) == ("ETH", "trades", 40)
    mood = looked(tmp_path, "mood.csv", f"time,value\n{START},0.5\n", kind="feature", name="mood")
    assert mood["groups"][0]["names"] == ["mood"]
    assert mood["groups"][0]["files"][0]["sample"] == [[START, 0.5]]


@pytest.mark.parametrize(
    ("name", "data", "problem"),
    [
        ("a.csv", "a,b\n1,2\n", "column open: there is no such column; the file has a, b"),
        ("a.csv", KLINES.replace("100,101,", "100,x,", 1), "row 1, column high"),
        ("a.csv", b"\x00\x01\x02" * 100, "neither a text file nor parquet"),
        ("a.csv", b"x" * 200_000, "a line of more than"),
        ("a.zip", zipped({"a.csv": b"0" * (80 << 20)}), "a line of more than|unpacks to more than"),
        ("a.zip", zipped({"a.csv": b"1,2,3,4,5,6\n" * (7 << 20)}), "unpacks to more than 200 times its size"),
        ("a.zip", b"PK\x03\x04 cut off", "the archive is damaged"),
        ("a.csv", "", "the file is empty"),
        ("a.parquet", b"PAR1" + b"\x00" * 40, "parquet"),
        ("a.csv", b"\x80\x04cos\nsystem\n(S'id'\ntR.", "pickle"),
    ],
)  # fmt: skip
def test_a_hostile_file_is_refused_in_one_sentence(tmp_path: Path, name: str, data: bytes | str, problem: str) -> None:
    found = looked(tmp_path, name, data, symbol="BTC", kind="klines")
    assert found["groups"] == []
    assert found["problem"].startswith(name)
    assert "\n" not in found["problem"]
    assert re.search(problem, found["problem"]), found["problem"]


def test_texts_for_clients_name_no_paths_addresses_and_secrets() -> None:
    text = "/tmp/x/ab/f.csv: no; see postgresql://me:pw@host/db and https://api.example.com/v1?k=1 now"
    assert told_without(text, [("/tmp/x/ab/f.csv", "f.csv"), ("/tmp/x/ab/", "")]) == (
        "f.csv: no; see (address) and (address) now"
    )
