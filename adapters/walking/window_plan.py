"""Which windows a walk-forward goes through: where parameters are chosen, and where they are tested."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

from engine import ConfigurationError, utc_text
from engine.durations import duration_name
from engine.plain_values import counted

#: More windows than anybody reads: a slip of a step would make millions.
MOST_WINDOWS = 10_000


class Window(NamedTuple):
    """Parameters are chosen by runs from `train_from_ms` to `train_to_ms` and tested from `test_from_ms` to
    `test_to_ms` (epoch ms).
    """

    number: int
    train_from_ms: int
    train_to_ms: int
    test_from_ms: int
    test_to_ms: int


@dataclass(frozen=True, slots=True)
class WalkScheme:
    """How long training and test are, in ms, and by how much a window is later than the one before (None: as long as
    a test); `is_anchored` has all trainings begin at the start, and grow.

    The last `purge_ms` before a test are left out of its training. A training that would begin less than `embargo_ms`
    after the end of an earlier test begins then.
    """

    train_ms: int
    test_ms: int
    step_ms: int | None = None
    purge_ms: int = 0
    embargo_ms: int = 0
    is_anchored: bool = False

    @property
    def stride_ms(self) -> int:
        """By how much a window is later than the one before."""
        return self.test_ms if self.step_ms is None else self.step_ms

    def problems(self) -> Iterator[str]:
        """Give what is wrong with it, whatever the data."""
        for name, length_ms in (("train", self.train_ms), ("test", self.test_ms), ("step", self.step_ms)):
            if length_ms == 0:
                yield f"{name}: no length at all: give it some days, such as 30d"
        if 0 < self.stride_ms < self.test_ms:
            step, test = duration_name(self.stride_ms), duration_name(self.test_ms)
            yield (
                f"step: {step} is shorter than the test of {test}: tests would overlap, and one account cannot "
                f"be in two at a time: give {test} or more"
            )
        if self.purge_ms >= self.train_ms > 0:
            purge, train = duration_name(self.purge_ms), duration_name(self.train_ms)
            yield f"purge: {purge} leave nothing of a training of {train}: give a shorter one"
        if self.embargo_ms >= self.stride_ms > 0:
            embargo, step = duration_name(self.embargo_ms), duration_name(self.stride_ms)
            yield f"embargo: {embargo} reach from one test to the end of the next ({step} later): give a shorter one"

    def to_dict(self) -> dict[str, object]:
        """Return it as plain values, the lengths as they are written."""
        return {
            "train": duration_name(self.train_ms),
            "test": duration_name(self.test_ms),
            "step": duration_name(self.stride_ms),
            "purge": duration_name(self.purge_ms),
            "embargo": duration_name(self.embargo_ms),
            "anchored": self.is_anchored,
        }


class WindowPlan(NamedTuple):
    """The windows in order, and what a reader should know of how they lie."""

    windows: tuple[Window, ...]
    notes: tuple[str, ...]


def plan_windows(scheme: WalkScheme, start_ms: int, end_ms: int) -> WindowPlan:
    """Return the windows that the range from `start_ms` to `end_ms` holds as a whole.

    Raises `ConfigurationError`, before anything is run, for lengths that do not go together and for a range that holds
    none.
    """
    problems = [*scheme.problems()] or [*_too_short(scheme, start_ms, end_ms)]
    if problems:
        raise ConfigurationError(problems)
    count = (end_ms - start_ms - scheme.train_ms - scheme.test_ms) // scheme.stride_ms + 1
    if count > MOST_WINDOWS:
        problem = f"step: {duration_name(scheme.stride_ms)} makes {count:,} windows; at most {MOST_WINDOWS:,} can be"
        raise ConfigurationError([f"{problem}: give a longer one"])
    windows = tuple(_window(scheme, start_ms, number) for number in range(count))
    if any(each.train_from_ms >= each.train_to_ms for each in windows):
        embargo = duration_name(scheme.embargo_ms)
        raise ConfigurationError([f"embargo: {embargo} and the purge leave nothing of a training: give shorter ones"])
    return WindowPlan(windows, tuple(_notes(scheme, windows, end_ms)))


def _window(scheme: WalkScheme, start_ms: int, number: int) -> Window:
    test_ms = start_ms + scheme.train_ms + number * scheme.stride_ms
    train_ms = start_ms if scheme.is_anchored else test_ms - scheme.train_ms
    before = (train_ms - start_ms - scheme.train_ms - scheme.test_ms) // scheme.stride_ms  # the last test that is over
    if before >= 0:
        over_ms = start_ms + scheme.train_ms + before * scheme.stride_ms + scheme.test_ms
        train_ms = max(train_ms, over_ms + scheme.embargo_ms)
    return Window(number, train_ms, test_ms - scheme.purge_ms, test_ms, test_ms + scheme.test_ms)


def _too_short(scheme: WalkScheme, start_ms: int, end_ms: int) -> Iterator[str]:
    train, test = duration_name(scheme.train_ms), duration_name(scheme.test_ms)
    length_ms = max(end_ms - start_ms, 0)
    there = f"{utc_text(start_ms)} to {utc_text(end_ms)}" if length_ms else "nothing"
    if length_ms < scheme.train_ms:
        yield f"train: {train} are longer than all there is, {there}: give a shorter one, or an earlier start_time"
    elif length_ms < scheme.train_ms + scheme.test_ms:
        left = _about(length_ms - scheme.train_ms)
        yield f"test: of {there} a training of {train} leaves {left} and not {test}: give shorter windows, or more data"


def _notes(scheme: WalkScheme, windows: tuple[Window, ...], end_ms: int) -> Iterator[str]:
    gap_ms = scheme.stride_ms - scheme.test_ms
    if gap_ms and len(windows) > 1:
        yield f"between two tests {_about(gap_ms)} are not tested: the joined curve is flat there"
    rest_ms = end_ms - windows[-1].test_to_ms
    if rest_ms:
        yield f"the last {_about(rest_ms)} hold no whole window and are not tested"
    if scheme.embargo_ms:
        later = sum(each.train_from_ms > each.test_from_ms - scheme.train_ms for each in windows)
        if scheme.is_anchored or not later:
            yield "the embargo changes nothing: no training begins right after an earlier test"
        else:
            yield f"by the embargo {later} of {counted(len(windows), 'training')} begin later"


def _about(length_ms: int) -> str:
    """Return a length in days, or in hours where it is short."""
    hours = length_ms / 3_600_000
    return f"{hours / 24:,.4g}d" if hours >= 24 else f"{hours:,.4g}h"
