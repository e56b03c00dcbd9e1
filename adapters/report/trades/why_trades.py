"""What led to a trade, an order or an instant of a result in memory; that of the trades of any, for its page."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from heapq import nlargest
from typing import Any

from engine import BacktestResult, DataError, MarketHistory
from engine.journal import Journal

from ...explanations import Explanation, JournalExplained, Step, moment

#: Of more trades a page explains those that made or lost most.
MOST_EXPLAINED = 500


def explain_result(result: BacktestResult, market: MarketHistory | None = None, **asked: Any) -> Explanation:
    """Return what led to what is `asked` for: a `trade` by its number, an `order` by its id, or what is known of an
    instant (`at`). Raises `DataError` where there is none, and where the run kept no journal.
    """
    if result.journal is None:
        raise DataError(
            "the result has no journal: run it with record_journal=True; a stored one is explained by "
            "perpsim.explain(its id, database=URL)"
        )
    return JournalExplained(result.journal, "the result", market).explanation(**asked)


def explained_trades(
    journal: Journal | None, trades: Sequence[Mapping[str, Any]], market: MarketHistory | None
) -> dict[int, dict[str, Any]]:
    """Return what a page says of trades, by their places: of those that made or lost most. None without a journal."""
    if journal is None:
        return {}
    explained = JournalExplained(journal, "the result", market)
    most = nlargest(MOST_EXPLAINED, range(len(trades)), key=lambda place: abs(trades[place]["pnl"]))
    return {place: shown_explanation(explained.explanation(trade=place + 1)) for place in sorted(most)}


def shown_explanation(found: Explanation) -> dict[str, Any]:
    """Return what a page shows of an explanation: of each step its text, its instant, and where it is from."""
    sections = [{"title": each.title, "steps": [*map(_shown_step, each.steps)]} for each in found.sections]
    return {"summary": found.summary, "sections": sections}


def _shown_step(step: Step) -> dict[str, Any]:
    time = None if step.at is None else moment(step.at)
    return {"time": time, "text": step.text, "source": step.source}
