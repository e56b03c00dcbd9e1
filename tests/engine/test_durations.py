"""Durations as people write them."""

from __future__ import annotations

from datetime import timedelta

import pytest

from engine.durations import duration_name, parse_duration, parse_length

HOUR, DAY = 3_600_000, 86_400_000


@pytest.mark.parametrize(
    ("written", "length"),
    [
        ("180d", 180 * DAY), ("2w", 14 * DAY), ("12h", 12 * HOUR), ("30m", HOUR // 2), (" 30d ", 30 * DAY), ("0d", 0),
        (timedelta(days=3, hours=1), 73 * HOUR), (timedelta(0), 0),
    ],
)  # fmt: skip
def test_they_are_weeks_days_hours_and_minutes(written, length):
    assert parse_duration(written) == length


@pytest.mark.parametrize(
    ("written", "told"),
    [
        ("6mo", "write days, as months and years have no fixed length: 180d"),
        ("6M", "no fixed length: 180d"),
        ("1y", "no fixed length: 365d"),
        ("2 years", "no fixed length: 730d"),
        ("30 days", "write 30d"),
        ("30D", "write 30d"),
        ("1 week", "write 7d"),
        ("1.5d", "write 36h"),
        ("0.25m", "write 1m"),
        ("90min", "write 90m"),
        ("2hours", "write 2h"),
        ("30", "write the unit too: 30d for days"),
        ("soon", "write 180d, 2w, 12h or 30m"),
        ("5q", "write 180d, 2w, 12h or 30m"),
        ("-5d", "write 180d, 2w, 12h or 30m"),
        ("", "write 180d, 2w, 12h or 30m"),
        ("9999999w", "is longer than any data"),
        (30, "30 is no duration"),
        (None, "None is no duration"),
        (timedelta(seconds=5), "no duration of whole minutes"),
        (timedelta(days=-1), "no duration of whole minutes"),
        (timedelta(microseconds=5), "no duration of whole minutes"),
    ],
)
def test_whatever_else_is_refused_with_what_to_write(written, told):
    with pytest.raises(ValueError, match=told):
        parse_duration(written)


@pytest.mark.parametrize("name", ["180d", "0d", "36h", "90m", "14d"])
def test_a_length_is_named_as_it_is_written(name):
    assert duration_name(parse_duration(name)) == name


@pytest.mark.parametrize(
    ("given", "length_ms"),
    [("2h", 7_200_000), ("90s", 90_000), ("500ms", 500), ("1.5m", 90_000), (30, 30_000), (0, 0), (" 1d ", 86_400_000),
     (timedelta(milliseconds=1_500), 1_500)],
)  # fmt: skip
def test_a_length_may_be_short(given, length_ms):
    assert parse_length(given) == length_ms


@pytest.mark.parametrize(
    "given", ["", "2 h", "h", "2x", "-2h", -1, 1.5, True, None, timedelta(seconds=-1), "99999999w"]
)
def test_what_is_no_length_is_refused(given):
    with pytest.raises(ValueError, match=r"duration|below 0|longer than any data"):
        parse_length(given)


def test_a_signed_length_may_be_below_nothing():
    assert (parse_length("-90s", signed=True), parse_length(-2, signed=True)) == (-90_000, -2_000)
