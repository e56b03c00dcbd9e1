"""``perpsim fields``."""

from __future__ import annotations

import click

from engine.config import SETTINGS, no_such_field

from ..configuration import field_list, fields_markdown


@click.command("fields")
@click.argument("names", nargs=-1, metavar="[NAME]...")
@click.option("--markdown", is_flag=True, help="Write all of them as tables in Markdown.")
def fields(names: tuple[str, ...], markdown: bool) -> None:
    """List the fields of a configuration, or explain those that are named."""
    for name in names:
        if name not in SETTINGS:
            raise click.UsageError(f"{name}: {no_such_field(name)}")
    if markdown:
        click.echo(fields_markdown())
    else:
        click.echo("\n\n".join(SETTINGS[name].text() for name in names) or field_list())
