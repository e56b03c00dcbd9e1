"""When faults happen in a run, and how strong they are."""

from __future__ import annotations

import pytest

from engine.faults import KINDS, Fault, plans_of
from tests.support.runs import DAY, HOUR, MINUTE, START

END = START + 10 * DAY


def plan(kind="outage", start_ms=START, end_ms=END, **given):
    (found,) = plans_of([Fault(kind, given)], ["X", "Y"], start_ms, end_ms)
    return found


def hours(kind="outage", **given):
    return [((start - START) / HOUR, (end - START) / HOUR) for start, end in plan(kind, **given).spans]


def test_once_from_a_time_on():
    assert hours(start=START + HOUR, duration="2h") == [(1, 3)]


def test_from_the_start_of_the_run_for_as_long_as_its_kind_says():
    assert hours() == [(0, 1)]
    assert hours("rejects") == [(0, pytest.approx(240))]
    assert plan("rejects").spans[0].end_ms > END


def test_again_and_again():
    assert hours(every="1d", times=3, duration="30m") == [(0, 0.5), (24, 24.5), (48, 48.5)]
    assert len(hours(every="1d", duration="30m")) == 10
    assert hours(start=START - 36 * HOUR, every="1d", duration="30m")[0] == (12, 12.5)
    assert hours(start=START - 36 * HOUR, every="1d", duration="14h")[0] == (0, 2)


def test_a_span_of_no_length_at_an_edge_of_the_run_is_none():
    assert hours(start=START - HOUR, duration="1h") == []
    assert hours(start=START + 10 * DAY, duration="1h") == []
    assert hours("rejects", start=START + 10 * DAY) == []
    assert hours("flash_crash", every="5d", duration="10m") == [
        (0, pytest.approx(1 / 6)),
        (120, pytest.approx(120 + 1 / 6)),
    ]
    assert hours("restart", start=[START, START + 10 * DAY]) == [(0, 0), (240, 240)]  # an instant has no length


def test_at_several_times():
    assert hours(start=[START + 5 * HOUR, START + 2 * HOUR], duration="1h") == [(2, 3), (5, 6)]


def test_what_overlaps_is_one():
    assert hours(start=[START, START + HOUR, START + 5 * HOUR], duration="90m") == [(0, 2.5), (5, 6.5)]


@pytest.mark.parametrize("rate", [0.5, 5.0, 50.0])
def test_by_chance_as_often_as_the_rate_says_and_the_same_each_time(rate):
    spans = [plan(rate_per_day=rate, duration="1m", seed=seed, end_ms=START + 100 * DAY).spans for seed in range(5)]
    again = plan(rate_per_day=rate, duration="1m", seed=3, end_ms=START + 100 * DAY).spans
    assert spans[3] == again
    assert len(set(spans)) == 5
    assert sum(map(len, spans)) / 500 == pytest.approx(rate, rel=0.2)
    assert all(START <= start < end for each in spans for start, end in each)


def test_two_of_one_kind_have_names_and_a_chance_of_their_own():
    one, other = plans_of([Fault("outage", {"rate_per_day": 5.0})] * 2, ["X"], START, END)
    assert (one.name, other.name) == ("outage", "outage 2")
    assert one.spans != other.spans


@pytest.mark.parametrize("kind", KINDS)
def test_of_no_intensity_it_has_no_span(kind):
    assert plan(kind, intensity=0.0).spans == ()
    assert plan(kind, rate_per_day=0.0, duration="1h").spans == ()
    assert plan(kind, every="1h", times=0, duration="1m").spans == ()


@pytest.mark.parametrize(
    ("kind", "given"), [("rejects", {"percent": 0}), ("latency", {"delay": 0}), ("clock_skew", {"skew": "0s"}),
                        ("outage", {"duration": 0}), ("rejects", {"duration": "0m"})]
)  # fmt: skip
def test_of_no_size_neither(kind, given):
    assert plan(kind, **given).spans == ()


def test_intensity_multiplies_the_figure_or_the_duration():
    assert plan("rejects", percent=20.0, intensity=2.5).amount == 50.0
    assert plan("latency", delay="2s", intensity=2.5).amount == 5_000
    assert plan("clock_skew", skew="-2s", intensity=0.5).amount == -1_000
    assert plan("partial_volume", percent=1.0, intensity=0.5).amount == 2.0
    assert hours("outage", duration="2h", intensity=0.25) == [(0, 0.5)]


def test_the_symbols_are_all_unless_they_are_named():
    assert plan("spread").symbols == ("X", "Y")
    assert plan("spread", symbols=["Y"]).symbols == ("Y",)


def test_what_the_run_does_not_hold_is_left_out():
    assert hours(start=START - 5 * HOUR, duration="2h") == []
    assert hours(start=END + HOUR, duration="2h") == []
    assert hours(start=START - HOUR, duration="2h") == [(0, 1)]
    assert plan(start=START - HOUR, duration="1h").spans == ()


def test_an_instant_at_the_start_and_at_the_end_counts():
    assert [len(plan("restart", start=at).spans) for at in (START - MINUTE, START, END, END + 1)] == [0, 1, 1, 0]
