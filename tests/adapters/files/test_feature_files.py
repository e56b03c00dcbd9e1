"""Files of features: symbols and columns, times of every kind, and damage named with its row and column."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from adapters.files import read_feature_file
from engine import DataError
from engine.errors import FileFormatError
from tests.support.runs import START


def written(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "own.csv"
    path.write_text(text)
    return path


def values_of(path: Path, *arguments: object, **given: object) -> dict[tuple[str, str], list[tuple[int, float]]]:
    read = read_feature_file(path, *arguments, **given)  # type: ignore[arg-type]
    return {
        (symbol, feature): [*zip((rows.timestamp_ms - START).tolist(), rows.value.tolist(), strict=True)]
        for symbol, feature, rows in read.features
    }


ISO = "time,score\n2024-01-01T00:00:00Z,1.5\n2024-01-01T00:00:01.500+00:00,-2\n"
BOTH = [(0, 1.5), (1_500, -2.0)]


@pytest.mark.parametrize(
    "text",
    [
        ISO,
        f"timestamp,score\n{START},1.5\n{START + 1_500},-2\n",
        f"ts;score\n{START / 1_000},1.5\n".replace(",", ";") + f"{(START + 1_500) / 1_000};-2\n",
        f"{START},1.5\n{START + 1_500},-2\n",
        "known_at,score\n2024-01-01T05:45:00+05:45,1.5\n2024-01-01T05:45:01.5+05:45,-2\n",
    ],
    ids=["iso", "ms", "seconds", "no header", "an offset"],
)
def test_times_of_every_kind_are_the_same_instants(tmp_path: Path, text: str) -> None:
    assert values_of(written(tmp_path, text), "mood") == {("*", "mood"): BOTH}
    assert values_of(written(tmp_path, text), "mood", "BTC") == {("BTC", "mood"): BOTH}


def test_a_parquet_file_is_the_same(tmp_path: Path) -> None:
    pytest.importorskip("pyarrow")
    path = tmp_path / "own.parquet"
    times = pd.to_datetime(np.array([START, START + 1_500]), unit="ms", utc=True)
    pd.DataFrame({"time": times, "symbol": ["BTC", "ETH"], "score": [1.5, -2.0]}).to_parquet(path)
    assert values_of(path, "mood") == {("BTC", "mood"): BOTH[:1], ("ETH", "mood"): BOTH[1:]}


SEVERAL = f"coin,up,Date,Down %\nBTC,1,{START},2\nETH,3,{START},4\nBTC,5,{START + 1},6\n"


def test_each_of_several_columns_is_a_feature_of_its_title_and_of_each_symbol(tmp_path: Path) -> None:
    path = written(tmp_path, SEVERAL)
    assert values_of(path, "m") == {
        ("BTC", "m.up"): [(0, 1.0), (1, 5.0)],
        ("BTC", "m.Down %"): [(0, 2.0), (1, 6.0)],
        ("ETH", "m.up"): [(0, 3.0)],
        ("ETH", "m.Down %"): [(0, 4.0)],
    }
    assert values_of(path, "m", "ETH") == {("ETH", "m.up"): [(0, 3.0)], ("ETH", "m.Down %"): [(0, 4.0)]}


def test_columns_can_be_chosen_and_named(tmp_path: Path) -> None:
    path = written(tmp_path, SEVERAL.replace("Date", "when"))
    assert {*values_of(path, "m", columns={"time": "when", "x": "up"})} == {("BTC", "m"), ("ETH", "m")}
    chosen = values_of(path, "m", columns={"time": "when", "x": "up", "y": "Down %"})
    assert {*chosen} == {(symbol, f"m.{name}") for symbol in ("BTC", "ETH") for name in "xy"}
    assert values_of(path, "m", where={"up": "5"}, columns={"time": "when"}) == {("BTC", "m"): [(1, 6.0)]}


@pytest.mark.parametrize(
    ("text", "row", "column", "says"),
    [
        (ISO.replace("-2", ""), 2, "score", "the value is missing"),
        (ISO.replace("-2", "inf"), 2, "score", "is not a finite number"),
        (ISO.replace("-2", "high"), 2, "score", "'high' is not a number"),
        (ISO.replace("00:01.500", "00:00"), 2, "time", "is there twice"),
        (f"time,score\n{START},1\nlater,2\n", 2, "time", "is no number as the other times are"),
        (f"time,symbol,score\n{START},BTC,1\n{START},,2\n", 2, "symbol", "the symbol is missing"),
        (f"time,symbol,score\n{START},BTC,1\n{START},ETH,2\n{START},BTC,2\n", 3, "time", "is there twice"),
        (f"time\n{START}\n", None, None, "no columns separated"),
        (f"time,symbol\n{START},BTC\n", None, None, "there is no column of values beside the time"),
        (f"score,other\n{START},1\n", None, "time", "there is no such column; the file has score, other"),
        (f"time,a,a\n{START},1,2\n", None, "a", "there are several columns of this title"),
        (f"time,{'a' * 90},b\n{START},1,2\n", None, "a" * 90, "is no name of a feature"),
        (f"{START},1,2\n", None, None, "there is no header line, and 3 columns are not 2"),
    ],
)
def test_damage_is_named_with_row_and_column(
    tmp_path: Path, text: str, row: int | None, column: str | None, says: str
) -> None:
    path = written(tmp_path, text)
    with pytest.raises(FileFormatError) as caught:
        read_feature_file(path, "mood")
    error = caught.value
    assert (error.row, error.column) == (row, column)
    assert says in str(error)


def test_a_symbol_that_a_file_does_not_have_is_named(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="no row has 'SOL'; there are BTC, ETH"):
        read_feature_file(written(tmp_path, SEVERAL), "m", "SOL")
