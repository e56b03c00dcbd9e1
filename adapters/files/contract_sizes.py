"""The size of a contract, for files that count contracts and do not tell in a second column what these are worth."""

from __future__ import annotations

import re
from pathlib import Path
from typing import NamedTuple

import numpy as np

from engine import DataError
from engine.errors import FileFormatError
from engine.market.series import FloatColumn
from engine.plain_values import shown

from .tables import SERIES, TableFile

_SIZE = re.compile(r"\s*(?P<size>\d+(?:\.\d+)?(?:e-?\d+)?)\s*(?P<usd>USD)?\s*", re.IGNORECASE)
#: Instruments whose venues count contracts: OKX swaps and futures, Binance's coin-margined ones, Deribit's (of 1 USD).
_IN_CONTRACTS = re.compile(
    r"[A-Z0-9]+-USD[TC]?-(?:SWAP|\d{6})\b|[A-Z0-9]+USD_(?:PERP|\d{6})(?!\d)|(?<![A-Z0-9_])[A-Z]+-PERPETUAL\b"
)


class ContractSize(NamedTuple):
    """What one contract is: so many coins or, if it is inverse, so many USD."""

    size: float
    in_usd: bool

    @classmethod
    def parse(cls, text: str) -> ContractSize:
        """Read a text such as ``0.01`` (coins) or ``100USD``. Raises `DataError` for anything else."""
        found = _SIZE.fullmatch(text)
        if found is None or not 0 < float(found["size"]) < np.inf:
            raise DataError(f"{shown(text)} is no size of a contract: write 0.01 (coins) or 100USD")
        return cls(float(found["size"]), found["usd"] is not None)

    def coins(self, contracts: FloatColumn, price: FloatColumn) -> FloatColumn:
        """Return how many coins contracts are at a price."""
        return contracts * self.size / price if self.in_usd else contracts * self.size

    def __str__(self) -> str:
        return f"contracts of {self.size:g} {'USD' if self.in_usd else 'coins'}"


def refuse_contracts(table: TableFile, field: str, may_be_told: bool = True) -> None:
    """Raise `FileFormatError` where the instrument, in a column of the file or in its name, is one whose sizes are in
    contracts: nothing in the file tells what these are; an option does, where it may be told.
    """
    names = [Path(table.path).name]
    if SERIES in table:
        names = [str(name) for name in table.values[SERIES].unique()]
    found = next(filter(None, map(_IN_CONTRACTS.search, names)), None)
    if found is None:
        return
    is_inverse = "-USD-" in found[0] or "USD_" in found[0]
    example = "1USD" if "PERPETUAL" in found[0] else "100USD" if is_inverse else "0.01 (coins)"
    told = f"say with --contract-size what one is, for example {example}; " if may_be_told else ""
    column = table.titles[field] if table.all_titles else "NUMBER"
    problem = f"the {field} of {found[0]} is in contracts: {told}--column {field}={column} takes it as coins"
    raise FileFormatError(table.path, None, table.titles[field], problem)
