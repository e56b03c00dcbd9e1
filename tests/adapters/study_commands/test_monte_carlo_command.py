"""``perpsim monte-carlo``: of stored results and of configurations, and what it refuses."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest

from adapters import create_database, load_market, open_database, read_config_file
from adapters.results import ResultStore
from engine import BacktestConfig
from processes import ProgramBacktestEngine
from tests.support.command_files import fill_market, write_run
from tests.support.commands import perpsim
from tests.support.databases import raw_database
from tests.support.noise_runs import Turns
from tests.support.platform_results import add_platform_run, add_platform_tables


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A market, a program, and its stored result, which is number 1; number 2 is one of a class."""
    made = tmp_path_factory.mktemp("monte-carlo")
    path = write_run(made)
    url = f"sqlite:///{made / 'market.db'}"
    create_database(open_database(url, create=True))
    fill_market(url)
    done = perpsim("run", path, "--database", url, "--trust", "--save", "--quiet")
    assert done.exit_code == 0, done.output
    config = read_config_file(path).config
    market = load_market(open_database(url), config)
    fields = {name: value for name, value in config.to_dict().items() if name not in ("code", "strategy")}
    of_class = BacktestConfig.from_dict({**fields, "strategy": Turns})
    with ResultStore(open_database(url)).saving(of_class) as saved:
        saved.complete(ProgramBacktestEngine(market).run(of_class, prepare=saved.watch))
    return made


def asked(folder: Path, target: object, *words: object, workers: int = 1) -> tuple[int, str, str]:
    done = perpsim(
        "monte-carlo", target, "--workers", workers, "--database", f"sqlite:///{folder / 'market.db'}", *words
    )
    return done.exit_code, done.stdout, done.stderr


def test_the_trades_of_a_stored_result_are_those_of_its_configuration(folder: Path) -> None:
    status, of_stored, _ = asked(folder, 1, "--trades", 500)
    assert status == 0
    assert of_stored.startswith("Monte Carlo of 39 closed trades, 500 paths, seed 0\n")
    assert asked(folder, folder / "run.toml", "--trades", 500) == (0, of_stored, "")
    assert asked(folder, 1, "--trades", 500, "--seed", 1)[1] != of_stored


@pytest.mark.parametrize("words", [("--klines", 3, "--mean-block", "30m"), ("--start-shift", 3), ("--costs",)])
def test_runs_of_a_stored_result_are_those_of_its_configuration(
    folder: Path, tmp_path: Path, words: tuple[object, ...]
) -> None:
    stored, given = (tmp_path / name for name in ("stored.json", "given.json"))
    status, shown, _ = asked(folder, 1, *words, "--trust", "--json", stored, "--csv", tmp_path / "runs.csv")
    assert status == 0, shown
    assert asked(folder, folder / "run.toml", *words, "--trust", "--json", given)[1] == shown
    assert stored.read_bytes() == given.read_bytes()
    entry = json.loads(stored.read_text())
    assert entry["remarks"] == []
    assert (tmp_path / "runs.csv").read_text().count("\n") == len(entry["rows"]) + 1


@pytest.mark.parametrize("words", [("--klines", 4), ("--start-shift", 4), ("--costs",), ("--trades", 100)])
def test_the_number_of_workers_changes_no_byte(folder: Path, tmp_path: Path, words: tuple[object, ...]) -> None:
    files = [tmp_path / f"{workers}.json" for workers in (1, 2)]
    for workers, path in enumerate(files, 1):
        assert asked(folder, folder / "run.toml", *words, "--trust", "--json", path, workers=workers)[0] == 0
    assert files[0].read_bytes() == files[1].read_bytes()


def test_a_jailed_program_does_on_drawn_markets_what_a_trusted_one_does(folder: Path, tmp_path: Path) -> None:
    files = [tmp_path / name for name in ("jailed.json", "trusted.json")]
    for words, path in zip(((), ("--trust",)), files, strict=True):
        assert asked(folder, 1, "--klines", 3, "--json", path, *words)[0] == 0
    assert files[0].read_bytes() == files[1].read_bytes()


