from __future__ import annotations

from click.testing import CliRunner, Result

from adapters import main
from adapters.results import explained, figure_list


def explain(*arguments: str) -> Result:
    return CliRunner().invoke(main, ["explain", *arguments])


def test_without_an_argument_all_figures_are_listed() -> None:
    found = explain()
    assert (found.exit_code, found.stdout) == (0, f"{figure_list()}\n")


def test_figures_are_explained_one_after_another() -> None:
    found = explain("sharpe_ratio", "CAGR [%]")
    assert found.exit_code == 0
    assert found.stdout == f"{explained('sharpe_ratio')}\n\n{explained('annual_return_percent')}\n"


def test_what_is_no_figure_is_wrong_usage() -> None:
    found = explain("sqn", "quux")
    assert (found.exit_code, found.stdout) == (2, "")
    assert "Error: there is no figure 'quux': perpsim explain lists all of them" in found.stderr
