"""The scenarios print what they printed before.

After a wanted change: python -m scenarios.NAME > tests/golden/NAME.txt, and look at the difference.
"""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import ROOT

GOLDEN = ROOT / "tests" / "golden"
NAMES = sorted(path.stem for path in (ROOT / "scenarios").glob("[a-z]*.py"))


#: What is left of 10,000 USD on a month of real klines.
REAL = {
    "breakout": "9,335.37",
    "grid": "10,151.68",
    "ladder": "10,088.49",
    "market_maker": "9,877.37",
    "own_fills": "9,590.27",
    "pairs": "9,919.56",
}


def scenario(name: str, *arguments: str) -> str:
    command = [sys.executable, "-m", f"scenarios.{name}", *arguments]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, timeout=120, check=False)
    assert done.returncode == 0, done.stderr.decode()
    assert done.stderr == b""
    return done.stdout.decode()


@pytest.mark.parametrize("name", NAMES)
def test_a_scenario_prints_what_it_printed_before(name: str, tmp_path: Path) -> None:
    arguments = ("--directory", str(tmp_path)) if name == "quickstart" else ()
    assert scenario(name, *arguments) == (GOLDEN / f"{name}.txt").read_text("utf-8")
    if name == "quickstart":
        assert (tmp_path / "quickstart.png").read_bytes().startswith(b"\x89PNG")
        assert (tmp_path / "market.db").exists()


@pytest.mark.parametrize("name", NAMES)
def test_a_scenario_explains_itself(name: str) -> None:
    assert scenario(name, "--help").startswith(f"Usage: python -m scenarios.{name} ")


def test_every_golden_file_belongs_to_a_scenario() -> None:
    assert sorted(path.stem for path in GOLDEN.glob("*.txt")) == NAMES


@pytest.mark.parametrize("name", REAL)
def test_a_scenario_of_orders_runs_on_real_klines(name: str, shared_data: Path, tmp_path: Path) -> None:
    files = [shared_data / f"binance_um_{symbol}USDT_1m_2023_07_08.parquet" for symbol in ("BTC", "ETH")]
    given = [word for file in files[: 1 + (name == "pairs")] for word in ("--klines", str(file))]
    picture = tmp_path / "equity.png"
    printed = scenario(name, *given, "--plot", str(picture))
    assert re.search(r"final equity +([\d,.]+)", printed)[1] == REAL[name]  # type: ignore[index]
    assert picture.read_bytes().startswith(b"\x89PNG")


@pytest.mark.parametrize(
    ("given", "says"),
    [
        (1, "--klines is needed 2 times: for BTC, ETH"),
        (2, "the files have no range in common that is longer than 5 days"),
    ],
)
def test_klines_that_do_not_suffice_are_refused_in_one_sentence(given: int, says: str, tmp_path: Path) -> None:
    file = tmp_path / "short.csv"
    rows = [f"{1_704_067_200_000 + 60_000 * minute},100,101,99,100,1\n" for minute in range(120)]
    file.write_text("timestamp,open,high,low,close,volume\n" + "".join(rows))
    command = [sys.executable, "-m", "scenarios.pairs", *["--klines", str(file)] * given]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, timeout=120, check=False)
    assert (done.returncode, says in done.stderr.decode()) == (2, True)


def test_the_quickstart_needs_no_picture(tmp_path: Path) -> None:
    code = "import sys; sys.modules['matplotlib'] = None; from scenarios.quickstart import main; main()"
    command = [sys.executable, "-c", code, "--directory", str(tmp_path)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, timeout=120, check=False, text=True)
    assert done.returncode == 0, done.stderr
    assert done.stderr == "no picture: pictures need matplotlib: pip install 'perpsim[plot]'\n"
    assert "net PnL" in done.stdout
    assert not (tmp_path / "quickstart.png").exists()
