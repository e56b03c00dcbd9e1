"""``perpsim doctor``."""

from __future__ import annotations

import json
from collections.abc import Sequence

import click

from ..doctor import Finding, can_run, examine


@click.command("doctor")
@click.option(
    "--database", "database_url", envvar="PERPSIM_DATABASE", show_envvar=True, metavar="URL",
    help="Look at this database, too.",
)  # fmt: skip
@click.option("--json", "as_json", is_flag=True, help="Print everything as JSON.")
@click.pass_context
def doctor(context: click.Context, database_url: str | None, as_json: bool) -> None:
    """Say whether runs can work on this machine.

    Looks at Python, the libraries, the jail of the sandbox, a database, the cache, the clock and the machine. Of what
    is missing it says what it costs and what to do. Nothing is changed. Exit status: 0 when a run can work, else 1.
    """
    findings = []
    for finding in examine(database_url):
        findings.append(finding)
        if not as_json:
            _tell(finding, is_first=len(findings) == 1 or findings[-2].group != finding.group)
    works = can_run(findings)
    if as_json:
        click.echo(json.dumps({"ok": works, "findings": [each.to_dict() for each in findings]}, indent=2))
    else:
        click.echo(f"\n{_summary(findings)}")
    context.exit(0 if works else 1)


def _tell(finding: Finding, is_first: bool) -> None:
    if is_first:
        click.echo(f"{finding.group[:1].upper()}{finding.group[1:]}")
    click.echo(f"  {'ok' if finding.ok else 'missing':<8} {finding.what}: {finding.found}")
    if not finding.ok:
        for title, text in (("costs", finding.cost), ("to do", finding.remedy)):
            click.echo(f"{'':11}{title}: {text}")


def _summary(findings: Sequence[Finding]) -> str:
    missing = [each for each in findings if not each.ok]
    needed = [each.what for each in missing if each.needed]
    if needed:
        return f"No run can work: {'; '.join(needed)}."
    return (
        f"Runs can work; {len(missing)} of {len(findings)} things are missing." if missing else "Everything is there."
    )
