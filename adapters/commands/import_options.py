"""What ``perpsim import`` is told of the files, beside what they hold."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from functools import wraps
from typing import Any

import click

from engine import DataError

from ..files import DECIMALS, KEEPS, ContractSize, ReadOptions

#: The options that belong to some kinds only.
_KINDS_OF_OPTION = {
    "period": ("klines", "mark"),
    "stamped": ("flow", "klines", "mark"),
    "overwrite": ("trades",),
    "column": ("klines", "funding", "trades", "bbo", "mark", "metrics", "feature"),
    "rates_are": ("funding",),
    "sides": ("trades",),
    "contract_size": ("trades", "metrics"),
    "skip_off_grid": ("klines", "mark"),
    "snap": ("klines", "mark"),
    "name": ("feature",),
}


def parse_contract(context: click.Context, parameter: click.Parameter, text: str | None) -> ContractSize | None:
    """Return what an option says of the size of a contract."""
    try:
        return None if text is None else ContractSize.parse(text)
    except DataError as error:
        raise click.BadParameter(str(error)) from error


def read_options(command: Callable[..., None]) -> Callable[..., None]:
    """Give a command the options that say how the rows and texts of files are taken, as `options`."""

    @wraps(command)
    def with_options(
        *args: Any,
        skip_bad_rows: int,
        keep: str | None,
        time_zone: str | None,
        time_format: str | None,
        decimal: str | None,
        **kwargs: Any,
    ) -> None:
        try:
            options = ReadOptions(skip_bad_rows, keep, time_zone, time_format, decimal)
        except DataError as error:
            raise click.UsageError(str(error)) from error
        command(*args, options=options, **kwargs)

    for option in reversed(_OPTIONS):
        with_options = option(with_options)
    return with_options


_OPTIONS = (
    click.option(
        "--skip-bad-rows", type=click.IntRange(min=0), default=0, metavar="N",
        help="Leave out rows that are not as they should be, at most N of each file; each is listed with its reason.",
    ),
    click.option(
        "--keep", type=click.Choice(KEEPS),
        help="Which of the rows of one time counts where they differ: the first or the last one in the file.",
    ),
    click.option(
        "--time-zone", metavar="ZONE",
        help="Where times without an offset are those of: a name such as Europe/Berlin, an offset such as +08:00, UTC.",
    ),
    click.option(
        "--time-format", metavar="FORMAT",
        help="How times are written, where that cannot be told: for example '%d/%m/%Y %H:%M' (day first).",
    ),
    click.option(
        "--decimal", type=click.Choice(DECIMALS),
        help="Whether a comma in a number stands before its decimals, where that cannot be told.",
    ),
)  # fmt: skip


def check_options(kinds: Collection[str], given: Mapping[str, object]) -> None:
    """Raise the error about an option that goes with nothing of what the files hold, or about one that is missing."""
    for option, belongs in _KINDS_OF_OPTION.items():
        if given[option] and not {*kinds} & {*belongs}:
            raise click.UsageError(f"--{option.replace('_', '-')} belongs to --kind {' and '.join(belongs)}")
    if "feature" in kinds and not given["name"]:
        raise click.UsageError("say with --name what the feature is called")
    if "flow" in kinds and not given["stamped"]:
        raise click.UsageError(
            "say with --stamped start or --stamped end which instant of its 15 seconds is the time of a row; "
            "a row taken 15 seconds too early lets programs see the future"
        )
