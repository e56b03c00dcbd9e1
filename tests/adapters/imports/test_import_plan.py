from __future__ import annotations

from pathlib import Path

import pytest

from adapters.imports import ImportGroup, plan_import
from engine import DataError


def made(folder: Path, *names: str) -> Path:
    for name in names:
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("x")
    return folder


def described(groups: tuple[ImportGroup, ...]) -> list[tuple[str, list[str]]]:
    return [(str(group), [Path(path).name for path in group.paths]) for group in groups]


def test_a_folder_falls_into_groups_in_order_of_time(tmp_path: Path) -> None:
    folder = made(
        tmp_path,
        "k/BTCUSDT-1m-2023-05.zip",
        "k/BTCUSDT-1m-2023-04.zip",
        "k/BTCUSDT-1h-2023-04.zip",
        "k/BTCUSDT-1m-2023-04.zip.CHECKSUM",
        "t/ETHUSDT-aggTrades-2023-04-10.zip",
        "t/ETHUSDT-aggTrades-2023-04-09.zip",
        "t/ETHUSDT-bookDepth-2023-04-09.zip",
        "__MACOSX/ETHUSDT-aggTrades-2023-04-11.zip",
        "README.txt",
        "notes.md",
    )
    plan = plan_import([str(folder)])
    assert described(plan.groups) == [
        ("BTC 1h klines", ["BTCUSDT-1h-2023-04.zip"]),
        ("BTC 1m klines", ["BTCUSDT-1m-2023-04.zip", "BTCUSDT-1m-2023-05.zip"]),
        ("ETH trades", ["ETHUSDT-aggTrades-2023-04-09.zip", "ETHUSDT-aggTrades-2023-04-10.zip"]),
    ]
    assert "BTCUSDT is stored as BTC, the name for programs; --rename gives it another name" in plan.remarks
    assert "left out: order book depth (1 file)" in plan.remarks
    assert any("names that tell no symbol" in remark for remark in plan.remarks)


def test_what_is_given_counts_whatever_names_tell(tmp_path: Path) -> None:
    folder = made(tmp_path, "BTCUSDT-5m-2023-04.zip")
    (group,) = plan_import([str(folder)], "XBT", "mark", "1m").groups
    assert (group.symbol, group.kind, group.period) == ("XBT", "mark", "1m")
    (group,) = plan_import([str(folder)], renames={"BTCUSDT": "Bitcoin"}).groups
    assert group.symbol == "Bitcoin"


def test_without_dates_files_keep_the_order_in_which_they_are_given() -> None:
    (group,) = plan_import(["b.csv", "a.csv"], "BTC", "trades").groups
    assert group.paths == ("b.csv", "a.csv")


def test_days_are_left_out_where_their_month_is_there() -> None:
    names = ["BTCUSDT-1m-2023-04-30.zip", "BTCUSDT-1m-2023-05-01.zip", "BTCUSDT-1m-2023-04.zip"]
    plan = plan_import(names)
    assert plan.groups[0].paths == (names[2], names[1])
    assert "left out: 1 files of days whose month is there" in plan.remarks


@pytest.mark.parametrize(
    ("names", "symbol", "problem"),
    [
        (["BTCUSDT-1m-2023-04.zip", "BTCUSDC-1m-2023-04.zip"], None, "--rename BTCUSDT=BTCUSDT stores BTCUSDT under"),
        (["BTCUSDT-1m-2023-04.zip", "ETHUSDT-1m-2023-04.zip"], "BTC", "leave --symbol out"),
        (
            ["spot/BTCUSDT-1m-2023-04.zip", "um/BTCUSDT-1m-2023-05.zip"],
            None,
            "the files of BTC are from spot and um: name",
        ),
        (["data.csv"], None, "its name does not tell the symbol: say it with --symbol"),
        (["BTCUSDT-liquidationSnapshot-2023-04-05.zip"], None, "holds liquidations, which no table has a place for"),
        (["BTCUSDT-trades-2023-04-05.zip", "BTCUSDT-aggTrades-2023-04-05.zip"], None, "are trades of the same time"),
    ],
)
def test_what_would_be_mixed_or_guessed_is_refused(names: list[str], symbol: str | None, problem: str) -> None:
    with pytest.raises(DataError, match=problem):
        plan_import(names, symbol)


def test_a_folder_without_data_is_refused(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"there is nothing to import in .*: no file ends in .csv"):
        plan_import([str(made(tmp_path, "notes.md"))])


def test_a_new_name_for_a_market_that_is_not_there_is_refused() -> None:
    names = ["BTCUSDT-1m-2023-04.zip", "ETHUSDT-1m-2023-04.zip"]
    with pytest.raises(DataError, match=r"--rename BTCUSDC=X: no file is of 'BTCUSDC'; there are BTCUSDT, ETHUSDT"):
        plan_import(names, renames={"BTCUSDC": "X"})
    assert [group.symbol for group in plan_import(names, renames={"BTCUSDT": "X"}).groups] == ["ETH", "X"]
