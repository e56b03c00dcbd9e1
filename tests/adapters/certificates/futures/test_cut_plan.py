"""Where runs are cut: every kind is there, spread over the run, and the same for the same seed."""

from __future__ import annotations

from collections import Counter

from adapters.certificates.futures.cut_plan import CutGround, CutKind, moment_text, planned_cuts

START, MINUTE, HOUR, DAY = 1_704_067_200_000, 60_000, 3_600_000, 86_400_000
DECIDED = [START + n * 5 * HOUR + 3 * MINUTE for n in range(1, 100)]
GROUND = CutGround(START, START + 30 * DAY, MINUTE, DECIDED)


def of_kind(kind, count=40, ground=GROUND, seed=0):
    return [each.at_ms for each in planned_cuts(ground, count, seed) if each.kind is kind]


def test_kinds_are_shared_out():
    assert Counter(each.kind for each in planned_cuts(GROUND, 20, 0)) == {
        CutKind.DECISION: 8, CutKind.KLINE: 4, CutKind.BOUNDARY: 4, CutKind.RANDOM: 2, CutKind.STORED: 2,
    }  # fmt: skip
    assert {each.kind for each in planned_cuts(GROUND, 5, 0)} == set(CutKind)
    assert [each.number for each in planned_cuts(GROUND, 7, 0)] == [1, 2, 3, 4, 5, 6, 7]


def test_each_kind_lies_where_it_is_said_to():
    assert set(of_kind(CutKind.DECISION)) <= set(DECIDED)
    assert set(of_kind(CutKind.STORED)) <= {each for each in DECIDED if each <= START + 7.5 * DAY}
    inside = of_kind(CutKind.KLINE)
    assert all(each % MINUTE for each in inside)
    assert all(each // MINUTE * MINUTE in DECIDED for each in inside)
    boundaries = of_kind(CutKind.BOUNDARY)
    assert {each % (5 * MINUTE) for each in boundaries} == {0, 5 * MINUTE - 1}
    assert all(START <= each < START + 30 * DAY for each in of_kind(CutKind.RANDOM))


def test_decisions_are_taken_from_every_part_of_the_run():
    times = of_kind(CutKind.DECISION, 25)
    assert len(times) == 9
    assert len({DECIDED.index(each) * 10 // len(DECIDED) for each in times}) >= 7


def test_the_seed_decides():
    assert planned_cuts(GROUND, 24, 5) == planned_cuts(GROUND, 24, 5)
    assert planned_cuts(GROUND, 24, 5) != planned_cuts(GROUND, 24, 6)
    assert len({each.seed for each in planned_cuts(GROUND, 24, 5)}) == 24


def test_a_run_without_decisions_and_a_short_one_are_cut_too():
    quiet = CutGround(START, START + 30 * DAY, MINUTE, [])
    for ground in (quiet, CutGround(START, START + 3 * MINUTE, MINUTE, [START + MINUTE])):
        cuts = planned_cuts(ground, 24, 0)
        assert len(cuts) == 24
        assert all(ground.start_ms <= each.at_ms < ground.end_ms for each in cuts)


def test_a_cut_in_words():
    cut = planned_cuts(GROUND, 4, 0)[3]
    assert cut.text == f"cut 4, in the middle of a kline, {moment_text(cut.at_ms)}"
    assert moment_text(START + 60_007) == "2024-01-01 00:01:00 UTC + 7 ms"
