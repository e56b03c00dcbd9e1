"""What is known of each field: complete, the same as its check, and readable."""

from __future__ import annotations

import math
from dataclasses import dataclass, fields
from typing import Annotated, Literal

import pytest

from engine import BacktestConfig, ConfigurationError
from engine.config import SETTINGS, grouped_settings
from engine.settings import Group, Setting, settings_of


class Made:
    """Stands for a program."""

    def should_trade(self, data: object) -> None:
        return None


GOOD = {"strategy": Made, "symbols": ["BTC"], "start_time": 0, "end_time": 1}


def test_every_field_has_a_setting_in_a_group_and_none_has_two() -> None:
    assert tuple(SETTINGS) == tuple(each.name for each in fields(BacktestConfig))
    grouped = [each.name for settings in grouped_settings().values() for each in settings]
    assert sorted(grouped) == sorted(SETTINGS)
    assert all(grouped_settings()[group] for group in Group)


@pytest.mark.parametrize("setting", SETTINGS.values(), ids=SETTINGS)
def test_a_setting_says_all_that_people_need(setting: Setting) -> None:
    assert setting.label[0].isupper()
    assert not setting.help[0].islower()
    assert not setting.help.endswith(".")
    assert len(setting.meanings) in (0, len(setting.choices))
    assert bool(setting.none) == setting.is_optional
    assert all(len(line) <= 80 for line in setting.text().splitlines())
    if not setting.is_required:
        setting.check(setting.default)


@pytest.mark.parametrize("setting", [each for each in SETTINGS.values() if each.kind == "choice"], ids=str)
def test_each_choice_is_taken_and_nothing_else(setting: Setting) -> None:
    for choice in setting.choices:
        setting.check(choice)
    with pytest.raises(ValueError, match="is not one of"):
        setting.check("something else")


@pytest.mark.parametrize("setting", [each for each in SETTINGS.values() if each.kind == "number"], ids=str)
def test_a_number_is_taken_up_to_its_bounds_and_not_beyond(setting: Setting) -> None:
    low = setting.at_least if setting.above is None else math.nextafter(setting.above, math.inf)
    for good in (low, min(setting.at_most, 1e300)):
        setting.check(good)
    for bad in (math.nextafter(low, -math.inf), math.nextafter(setting.at_most, math.inf), 10**400):
        with pytest.raises(ValueError, match=r"out of range|no finite number"):
            setting.check(bad)


def test_a_number_that_no_float_can_hold_is_a_problem_like_any_other() -> None:
    with pytest.raises(ConfigurationError, match="initial_balance: 1000"):
        BacktestConfig.from_dict({**GOOD, "initial_balance": 10**400})


@dataclass
class Config:
    """A configuration of few fields."""

    mode: Annotated[Literal["a", "b"] | None, Setting(Group.DATA, "Mode", "A mode", ("one", "two"))] = None
    count: Annotated[int, Setting(Group.DATA, "Count", "A count", at_least=2, at_most=5)] = 3
    share: Annotated[float, Setting(Group.DATA, "Share", "A share", unit="%", above=0.0)] = 0.5
    is_on: Annotated[bool, Setting(Group.DATA, "On", "Whether it is on")] = False


def test_the_check_of_a_field_follows_from_its_type() -> None:
    found = settings_of(Config)
    assert [each.kind for each in found.values()] == ["choice", "whole", "number", "flag"]
    assert [each.is_optional for each in found.values()] == [True, False, False, False]
    for name, value, problem in [
        ("mode", "c", "'c' is not one of a, b"),
        ("count", 1, "1 is below 2"),
        ("count", 6, "6 is above 5"),
        ("count", True, "True is no whole number"),
        ("share", 0.0, "0.0 is out of range: above 0"),
        ("is_on", 1, "1 is neither true nor false"),
    ]:
        with pytest.raises(ValueError, match=problem):
            found[name].check(value)
    found["mode"].check(None)


def test_help_shows_every_field_with_default_unit_and_meaning() -> None:
    shown = BacktestConfig.__doc__ or ""
    assert shown.startswith("What is run")
    for text in ("fee_rate = 0.035 %", "schedule_mode", "after_trigger", "Venue and margin\n----", "none (no limit)"):
        assert text in shown
    assert all(setting.help.split()[-1].rstrip(",") in shown for setting in SETTINGS.values())
    assert "Annotated" not in str(BacktestConfig.__init__.__annotations__)
