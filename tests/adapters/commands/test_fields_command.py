from __future__ import annotations

from click.testing import CliRunner, Result

from adapters import main
from engine.config import SETTINGS
from engine.settings import Group


def fields(*arguments: str) -> Result:
    return CliRunner().invoke(main, ["fields", *arguments])


def test_all_fields_are_listed_in_groups_and_fit_a_narrow_terminal() -> None:
    found = fields()
    assert found.exit_code == 0
    lines = found.stdout.splitlines()
    assert [line for line in lines if line and line[0] != " "] == [group.title for group in Group]
    assert sorted(line.split()[0] for line in lines if line.startswith("  ")) == sorted(SETTINGS)
    assert max(map(len, lines)) <= 80
    assert "  slippage_percent         0.05 %         Slippage\n" in found.stdout


def test_a_field_is_explained_with_its_choices() -> None:
    found = fields("schedule_mode", "max_position_usd")
    assert found.stdout == (
        'schedule_mode = "grid"\n'
        "    Schedule: scheduled triggers are due at fixed times, or when nothing has\n"
        "    triggered for an interval\n"
        "      grid           start + 1, 2, 3, ... intervals, whatever else triggers\n"
        "      after_trigger  an interval after the last trigger of any kind\n"
        "\n"
        "max_position_usd = none (no limit)\n"
        "    Largest position, USD: nothing is opened beyond this notional of a symbol\n"
        "    (above 0, at most 1e+12)\n"
    )


def test_a_misspelt_field_is_wrong_usage_with_a_hint() -> None:
    found = fields("slipage_percent")
    assert found.exit_code == 2
    assert "slipage_percent: there is no such field; did you mean slippage_percent?" in found.output


def test_the_help_of_run_points_here() -> None:
    assert "perpsim fields" in CliRunner().invoke(main, ["run", "--help"]).stdout
