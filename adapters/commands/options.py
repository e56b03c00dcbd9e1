"""Options that several commands have."""

from __future__ import annotations

import click

database_option = click.option(
    "--database",
    "database_url",
    required=True,
    envvar="PERPSIM_DATABASE",
    show_envvar=True,
    metavar="URL",
    help="The database, for example sqlite:///market.db.",
)
