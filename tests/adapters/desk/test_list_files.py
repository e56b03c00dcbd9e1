"""The list of results as CSV."""

from __future__ import annotations

import csv
import io

from adapters.desk.list_files import items_csv


def test_what_a_spreadsheet_would_take_as_a_formula_is_text_and_numbers_are_numbers() -> None:
    labels = ['=HYPERLINK("http://x")', "+1", "-1", "@sum", "plain", ""]
    items = [{"label": each, "total_pnl_percent": -1.5} for each in labels]
    rows = [*csv.reader(io.StringIO(items_csv(items, ["label", "total_pnl_percent"])))]
    assert rows[0] == ["label", "total_pnl_percent"]
    assert [label for label, _ in rows[1:]] == ['\'=HYPERLINK("http://x")', "'+1", "'-1", "'@sum", "plain", ""]
    assert {number for _, number in rows[1:]} == {"-1.5"}
