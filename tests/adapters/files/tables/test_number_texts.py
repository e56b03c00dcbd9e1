"""Numbers with separators of thousands, decimal commas and signs of currencies."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from adapters import read_kline_file
from adapters.files import ReadOptions
from engine.errors import FileFormatError
from tests.adapters.files.conftest import Write
from tests.support.klines import START_MS

HEADER = "time{0}open{0}high{0}low{0}close{0}volume"
PRICES = [(41_234.5, 41_300.25, 41_200.0, 41_250.75), (41_250.75, 43_000.0, 40_999.5, 42_999.25)]
VOLUMES = [1_234_567.5, 0.25]


def swapped(text: str) -> str:
    return text.translate(str.maketrans(",.", ".,"))


def american(value: float) -> str:
    return f"{value:,.2f}"


def table(write: Write, form: Callable[[float], str], volume: Callable[[float], str], separator: str = ";") -> object:
    rows = [
        separator.join([str(START_MS + place * 60_000), *map(form, prices), volume(amount)])
        for place, (prices, amount) in enumerate(zip(PRICES, VOLUMES, strict=True))
    ]
    return write(HEADER.format(separator), *rows)


@pytest.mark.parametrize(
    ("form", "volume", "separator", "remark"),
    [
        (american, american, ";", "separators of thousands"),
        (lambda v: f'"{v:,.2f}"', str, ",", "separators of thousands"),
        (lambda v: f'"{v:,.2f}"', lambda v: f'"{v:,.2f}"', ",", "separators of thousands"),
        (lambda v: f'"${v:,.2f}"', str, ",", "separators of thousands"),
        (lambda v: swapped(american(v)), lambda v: swapped(str(v)), ";", "a decimal comma"),
        (lambda v: swapped(american(v)), lambda v: swapped(american(v)), "\t", "a decimal comma"),
        (lambda v: swapped(str(v)), str, ";", "a decimal comma"),  # an amount with a decimal point beside
        (lambda v: f'"{swapped(str(v))}"', lambda v: f'"{swapped(str(v))}"', ",", "a decimal comma"),
        (lambda v: f'"{v}"', lambda v: f'"{v}"', ",", None),
        (lambda v: f"${v}", str, ",", "separators of thousands"),
        (lambda v: american(v).replace(",", "'"), str, ",", "separators of thousands"),
        (lambda v: american(v).replace(",", "\u2019"), american, ";", "separators of thousands"),
        (
            lambda v: f"{american(v)} ".translate(str.maketrans(",.", "\u202f,")),
            lambda v: swapped(str(v)),
            ";",
            "a decimal comma",
        ),
    ],
)
def test_numbers_are_read_as_they_are_written(
    write: Write, form: Callable[[float], str], volume: Callable[[float], str], separator: str, remark: str | None
) -> None:
    file = read_kline_file(table(write, form, volume, separator), "1m")  # type: ignore[arg-type]
    got = zip(*(getattr(file.klines, name).tolist() for name in ("open", "high", "low", "close")), strict=True)
    assert [*got] == PRICES
    assert file.klines.volume.tolist() == VOLUMES
    assert file.remarks == (() if remark is None else (f"the numbers are written with {remark}",))


def test_a_point_is_a_separator_of_thousands_where_another_number_has_a_decimal_comma(write: Write) -> None:
    whole = {1_234_567.5: "1.234.567,5", 0.25: "2.500"}
    path = table(write, lambda v: swapped(american(v)), whole.__getitem__)
    assert read_kline_file(path, "1m").klines.volume.tolist() == [1_234_567.5, 2_500.0]  # type: ignore[arg-type]


@pytest.mark.parametrize(("decimal", "factor"), [("point", 1_000.0), ("comma", 1.0)])
def test_a_comma_that_may_be_either_must_be_said(write: Write, decimal: str, factor: float) -> None:
    rows = [f'{START_MS + place * 60_000},"41,100","41,300","41,000","41,200",1' for place in range(3)]
    path = write(HEADER.format(","), *rows)
    with pytest.raises(
        FileFormatError, match=r"column open: the comma in '41,100' may stand before .* --decimal point"
    ):
        read_kline_file(path)
    file = read_kline_file(path, options=ReadOptions(decimal=decimal))
    assert file.klines.high.tolist() == [41.3 * factor] * 3


@pytest.mark.parametrize("wrong", ["1,23,456", "1.5.2", "12,34.5", "$", "1.2K"])
def test_what_is_no_number_among_such_ones_is_refused_with_its_row(write: Write, wrong: str) -> None:
    rows = [f"{START_MS + place * 60_000};100,5;101,5;99,5;100,5;{1 + place},5" for place in range(9)]
    rows[4] = rows[4].replace("101,5", wrong)
    with pytest.raises(FileFormatError, match=r"row 5, column high: .*is not a number"):
        read_kline_file(write(HEADER.format(";"), *rows))


@pytest.mark.parametrize(("decimal", "factor"), [("point", 1.0), ("comma", 1_000.0)])
def test_a_point_that_may_stand_behind_thousands_must_be_told(write: Write, decimal: str, factor: float) -> None:
    rows = [f"{START_MS + place * 60_000};41.100;41.300;41.000;41.200;{place}" for place in range(3)]
    with pytest.raises(FileFormatError, match=r"the point in '41.100' may stand before .* --decimal point or comma"):
        read_kline_file(write(HEADER.format(";"), *rows))
    path = write(HEADER.format(";"), *rows)
    assert read_kline_file(path, options=ReadOptions(decimal=decimal)).klines.high.tolist() == [41.3 * factor] * 3
    rows[1] = rows[1].replace("41.200", "41.2001")  # which has a point before decimals
    assert read_kline_file(write(HEADER.format(";"), *rows)).klines.high.tolist() == [41.3] * 3
