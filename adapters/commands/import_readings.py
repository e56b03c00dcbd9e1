"""How files of each kind are read, as the options of ``perpsim import`` say, and which options belong to which kind."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from functools import partial
from typing import Any, NamedTuple

import click

from ..files import (
    ContractSize,
    join_quotes,
    join_trades,
    read_flow_file,
    read_funding_file,
    read_kline_file,
    read_mark_file,
    read_metric_file,
    read_quote_file,
    read_trade_file,
)
from ..imports import Reading

KINDS = ("klines", "funding", "flow", "trades", "bbo", "mark", "metrics", "feature")

#: The options that belong to some kinds only.
_KINDS_OF_OPTION = {
    "period": ("klines", "mark"),
    "stamped": ("flow", "klines", "mark"),
    "overwrite": ("trades",),
    "columns": ("klines", "funding", "trades", "bbo", "mark", "metrics", "feature"),
    "rates_are": ("funding",),
    "sides": ("trades",),
    "contract_size": ("trades", "metrics"),
    "skip_off_grid": ("klines", "mark"),
    "name": ("feature",),
}
_SPELLED = {"columns": "column"}


class ReadOptions(NamedTuple):
    """What the command says of how files are read."""

    where: Mapping[str, str]
    columns: Mapping[str, str]
    stamped: str | None
    rates_are: str | None
    sides: str | None
    contract_size: ContractSize | None
    skip_off_grid: bool
    overwrite: bool


def check_options(kinds: Collection[str], given: Mapping[str, object]) -> None:
    """Raise `UsageError` for an option that belongs to none of the kinds, or one that a kind needs and has not."""
    for option, belongs in _KINDS_OF_OPTION.items():
        if given.get(option) and not {*belongs} & {*kinds}:
            raise click.UsageError(
                f"--{_SPELLED.get(option, option).replace('_', '-')} belongs to --kind {' and '.join(belongs)}"
            )
    if "feature" in kinds and not given["name"]:
        raise click.UsageError("say with --name what the feature is called")
    if "flow" in kinds and not given["stamped"]:
        raise click.UsageError(
            "say with --stamped start or --stamped end which instant of its 15 seconds is the time of a row; "
            "a row taken 15 seconds too early lets programs see the future"
        )


def reading_of(kind: str, period: str | None, options: ReadOptions) -> Reading:
    """Return how files of a kind, and klines of a period, are read."""
    where, columns = options.where, options.columns
    klines: dict[str, Any] = {
        "period": period,
        "where": where,
        "columns": columns,
        "stamped": options.stamped,
        "skip_off_grid": options.skip_off_grid,
    }
    reads: dict[str, Callable[[str], Any]] = {
        "klines": partial(read_kline_file, **klines),
        "mark": partial(read_mark_file, **klines),
        "funding": partial(read_funding_file, where=where, columns=columns, rates_are=options.rates_are),
        "flow": partial(read_flow_file, stamped_at_start=options.stamped == "start", where=where),
        "metrics": partial(read_metric_file, where=where, columns=columns, contract=options.contract_size),
        "bbo": partial(read_quote_file, where=where, columns=columns),
        "trades": partial(
            read_trade_file, where=where, columns=columns, sides_are=options.sides, contract=options.contract_size
        ),
    }
    joins: dict[str, Callable[..., Any]] = {"trades": join_trades, "bbo": join_quotes}
    keep_edges = kind == "trades" and not options.overwrite
    return Reading(reads[kind], joins.get(kind), repr(options._replace(overwrite=False)), keep_edges)
