"""What a file seems to hold, by the titles of its columns: for the one that was imported as something else."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from engine.market import letters_of


class _Kind(NamedTuple):
    """Titles by their letters, one of each of these sets, that tell a kind, and what to say of it."""

    tells: tuple[frozenset[str], ...]
    what: str


def _any(*titles: str) -> frozenset[str]:
    return frozenset(map(letters_of, titles))


#: The first that fits.
_KINDS = (
    _Kind(
        (_any("original_quantity", "orig_qty", "last_fill_quantity", "liquidation_price", "liquidated_side"),),
        "liquidations, which no table has a place for (as trades they are among the others)",
    ),
    _Kind(
        (_any("asks[0].price", "bids[0].price", "ask_price_1", "bids", "is_snapshot", "percentage"),),
        "levels of an order book, which no table has a place for; best bid and ask alone come in with --kind bbo",
    ),
    _Kind(
        (
            _any(
                "sum_open_interest", "open_interest", "open_interest_amount", "oi_ccy", "long_short_ratio", "buy_ratio"
            ),
        ),
        "open interest or ratios of longs to shorts: --kind metrics",
    ),
    _Kind((_any("funding_rate", "last_funding_rate", "realized_rate"),), "funding rates: --kind funding"),
    _Kind((_any("taker_buy_volume"), _any("taker_buy_notional")), "15-second rows: --kind flow"),
    _Kind((_any("best_bid", "bid_price", "bid_px"), _any("best_ask", "ask_price", "ask_px")), "quotes: --kind bbo"),
    _Kind(
        (_any("price", "px"), _any("side", "is_buyer_maker"), _any("qty", "size", "amount", "quantity", "sz")),
        "trades: --kind trades",
    ),
    _Kind((_any("open"), _any("high"), _any("low"), _any("close")), "klines: --kind klines"),
)


def seems_to_be(titles: Sequence[str], found: Sequence[str] = ()) -> str | None:
    """Return what a file with these titles seems to hold, and how that is imported; None where they do not tell, or
    tell what it was taken for: all that tells it was `found`.
    """
    there, known = frozenset(map(letters_of, titles)), frozenset(map(letters_of, found))
    kind = next((kind for kind in _KINDS if _tells(kind, there)), None)
    return None if kind is None or _tells(kind, known) else kind.what


def _tells(kind: _Kind, letters: frozenset[str]) -> bool:
    return all(not told.isdisjoint(letters) for told in kind.tells)
