"""Files of mark prices."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from adapters import read_mark_file
from engine.errors import FileFormatError
from tests.support.kline_text import lines, text
from tests.support.klines import random_klines


def test_mark_prices_are_known_at_the_close(tmp_path: Path) -> None:
    klines = random_klines(5)
    header = "open_time,open,high,low,close"
    (tmp_path / "mark.csv").write_text(text([line.rsplit(",", 1)[0] for line in lines(klines)], header))
    (rows,) = read_mark_file(tmp_path / "mark.csv").rows
    assert (rows.times_ms - klines.open_ms).tolist() == [60_000] * 5
    np.testing.assert_array_equal(rows.columns["mark_price"], klines.close)


def test_mark_prices_far_apart_are_refused(tmp_path: Path) -> None:
    (tmp_path / "mark.csv").write_text(text(lines(random_klines(5, period="1h"))))
    with pytest.raises(FileFormatError, match="these are 1h klines; a mark price counts for a minute"):
        read_mark_file(tmp_path / "mark.csv")
