"""The tables of the benchmarks, which are printed when all of them have run."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import pytest

from .measuring import Table

TABLES = pytest.StashKey[dict[str, Table]]()
AddRow = Callable[[str, Sequence[str], Sequence[str]], None]


@pytest.fixture
def add_row(pytestconfig: pytest.Config) -> AddRow:
    """What puts a row into the table of a title, with the names of its columns."""
    tables = pytestconfig.stash.setdefault(TABLES, {})

    def add(title: str, columns: Sequence[str], row: Sequence[str]) -> None:
        tables.setdefault(title, Table(title, columns)).rows.append(row)

    return add


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    for table in config.stash.get(TABLES, {}).values():
        terminalreporter.write_line("")
        for line in table.lines():
            terminalreporter.write_line(line)
