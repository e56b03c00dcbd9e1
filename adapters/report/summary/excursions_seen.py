"""How far trades went against their holder, and for him, before they were closed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from engine.result import Column, Unit

from .holding_times import by_outcome
from .summary_table import Row, SummaryTable

#: A picture of more points says no more.
MOSTEXCURSIONSS_OF_TRADES = 1_000
_QUANTILES = {"q05": 5, "q25": 25, "median": 50, "q75": 75, "q95": 95}
#: The fields of trades that the picture is of: the result, and what it is drawn over.
EXCURSIONS = ("pnl_percent", "mae_percent", "mfe_percent")


@dataclass(frozen=True)
class _Measure:
    """What is looked at: the endings of the fields of trades, and how its values are written."""

    name: str
    ending: str
    unit: Unit
    title: str
    of: str


_MEASURES = (
    _Measure("excursions", "_percent", Unit.PERCENT, "MAE and MFE, %", "in percent of the entry notional"),
    _Measure("excursions_usd", "", Unit.USD, "MAE and MFE, USD", "in USD"),
)
_NAMES = {"mae": "MAE", "mfe": "MFE"}


def excursion_tables(trades: Sequence[Row]) -> Iterator[SummaryTable]:
    """Yield the quantiles of the adverse and favourable excursions of trades, in percent and in USD."""
    for measure in _MEASURES:
        rows = [*_rows(trades, measure)]
        meaning = (
            f"Worst (MAE, 0 or below) and best (MFE, 0 or above) unrealised PnL of a trade on its way, {measure.of}; "
            "quantiles between two trades are interpolated."
        )
        yield SummaryTable(measure.name, measure.title, meaning, _columns(measure.unit), rows, len(rows))


def _columns(unit: Unit) -> tuple[Column, ...]:
    return (
        Column("part", "Of trades"),
        Column("count", "Number", Unit.COUNT, meaning="Trades of which it is known"),
        Column("min", "Lowest", unit, meaning="The lowest of all"),
        *(
            Column(name, "Median" if each == 50 else f"{each} %", unit, meaning=f"{each} % of the trades are below")
            for name, each in _QUANTILES.items()
        ),
        Column("max", "Highest", unit, meaning="The highest of all"),
        Column("mean", "Mean", unit, meaning="Sum of all / their number"),
    )


def _rows(trades: Sequence[Row], measure: _Measure) -> Iterator[dict[str, Any]]:
    for name, label in _NAMES.items():
        for part, found in by_outcome(trades):
            known = [each[name + measure.ending] for each in found if each.get(name + measure.ending) is not None]
            if known:
                yield {"part": f"{label}, {part.lower()}", **_spread(np.array(known, np.float64))}


def _spread(values: Any) -> dict[str, Any]:
    quantiles = np.percentile(values, [*_QUANTILES.values()]).tolist()
    return {
        "count": len(values),
        "min": float(values.min()),
        **dict(zip(_QUANTILES, quantiles, strict=True)),
        "max": float(values.max()),
        "mean": float(values.mean()),
    }


def excursion_points(trades: Sequence[Row]) -> Mapping[str, Any]:
    """Return as columns where trades stand in a picture of excursions and net PnL, in percent of the entry notional: of
    more than `MOSTEXCURSIONSS_OF_TRADES` some, spread evenly over all. `total` is how many could be shown.
    """
    known = [place for place, each in enumerate(trades) if all(each.get(name) is not None for name in EXCURSIONS)]
    most = min(len(known), MOSTEXCURSIONSS_OF_TRADES)
    shown = [known[place * len(known) // most] for place in range(most)]
    columns = {name: [trades[place][name] for place in shown] for name in EXCURSIONS}
    return {"index": shown, **columns, "total": len(known)}
