"""A market from pandas frames: klines of each symbol, and what else is recorded of it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from ..errors import DataError
from ..periods import period_name
from ..plain_values import shown
from .flow import FlowHistory, TimedValues
from .kline_frames import frame_klines
from .series import KlineColumns
from .value_frames import frame_flow, frame_funding, frame_marks, with_series

#: What a symbol without a name is called.
ONE_SYMBOL = "ASSET"


class MarketParts(NamedTuple):
    """What is known of one symbol: its klines, its flow, and the klines of its mark price."""

    klines: KlineColumns
    flow: FlowHistory
    marks: KlineColumns | None


def market_parts(
    frames: Any, symbol: str | None, period: str | None, funding: Any, flow: Any, mark: Any
) -> tuple[dict[str, MarketParts], list[str]]:
    """Return what frames say of each symbol, and what a user should know; see `MarketHistory.from_frames`."""
    klines, remarks = _klines(frames, symbol, period)
    names = list(klines)
    parts = {}
    rates, flows, marks = (
        _by_symbol(what, given, names) for what, given in (("funding", funding), ("flow", flow), ("mark", mark))
    )
    for name, columns in klines.items():
        series: dict[str, TimedValues] = {}
        of_flow, of_marks = FlowHistory(), None
        if name in flows:
            of_flow, said = frame_flow(f"flow of {name}", flows[name])
            remarks += said
        if name in rates:
            series["funding_rate"], said = frame_funding(f"funding of {name}", rates[name])
            remarks += said
        if name in marks:
            series["mark_price"], of_marks, said = frame_marks(f"mark of {name}", marks[name])
            remarks += said
        parts[name] = MarketParts(columns, with_series(of_flow, **series) if series else of_flow, of_marks)
    return parts, remarks


def _klines(frames: Any, symbol: str | None, period: str | None) -> tuple[dict[str, KlineColumns], list[str]]:
    """Return the klines of each symbol, which must be of one period."""
    if isinstance(frames, Mapping):
        _require_frames_by_symbol(frames, symbol)
        read = {name: frame_klines(name, frame, period) for name, frame in frames.items()}
    else:
        found = frame_klines(symbol or ONE_SYMBOL, frames, period)
        read = {symbol or found.ticker or ONE_SYMBOL: found}
    klines = {name: each.columns for name, each in read.items()}
    lengths = {columns.period_ms: name for name, columns in klines.items()}
    if len(lengths) > 1:
        several = " and ".join(f"{name} {period_name(length)}" for length, name in sorted(lengths.items()))
        raise DataError(f"the frames are klines of several periods ({several}): give those of one, which is the base")
    return klines, [remark for each in read.values() for remark in each.remarks]


def _require_frames_by_symbol(frames: Mapping[Any, Any], symbol: str | None) -> None:
    if symbol is not None:
        raise DataError("symbol: names one frame alone; in a dict each has its symbol")
    if not frames:
        raise DataError("there is no frame in the dict: give {symbol: frame}")
    wrong = next((name for name in frames if not isinstance(name, str) or not name.strip()), None)
    if wrong is not None:
        raise DataError(f"{shown(wrong)} is no symbol: give {{symbol: frame}}")


def _by_symbol(what: str, given: Any, symbols: list[str]) -> Mapping[str, Any]:
    """Return what is given by symbol; alone it is that of the only one."""
    if given is None:
        return {}
    if not isinstance(given, Mapping):
        if len(symbols) > 1:
            raise DataError(f"{what}: there are {len(symbols)} symbols: give a dict {{symbol: frame}}")
        return {symbols[0]: given}
    unknown = next((name for name in given if name not in symbols), None)
    if unknown is not None:
        raise DataError(f"{what}: there are no klines of {shown(unknown)}; there are those of {', '.join(symbols)}")
    return given
