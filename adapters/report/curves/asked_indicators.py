"""Which indicators the program of a stored result asked for: nothing else is offered as an overlay."""

from __future__ import annotations

from typing import Any

from sqlalchemy import String, cast, func, select

from engine.market.indicators import Indicator, parse_indicator
from engine.periods import PERIOD_MS

from ...database import Database, backtest_trigger_logs, stored_json

#: Of more triggers that asked for one so many are looked at.
_MOST_TRIGGERS = 5_000
_QUERY = "get_indicator"
#: Those that are prices stand among the prices: by the letters that their names begin with.
_AMONG_PRICES = ("MA", "EMA", "BOLL", "VWAP")

#: Symbol, name in capitals, period.
Asked = tuple[str, str, str]


def indicators_asked(database: Database, run_id: int) -> dict[str, Any]:
    """Return which indicators were asked for at the stored triggers of a run, in order of symbol, name and period;
    `looked_at` of `triggers` that asked for any.
    """
    c = backtest_trigger_logs.c
    asking = c.backtest_id == run_id, cast(c.data_queries, String).contains(f'"{_QUERY}"', autoescape=True)
    with database.reading() as connection:
        if not database.has_table(connection, backtest_trigger_logs):
            return {"indicators": [], "triggers": 0, "looked_at": 0}
        total = connection.execute(select(func.count()).select_from(backtest_trigger_logs).where(*asking)).scalar_one()
        wanted = select(c.data_queries).where(*asking).order_by(c.id).limit(_MOST_TRIGGERS)
        texts = connection.execute(wanted).scalars().all()
    found = {asked for text in texts for each in stored_json(text) or () if (asked := _asked(each)) is not None}
    listed = [
        {"symbol": symbol, "name": name, "period": period, "among_prices": is_among_prices(name)}
        for symbol, name, period in sorted(found, key=lambda each: (each[0], each[1], PERIOD_MS[each[2]]))
    ]
    return {"indicators": listed, "triggers": total, "looked_at": len(texts)}


def _asked(query: Any) -> Asked | None:
    """Return what a query asked for; None for another one, and for what is no indicator."""
    if query.get("query") != _QUERY or len(query.get("arguments") or ()) != 3:
        return None
    symbol, name, period = query["arguments"]
    if not isinstance(symbol, str) or indicator_of(name) is None or period not in PERIOD_MS:
        return None
    return symbol, name.upper(), period


def indicator_of(name: Any) -> Indicator | None:
    """Return the indicator of a name; None where there is none."""
    return parse_indicator(name) if isinstance(name, str) else None


def is_among_prices(name: str) -> bool:
    """Tell whether an indicator is a price: an average or a band of prices."""
    return name.rstrip("0123456789") in _AMONG_PRICES
