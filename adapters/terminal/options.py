"""Options that several commands have, and what their values are."""

from __future__ import annotations

from pathlib import Path

import click

from engine.durations import parse_duration, parse_length
from engine.instants import instant_ms
from engine.periods import PERIOD_MS

PERIOD = click.Choice(list(PERIOD_MS))
ROW_ID = click.IntRange(1, 2**63 - 1)  # more no database holds
INPUT_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)
OUTPUT_FILE = click.Path(dir_okay=False, writable=True, path_type=Path)
OUTPUT_OR_DASH = click.Path(dir_okay=False, writable=True, allow_dash=True, path_type=Path)

database_option, optional_database_option = (
    click.option(
        "--database", "database_url", required=required, envvar="PERPSIM_DATABASE", show_envvar=True, metavar="URL",
        help="The database, for example sqlite:///market.db.",
    )
    for required in (True, False)
)  # fmt: skip

allow_rounding_option = click.option(
    "--allow-rounding", is_flag=True, help="Store in tables whose NUMERIC columns round the values."
)


def _parts(context: click.Context, parameter: click.Parameter, words: tuple[str, ...]) -> tuple[str, ...]:
    if words:
        from engine.result import PARTS  # with all that results are made of: for who asks

        for word in words:
            if word not in PARTS:
                raise click.BadParameter(f"{word!r} is not one of {', '.join(PARTS)}")
    return words


by_option = click.option(
    "--by", multiple=True, callback=_parts, metavar="PART",
    help="Add the trades by symbol, side, exit_reason, pool, month or weekday; repeatable.",
)  # fmt: skip


def parse_pairs(context: click.Context, parameter: click.Parameter, texts: tuple[str, ...]) -> dict[str, str]:
    """Return what an option such as COLUMN=VALUE says, which may be repeated."""
    pairs = [text.partition("=") for text in texts]
    if not all(title.strip() and separator for title, separator, _ in pairs):
        raise click.BadParameter(f"write it as {parameter.metavar}, with both sides")
    return {title.strip(): value.strip() for title, _, value in pairs}


class InstantType(click.ParamType[int]):
    """A time on the command line: an ISO time with an offset or Z, or epoch ms; gives epoch ms."""

    name = "time"

    def convert(self, value: str | int, param: click.Parameter | None, ctx: click.Context | None) -> int:
        """Return epoch ms, or fail with what is wrong."""
        try:
            return instant_ms(int(value) if isinstance(value, str) and value.strip().isdigit() else value)
        except ValueError as error:
            self.fail(str(error), param, ctx)


class DurationType(click.ParamType[int]):
    """A length of time on the command line, as in 90m, 4h or 2d, `short` ones as in 30s, too; gives ms."""

    name = "duration"

    def __init__(self, short: bool = False) -> None:
        self._parse = parse_length if short else parse_duration

    def convert(self, value: str | int, param: click.Parameter | None, ctx: click.Context | None) -> int:
        """Return ms, or fail with what to write instead."""
        try:
            return value if isinstance(value, int) else self._parse(value)
        except ValueError as error:
            self.fail(str(error), param, ctx)


class IdOrFileType(click.ParamType[int | Path]):
    """The id of a stored result, or a file."""

    name = "target"

    def convert(self, value: str | int | Path, param: click.Parameter | None, ctx: click.Context | None) -> int | Path:
        """Return the id or the file, or fail with what is wrong."""
        if isinstance(value, (int, Path)):
            return value
        if value.isdecimal():
            return ROW_ID.convert(int(value), param, ctx)
        if not Path(value).is_file():
            self.fail(f"{value} is neither the id of a stored result nor a file", param, ctx)
        return Path(value)
