"""``perpsim explain``."""

from __future__ import annotations

import click

from ..results import explained, figure_list


@click.command("explain")
@click.argument("figures", nargs=-1, metavar="[FIGURE]...")
def explain(figures: tuple[str, ...]) -> None:
    """Explain figures of a result, or list all of them: what they mean, their unit and source, and when they have no
    value.

    A figure is named by its field (sharpe_ratio), by what tables call it ("Sharpe ratio"), or by what other
    back-testers do ("CAGR [%]").
    """
    texts = {each: explained(each) for each in figures}
    for each, text in texts.items():
        if text is None:
            raise click.UsageError(f"there is no figure {each!r}: perpsim explain lists all of them")
    click.echo("\n\n".join(filter(None, texts.values())) or figure_list())
