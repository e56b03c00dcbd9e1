"""The engine against a venue in plain loops that was written from the rules alone: the same fills, the same money."""

import itertools

import pytest

from tests.oracles.venue_market import UndecidedError
from tests.support.venue_cases import MAKERS, Case
from tests.support.venue_comparison import Outcome, by_engine, by_reference, difference

# What the engine does not do yet as the rules have it. A theme is compared as soon as nothing is awaited of it.
AWAITED: dict[str, str] = {
    "trailing_and_time_stops": "a stale time stop closes at the first close at or after it",
    "volume_caps": "a cap is a budget of a kline; rests of what took work on",
    "isolated_margin": "an isolated position loses at most its margin; the rest is shortfall_covered",
    "partial_liquidation": "an isolated position loses at most its margin; the rest is shortfall_covered",
    "mark_rows": "margin is judged on marks",
    "mark_klines": "mark klines, and margin judged on them",
    "mark_triggers": "mark klines, and trigger_price",
    "watch_15s": "a row wholly beyond the nearer of stop-loss and trailing stop fills at its vwap",
    "open_and_vwap": "a stale time stop closes at the first close at or after it",
    "steps_and_least_notional": "limits round towards the user, sizes are whole steps",
    "funding_with_jitter": "a stamp belongs to its nominal settlement",
    "pauses": "at a resumption its price comes before the kline that opens at the same instant",
    "rejections": "a rejected decision cancels nothing",
}

NEEDED = {
    "trailing_and_time_stops": {"trailing", "time"},
    "tiers": {"liquidation"},
    "isolated_margin": {"liquidation"},
    "partial_liquidation": {"liquidation"},
    "mark_rows": {"liquidation"},
    "mark_klines": {"liquidation"},
}


def decided(theme: str, seeds: range | itertools.count, wanted: int) -> list[tuple[Case, Outcome]]:
    """The first cases of a theme to which the rules give one answer, and that answer."""
    found: list[tuple[Case, Outcome]] = []
    for seed in seeds:
        case = MAKERS[theme](seed)
        try:
            found.append((case, by_reference(case)))
        except UndecidedError:
            continue
        if len(found) == wanted:
            break
    return found


def compare(theme: str, first: int, wanted: int) -> None:
    if theme in AWAITED:
        pytest.skip(f"the engine does not do this yet: {AWAITED[theme]}")
    for case, reference in decided(theme, itertools.count(first), wanted):
        found = difference(case, by_engine(case), reference)
        assert found is None, f"{theme}, {found}"


@pytest.mark.parametrize("theme", MAKERS)
def test_the_engine_does_what_the_venue_reference_does(theme):
    compare(theme, first=0, wanted=20)


@pytest.mark.soak
@pytest.mark.parametrize("part", range(10))
@pytest.mark.parametrize("theme", MAKERS)
def test_the_engine_does_what_the_venue_reference_does_in_many_cases(theme, part):
    compare(theme, first=1_000_000 * (part + 1), wanted=100)


@pytest.mark.parametrize("theme", MAKERS)
def test_the_cases_of_a_theme_are_about_it(theme):
    outcomes = [outcome for _, outcome in decided(theme, range(30), wanted=8)]
    purposes = {purpose for outcome in outcomes for deal in outcome.deals for purpose in deal.purpose.split("/")}
    assert len(outcomes) == 8
    assert purposes >= {"entry", "decision"} | NEEDED.get(theme, set())


def test_awaited_themes_exist():
    assert set(AWAITED) < set(MAKERS)
