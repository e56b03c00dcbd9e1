"""The picture and the page that a command of many runs writes."""

from __future__ import annotations

from collections.abc import Sequence

import click

from engine import DataError

from ..studies import Study, described_study, pictured_table
from ..study_pictures import MeaningRow, Picture, study_page, study_picture
from ..terminal import written_to
from .study_options import StudyRequest


def write_drawings(
    request: StudyRequest, study: Study, pictures: Sequence[Picture] = (), statistics: Sequence[MeaningRow] = ()
) -> None:
    """Write the files of --plot and --report, with further pictures above those of the trials, and statistics of
    selection. Where there is nothing to draw that is said, and the page is written all the same.
    """
    if request.report is not None:
        page = study_page(described_study(study, pictures, statistics=statistics))
        written_to(request.report, page.save)
    if request.plot is not None:
        try:
            drawn = study_picture(pictured_table(study), pictures)
        except DataError as error:
            click.echo(f"Note: {request.plot} is not written: {error}", err=True)
        else:
            drawn.save(request.plot)
