"""What led to trades, orders or instants of a run, from its journal."""

from __future__ import annotations

from functools import cached_property
from typing import Any

from engine import DataError, MarketHistory
from engine.instants import TimeLike, instant_ms
from engine.journal import Journal
from engine.plain_values import kind_of, shown

from .explanation import Explanation
from .moment_story import explained_moment
from .noted_lines import NotedLines
from .order_story import explained_order
from .trade_story import explained_trade

_ONE = "say what to explain, and one thing only: a trade by its number from 1 on, an order by its id, or a time"


class JournalExplained:
    """Explains what is in a journal, which is read once; values of rows are those of `market`, or of the market of the
    run while that is at hand. What it raises is `DataError`, which calls the journal by its `name`.
    """

    def __init__(self, journal: Journal, name: str = "the journal", market: MarketHistory | None = None) -> None:
        self._journal, self._name = journal, name
        self._market = journal.market if market is None else checked_market(market)

    @cached_property
    def _notes(self) -> NotedLines:
        return NotedLines(self._journal)

    @property
    def trades(self) -> int:
        """How many closed trades there are."""
        return len(self._notes.closings)

    def explanation(
        self, *, trade: int | None = None, at: TimeLike | None = None, order: int | None = None
    ) -> Explanation:
        """Return what led to a `trade` (by its number from 1 on; -1 is the last), to an `order` (by its id), or what is
        known of an instant (`at`), as steps in words.
        """
        asked = {"trade": trade, "at": at, "order": order}
        given = [name for name, value in asked.items() if value is not None]
        if len(given) != 1:
            raise DataError(f"{' and '.join(given) or 'nothing'} was given: {_ONE}")
        _require_whole(trade=trade, order=order)
        try:
            return self._explanation(trade, at, order)
        except (DataError, ValueError) as error:
            raise DataError(f"{self._name}: {error}") from error

    def _explanation(self, trade: int | None, at: TimeLike | None, order: int | None) -> Explanation:
        if trade is not None:
            number = trade + self.trades + 1 if trade < 0 else trade
            return explained_trade(self._notes, number, self._market)
        if order is not None:
            return explained_order(self._notes, order, self._market)
        assert at is not None
        return explained_moment(self._notes, self._journal.records(), instant_ms(at), self._market)


def checked_market(market: object) -> MarketHistory:
    """Return a market that somebody has given; `DataError` for anything else."""
    if not isinstance(market, MarketHistory):
        raise DataError(f"market: {kind_of(market)} is no MarketHistory: MarketHistory.from_frames(df) makes one")
    return market


def _require_whole(**numbers: Any) -> None:
    for name, number in numbers.items():
        if number is not None and (isinstance(number, bool) or not isinstance(number, int)):
            raise DataError(f"{name}: {shown(number)} is no whole number")
