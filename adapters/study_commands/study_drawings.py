"""The picture and the page that a command of many runs writes."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import click

from engine import DataError

from ..studies import Study, described_study, pictured_table
from ..study_pictures import MeaningRow, Picture, study_page, study_picture
from ..terminal import written_to


def draw_study(
    study: Study,
    plot: Path | None,
    report: Path | None,
    pictures: Sequence[Picture] = (),
    statistics: Sequence[MeaningRow] = (),
) -> None:
    """Write the files of --plot and --report, with further pictures above those of the trials, and statistics of
    selection. Where there is nothing to draw that is said, and the page is written all the same.
    """
    if report is not None:
        write_page(study, report, pictures, statistics)
    if plot is not None:
        try:
            write_picture(study, plot, pictures)
        except DataError as error:
            click.echo(f"Note: {error}", err=True)


def write_page(
    study: Study, report: Path, pictures: Sequence[Picture] = (), statistics: Sequence[MeaningRow] = ()
) -> None:
    """Write the page of a study; `DataError` where that cannot be."""
    written_to(report, study_page(described_study(study, pictures, statistics=statistics)).save)


def write_picture(study: Study, plot: Path, pictures: Sequence[Picture] = ()) -> None:
    """Write the picture of a study; `DataError` where there is nothing to draw, or it cannot be written."""
    try:
        drawn = study_picture(pictured_table(study), pictures)
    except DataError as error:
        raise DataError(f"{plot} is not written: {error}") from error
    drawn.save(plot)
