"""From the name of a market to the name that programs give it: BTCUSDT, BTC-USDT-SWAP and XBTUSD are BTC."""

from __future__ import annotations

import re

#: Longest first: of BTCUSDT the quote is USDT.
_QUOTES = tuple("FDUSD USDT USDC BUSD TUSD USDP USDD USDE USD1 DAI USD EUR GBP JPY KRW TRY BRL".split())
#: What venues put behind a perpetual.
_SUFFIXES = frozenset({"SWAP", "PERP", "PERPETUAL"})
_OTHER_NAMES = {"XBT": "BTC", "XXBT": "BTC", "XDG": "DOGE"}


def coin_of(market: str) -> str | None:
    """Return the coin of a market that is quoted in a currency of states, or in a coin that stands for one; None for
    others (ETHBTC) and for futures with a date.
    """
    first, *others = re.split(r"[-_/:]", market.upper())
    others = [part for part in others if part not in _SUFFIXES]
    if others:
        return _coin(first) if all(part in _QUOTES for part in others) else None
    quote = next((quote for quote in _QUOTES if first.endswith(quote) and len(first) > len(quote)), None)
    return None if quote is None else _coin(first.removesuffix(quote))


def _coin(name: str) -> str:
    return _OTHER_NAMES.get(name, name)
