"""A digest of what a run came to: two runs that came to the same have the same one, whatever machine they ran on."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from hashlib import blake2b
from operator import attrgetter
from typing import TYPE_CHECKING, Any

import numpy as np

from ..kernel import Fill
from .pnl_range import RANGE_FIGURES

if TYPE_CHECKING:
    from .result import BacktestResult

#: What does not belong to the outcome: the machine's speed, remarks that depend on how Python was started, and what is
#: found out beside the run: what other rules would have made of it, and how the fills were decided.
_LEFT_OUT = frozenset(
    ("execution_time_ms", "warnings", "remarks", "cancellations", "drilled_klines", "double_touches", *RANGE_FIGURES)
)
_BYTES = 16

_OF_FILL = attrgetter(*Fill.__slots__)


def result_digest(result: BacktestResult) -> str:
    """Return 32 hexadecimal digits: a BLAKE2b digest of the figures but run time and warnings, of every fill with the
    decision behind it, and of the program's own series; floats by all of their bits. The trades follow from the fills.
    """
    digest = blake2b(digest_size=_BYTES)
    figures = _without_what_is_left_out(result.figures())
    figures["undefined"] = _without_what_is_left_out(result.undefined)
    digest.update(json.dumps(figures, sort_keys=True, default=str).encode())
    for column in _columns(result):
        digest.update(column)
    for name, series in sorted(result.records.items()):
        digest.update(json.dumps({name: series.to_dict()}, sort_keys=True, default=str).encode())
    return digest.hexdigest()


def _without_what_is_left_out(figures: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in figures.items() if name not in _LEFT_OUT}


def _columns(result: BacktestResult) -> Iterator[bytes]:
    """Yield the fills column by column: that is several times faster than value by value."""
    for values in zip(*map(_OF_FILL, result.fill_records), strict=True):
        if {*map(type, values)} == {float}:
            yield np.array(values, "<f8").tobytes()
        else:
            yield repr(values).encode("utf-8", "backslashreplace")
