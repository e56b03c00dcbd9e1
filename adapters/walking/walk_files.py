"""A walk-forward in files: strict JSON, and its windows as CSV. Each appears complete."""

from __future__ import annotations

import csv
import io
from pathlib import Path

from engine.json_text import json_pieces

from ..output import atomic_file
from .walk_result import WalkForward


def write_walk_json(walked: WalkForward, path: str | Path) -> None:
    """Write everything but the single runs as JSON: keys sorted, a line for each window and each point of the curve.
    The same walk-forward gives the same bytes. Raises `DataError` when the file cannot be written.
    """
    with atomic_file(path) as file:
        for text in json_pieces(walked.to_dict()):
            file.write(text.encode())


def write_windows_csv(walked: WalkForward, path: str | Path) -> None:
    """Write the windows as CSV, one a row: times in epoch ms, each parameter in a column of its own, empty cells for
    what is not defined. Raises `DataError` when the file cannot be written.
    """
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    rows = [each.cells() for each in walked.windows]
    writer.writerow(rows[0])
    writer.writerows(row.values() for row in rows)
    with atomic_file(path) as file:
        file.write(text.getvalue().encode())
