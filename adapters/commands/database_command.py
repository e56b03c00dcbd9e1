"""``perpsim database``."""

from __future__ import annotations

from contextlib import nullcontext

import click

from ..database import create_database, database_to_fill, open_database


@click.group("database")
def database() -> None:
    """Prepare a database."""


@database.command("create")
@click.argument("url")
@click.option("--dry-run", is_flag=True, help="Only say what is missing.")
def create(url: str, dry_run: bool) -> None:
    """Add the tables that are missing in the database URL; what exists is never touched.

    A table that exists without a column that perpsim needs is an error that names it, and nothing is added then.
    Further columns, as a platform's own tables may have them, are fine.
    """
    with nullcontext(open_database(url, read_only=True)) if dry_run else database_to_fill(url) as opened:
        added, found = create_database(opened, dry_run=dry_run)
    click.echo(f"{opened.name}: {len(added)} tables {'missing' if dry_run else 'added'}, {len(found)} already there")
    for name in added:
        click.echo(f"  {name}")
