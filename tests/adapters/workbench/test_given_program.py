"""What is a program, what the name of its file."""

from __future__ import annotations

from pathlib import Path

import pytest

from adapters.workbench.given_program import program_fields
from engine import ConfigurationError

SOURCE = "class A:\n    def should_trade(self, data): ...\n"


class Program:
    def should_trade(self, data: object) -> None:
        return None


def test_classes_and_objects_are_strategies_texts_and_files_code(tmp_path: Path) -> None:
    file = tmp_path / "a.py"
    file.write_text(SOURCE)
    program = Program()
    assert program_fields(Program) == {"strategy": Program}
    assert program_fields(program) == {"strategy": program}
    assert program_fields(SOURCE) == program_fields(file) == program_fields(str(file)) == {"code": SOURCE}


@pytest.mark.parametrize(
    ("given", "text"),
    [
        ("a.txt", "'a.txt' is no file of a program, whose name ends in .py; a text in one line is taken as the name"),
        (Path("a.txt"), "'a.txt' is no file of a program"),
        ("none.py", "strategy: none.py cannot be read: No such file or directory"),
        ("", "'.' is no file of a program"),
    ],
)
def test_what_is_neither_is_said(given: str | Path, text: str) -> None:
    with pytest.raises(ConfigurationError) as raised:
        program_fields(given)
    assert text in str(raised.value)
