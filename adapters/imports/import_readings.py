"""How files of each kind are read, as the options of ``perpsim import`` say."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any, NamedTuple

from ..files import (
    ContractSize,
    ReadOptions,
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
from .group_import import Reading

KINDS = ("klines", "funding", "flow", "trades", "bbo", "mark", "metrics", "feature")


class FileOptions(NamedTuple):
    """What the command says of how files are read."""

    where: Mapping[str, str]
    columns: Mapping[str, str]
    stamped: str | None
    rates_are: str | None
    sides: str | None
    contract_size: ContractSize | None
    skip_off_grid: bool
    snap: bool
    overwrite: bool
    options: ReadOptions


def reading_of(kind: str, period: str | None, said: FileOptions) -> Reading:
    """Return how files of a kind, and klines of a period, are read."""
    common: dict[str, Any] = {"where": said.where, "options": said.options}
    chosen = {**common, "columns": said.columns}
    klines = {**chosen, "period": period, "stamped": said.stamped, "skip_off_grid": said.skip_off_grid}
    klines["snap"] = said.snap
    reads: dict[str, Callable[[str], Any]] = {
        "klines": partial(read_kline_file, **klines),
        "mark": partial(read_mark_file, **klines),
        "funding": partial(read_funding_file, **chosen, rates_are=said.rates_are),
        "flow": partial(read_flow_file, **common, stamped_at_start=said.stamped == "start"),
        "metrics": partial(read_metric_file, **chosen, contract=said.contract_size),
        "bbo": partial(read_quote_file, **chosen),
        "trades": partial(read_trade_file, **chosen, sides_are=said.sides, contract=said.contract_size),
    }
    joins: dict[str, Callable[..., Any]] = {"trades": join_trades, "bbo": join_quotes}
    keep_edges = kind == "trades" and not said.overwrite
    return Reading(reads[kind], joins.get(kind), repr(said._replace(overwrite=False)), keep_edges)