def test_a_later_start_is_the_run_that_begins_then(folder: Path, tmp_path: Path) -> None:
    shifts, run = tmp_path / "shifts.json", tmp_path / "run.json"
    assert asked(folder, 1, "--start-shift", 3, "--json", shifts)[0] == 0
    words = ("--set", "start_time=2024-01-01T02:45:00Z", "--trust", "--quiet", "--json", run)
    assert perpsim("run", folder / "run.toml", "--database", f"sqlite:///{folder / 'market.db'}", *words).exit_code == 0
    row, result = json.loads(shifts.read_text())["rows"][3], json.loads(run.read_text())
    assert row["shift_ms"] == 2_700_000
    assert {name: result[name] for name in row if name in result and name != "error"} == {
        name: value for name, value in row.items() if name in result and name != "error"
    }
    assert row["total_pnl"] == result["total_pnl"]


def test_one_file_may_go_to_standard_output_and_the_table_then_does_not(folder: Path) -> None:
    status, out, err = asked(folder, 1, "--trades", 20, "--json", "-")
    assert status == 0
    assert json.loads(out)["paths"] == 20
    assert "Monte Carlo of" in err
    status, out, err = asked(folder, 1, "--trades", 20, "--csv", "-", "--quiet")
    assert out.startswith("path,order_max_drawdown,")
    assert err == ""
    status, _, err = asked(folder, 1, "--trades", 20, "--csv", "-", "--json", "-")
    assert status == 2


def test_a_picture_is_drawn(folder: Path, tmp_path: Path) -> None:
    for words in (("--trades", 50), ("--klines", 2), ("--start-shift", 2), ("--costs",)):
        path, page = tmp_path / f"{words[0]}.png", tmp_path / f"{words[0]}.html"
        assert asked(folder, 1, *words, "--trust", "--plot", path, "--report", page)[0] == 0
        assert path.read_bytes().startswith(b"\x89PNG")
        assert page.read_text("utf-8").startswith("<!doctype html>")


