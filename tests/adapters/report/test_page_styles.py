"""Rules of style made into one text."""

from __future__ import annotations

import re

from adapters.report import page_style
from adapters.report.page_scripts import STATIC


def test_every_file_of_rules_stands_there_once_in_the_order_of_the_imports() -> None:
    text = page_style()
    names = re.findall(r'"(style/\w+\.css)"', (STATIC / "style.css").read_text("utf-8"))
    assert sorted(names) == sorted(f"style/{path.name}" for path in (STATIC / "style").iterdir())
    assert names[-1] == "style/narrow.css"  # what holds on a phone wins
    assert text == "".join((STATIC / name).read_text("utf-8") for name in names)
    assert "@import" not in text
    assert "</style" not in text
