"""``perpsim replay``."""

from __future__ import annotations

import json
from pathlib import Path

import click

from engine import DataError
from engine.journal import Journal, Replayed, replay

from ..terminal import INPUT_FILE


@click.command("replay")
@click.argument("journal", type=INPUT_FILE, metavar="FILE")
@click.option(
    "--head", metavar="HASH", help="The journal_head of its result: a journal that was written anew has another one."
)
@click.option("--json", "as_json", is_flag=True, help="Write JSON instead of text.")
def replay_journal(journal: Path, head: str | None, as_json: bool) -> None:
    """Check the journal FILE of perpsim run --journal, and apply it to an empty account, without data and program.

    Every line must have its hash, and the account must come to the ledger, the trades and the equity that the lines
    tell; where one does not, it is named, with the field, and what it was before if one byte was changed.
    """
    try:
        found = replay(Journal.read(journal))
        if head is not None and head != found.head:
            raise DataError(f"its head is {found.head}, and not {head}: it is another journal, or was written anew")
    except DataError as error:
        raise DataError(f"{journal}: {error}") from error
    click.echo(json.dumps(_entry(found), indent=2) if as_json else _text(journal, found))


def _entry(found: Replayed) -> dict[str, object]:
    account = found.account
    return {
        "lines": found.lines,
        "fills": found.fills,
        "trades": len(account.trades),
        "cash": account.state.cash,
        "equity_after_last_fill": found.equities[-1] if found.equities else account.state.cash,
        "open_positions": {symbol: held.sign * held.size for symbol, held in account.state.holdings.items()},
        "ended": found.end["why"],
        "digest": found.end["digest"],
        "engine_version": found.start["engine"],
        "journal_head": found.head,
    }


def _many(count: int, noun: str) -> str:
    return f"{count:,} {noun}{'s' * (count != 1)}"


def _text(path: Path, found: Replayed) -> str:
    account, entry = found.account, _entry(found)
    held = ", ".join(account.state.holdings) or "nothing"
    return "\n".join(
        [
            f"{path}: whole; {found.lines:,} lines of perpsim {entry['engine_version']}, {_many(found.fills, 'fill')}",
            f"The money adds up: {_many(len(account.trades), 'closed trade')}, {account.state.cash:,.2f} USD in cash, "
            f"{held} held at the end",
            f"Result {entry['digest']}, journal {found.head}",
        ]
    )
