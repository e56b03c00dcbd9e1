"""Files that are not what their names say: of another market, or with klines of a longer period."""

from __future__ import annotations

import numpy as np

from engine import PERIOD_MS
from engine.errors import FileFormatError

from ..files import ImportedFile, KlineFile
from .import_plan import ImportGroup
from .market_names import coin_of

#: So many klines tell their period.
_LEAST = 3


def refuse_contradiction(group: ImportGroup, file: ImportedFile | KlineFile) -> None:
    """Raise `FileFormatError` for a file that says itself that it is of another market than its name tells, or whose
    klines are all of a longer period. What was said with an option is not questioned.
    """
    coin = None if file.market is None else coin_of(file.market)
    if "symbol" in group.told_by_names and coin is not None and coin != group.symbol:
        problem = (
            f"its rows are of {file.market}, but its name tells {group.symbol}; --symbol {coin} (or another) says it"
        )
        raise FileFormatError(file.path, None, None, problem)
    if "period" in group.told_by_names and isinstance(file, KlineFile) and len(file.klines) >= _LEAST:
        step = int(np.gcd.reduce(np.diff(file.klines.open_ms)))
        longer = next((name for name, length in PERIOD_MS.items() if length == step != PERIOD_MS[file.period]), None)
        if longer is not None:
            problem = (
                f"all klines are {longer} apart or more, but its name tells {file.period}; say --period {longer}, or "
                f"--period {file.period} if the others are left out"
            )
            raise FileFormatError(file.path, None, None, problem)
