"""``perpsim cache``."""

from __future__ import annotations

import click

from ..market import ColumnCache


@click.group("cache")
def cache() -> None:
    """Look after the cache of loaded columns."""


@cache.command("clear")
def clear() -> None:
    """Delete all cached columns; the next run reads the database again."""
    store = ColumnCache()
    click.echo(f"{store.directory}: {store.clear() / 1e6:,.1f} MB freed")
