"""The reference on trade prints against the engine, where nothing has to be guessed; and the script on a small case."""

from __future__ import annotations

import random
import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import ROOT

from .tick_truth import Outcome, Plan, Prints, outcome, outcomes, table

START = 1_704_067_200_000
MINUTE = 60_000


def prints_of(minutes: int, seed: int, each: int) -> Prints:
    """Trades of a walk on a grid of 0.05, so many in each minute, of which a tenth has none."""
    chance, price = random.Random(seed), 100.0
    times, prices = [], []
    for minute in range(minutes):
        if chance.random() < 0.9:
            for offset in sorted(chance.sample(range(1, MINUTE), each)):
                price = round(price + chance.choice([-0.1, -0.05, 0.0, 0.05, 0.1]), 2)
                times.append(START + minute * MINUTE + offset)
                prices.append(price)
    return Prints("made up", times, prices, [1.0 + place % 3 for place in range(len(times))])


def plan_of(chance: random.Random, trail: float | None = None) -> Plan:
    side, after = chance.choice(["either", "with", "against"]), chance.choice(["nothing", "turn", "double", "wait"])
    return Plan("1m", 60 * chance.choice([1, 2]), side, after, 0.25, 0.2, 0.15, trail, chance.randrange(2**32))


@pytest.mark.parametrize("trail", [None, 0.2])
def test_where_each_minute_has_one_trade_the_reference_is_the_engine(trail: float | None) -> None:
    chance, exits = random.Random(5), 0
    for seed in range(6):
        prints = prints_of(300, seed, each=1)
        found = outcome(plan_of(chance, trail), prints, prints.market("1m"))
        exits += found.plain[0].total_trades
        assert [each.total_pnl for each in found.plain] == [pytest.approx(found.truth, abs=1e-6)] * 3
        assert found.plain[0].ambiguous_klines == 0
    assert exits > 100


def test_fixed_exits_in_ambiguous_klines_lie_within_and_drill_down_comes_nearer() -> None:
    chance, ambiguous, nearer = random.Random(7), 0, []
    for seed in range(5):
        prints = prints_of(400, seed, each=30)
        found = outcome(plan_of(chance), prints, prints.market("1m"))
        ambiguous += found.plain[0].ambiguous_klines
        assert found.holds(found.plain), found.plan
        assert found.holds(found.drilled), found.plan
        nearer.append(width(found, drilled=True) <= width(found))
    assert ambiguous > 50
    assert all(nearer)


def width(found: Outcome, drilled: bool = False) -> float:
    amounts = [each.total_pnl for each in (found.drilled if drilled else found.plain)]
    return max(amounts) - min(amounts)


def test_what_lies_outside_is_counted_and_told() -> None:
    found = list(outcomes([prints_of(240, 3, each=12)], 12, seed=2))
    assert {each.plan.trails for each in found} == {True, False}
    lines = list(table(found))
    assert lines[2].startswith("| all | 12 | ")
    outside = [each for each in found if not each.holds(each.plain)]
    assert any(line.startswith(f"outside: {len(outside)};") for line in lines) == bool(outside)
    assert f"| {100.0 * (12 - len(outside)) / 12:.1f} % |" in lines[2]


def test_the_script_takes_files_and_says_what_it_misses(tmp_path: Path) -> None:
    prints = prints_of(60, 1, each=6)
    lines = [
        "timestamp_ms,price,qty",
        *(",".join(map(str, row)) for row in zip(prints.times, prints.prices, prints.sizes, strict=True)),
    ]
    (tmp_path / "prints.csv").write_text("\n".join(lines))
    command = [sys.executable, "-m", "tests.benchmarks.tick_truth"]
    done = subprocess.run(
        [*command, tmp_path / "prints.csv", "--programs", "2"], cwd=ROOT, capture_output=True, text=True
    )
    assert (done.returncode, done.stdout.splitlines()[2].split(" | ")[:2]) == (0, ["| all", "2"])
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, env={"PATH": "", "PERPSIM_PRINTS": ""})
    assert "set PERPSIM_PRINTS" in done.stderr