def test_a_page_and_an_svg_need_no_matplotlib(folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    path = tmp_path / "trades.svg"
    assert asked(folder, 1, "--trades", 50, "--plot", path)[0] == 0
    assert path.read_text("utf-8").startswith("<svg ")
    status, out, err = asked(folder, 1, "--trades", 50, "--report", "-")
    assert (status, out.count("</html>"), "Monte Carlo of" in err) == (0, 1, True)
    status, _, err = asked(folder, 1, "--trades", 50, "--report", "-", "--csv", "-")
    assert status == 2


def test_a_market_that_has_changed_is_told(folder: Path, tmp_path: Path) -> None:
    other = f"sqlite:///{tmp_path / 'other.db'}"
    fill_market(other)
    with open_database(other).writing() as connection:
        connection.exec_driver_sql("update crypto_klines set close_price = close_price * 1.001, high_price = "
                                   "high_price * 1.002 where timestamp % 120 = 0")  # fmt: skip
    done = perpsim(
        "monte-carlo", 1, "--start-shift", 1, "--database", other, "--results", f"sqlite:///{folder / 'market.db'}"
    )
    assert done.exit_code == 0, done.output
    assert "result 1 is not what its run gives now (final_equity " in done.stdout


def test_a_market_that_is_no_longer_there_is_told(folder: Path, tmp_path: Path) -> None:
    empty = f"sqlite:///{tmp_path / 'empty.db'}"
    create_database(open_database(empty, create=True))
    words = ("--database", empty, "--results", f"sqlite:///{folder / 'market.db'}")
    done = perpsim("monte-carlo", 1, "--klines", 1, *words)
    assert done.exit_code == 1
    assert "holds no klines of BTC" in done.stderr
    assert perpsim("monte-carlo", 1, "--trades", 9, *words).exit_code == 0  # trades need no market


@pytest.mark.parametrize(
    ("target", "words", "status", "text"),
    [
        (99, ("--trades", 5), 1, "has no result 99; stored: 1 to 2"),
        (2, ("--klines", 5), 1, "result 2 is of the class Turns, of which no source text is kept"),
        (10**22, ("--trades", 5), 2, "10000000000000000000000 is not in the range"),
        (1, (), 2, "give one of trades, klines, start_shift and costs: none is there"),
        (1, ("--trades", 5, "--costs"), 2, "trades and costs are there"),
        (1, ("--trades", 0), 2, "trades: 0 is no whole number from 1 on"),
        (1, ("--klines", 0), 2, "klines: 0 is no whole number from 1 on"),
        (1, ("--start-shift", -1), 2, "start_shift: -1 is no whole number from 1 on"),
        (1, ("--trades", 10**11), 2, "trades: 100,000,000,000 are too many: at most 1,000,000 can be"),
        (1, ("--klines", 10**6), 2, "klines: 1,000,000 are too many: at most 100,000 can be"),
        (1, ("--trades", 5, "--seed", -1), 2, "seed: -1 is no whole number from 0 on"),
        (1, ("--costs", "--mean-block", "1d"), 2, "there are blocks with klines only"),
        (1, ("--klines", 2, "--mean-block", "soon"), 2, "'soon' is no duration: write 180d, 2w, 12h or 30m"),
        (1, ("--klines", 2, "--mean-block", "1.5h"), 2, "'1.5h' is no duration: write 90m"),
        (1, ("--klines", 2, "--mean-block", "0d"), 2, "mean_block: a block of no length holds nothing"),
        (
            1,
            ("--klines", 2, "--mean-block", "2d"),
            1,
            "blocks of 2.0 days in a range of 10h 0m leave the market as it "
            "was: give at most 5h, of which it takes two",
        ),
        (1, ("--klines", 2, "--mean-block", "301m"), 1, "give at most 5h"),
        (1, ("--trades", 5, "--set", "fee_rate=1"), 2, "--set and --profile are of a file"),
        (1, ("--start-shift", 4000), 1, "give at most 39"),
        (1, ("--trades", 5, "--plot", "x.gif"), 2, "must end in .png, .svg, .pdf"),
        ("absent.toml", ("--trades", 5), 2, "absent.toml is neither the id of a stored result nor a file"),
    ],
)
def test_what_cannot_be_done_is_told(
    folder: Path, target: object, words: tuple[object, ...], status: int, text: str
) -> None:
    done, _, err = asked(folder, target, *words)
    assert (done, text in " ".join(err.split())) == (status, True), err


def test_a_run_without_trades_has_nothing_to_put_in_order(folder: Path, tmp_path: Path) -> None:
    path = write_run(tmp_path, "class Idle:\n    def should_trade(self, data):\n        return None\n")
    for words, text in ((("--trades", 5), "no closed trades"), (("--costs",), "no fills")):
        status, _, err = asked(folder, path, *words)
        assert status == 1
        assert text in err


def test_a_program_that_fails_is_told_once(folder: Path, tmp_path: Path) -> None:
    path = write_run(tmp_path, "class Broken:\n    def should_trade(self, data):\n        return 1 / 0\n")
    for words in (("--trades", 5), ("--klines", 2), ("--start-shift", 2), ("--costs",)):
        status, _, err = asked(folder, path, *words)
        assert status == 1
        assert err.count("fails: ") == 1
        assert "ZeroDivisionError" in err


def test_a_run_of_the_platform_has_neither_trades_nor_its_program(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'platform.db'}"
    with raw_database(url) as raw:
        add_platform_tables(raw, url)
        add_platform_run(raw)
    for words, text in (
        (("--trades", 5), "of result 1 no trades are stored"),
        (("--klines", 5), "result 1 is of a program that is not kept: give a CONFIG.toml"),
    ):
        done = perpsim("monte-carlo", 1, "--database", url, *words)
        assert done.exit_code == 1
        assert text in done.stderr
