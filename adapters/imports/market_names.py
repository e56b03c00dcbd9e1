"""From the name of a market to the name that programs give it: BTCUSDT, BTC-USDT-SWAP and XBTUSD are BTC."""

from __future__ import annotations

import re

#: Longest first: of BTCUSDT the quote is USDT.
_QUOTES = tuple("FDUSD USDT USDC USDP USDD USDE USD1 DAI USD EUR GBP JPY KRW TRY BRL".split())
#: These are quotes of the best known coins alone: XBTUSD is no XB in TUSD, and BNBUSD no BN in BUSD.
_AMBIGUOUS = ("BUSD", "TUSD")
_BEST_KNOWN = frozenset("BTC ETH BNB XRP SOL ADA DOGE LTC LINK TRX MATIC AVAX DOT ETC EOS BCH USDC USDT".split())
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
        return _coin(first) if all(part in (*_QUOTES, *_AMBIGUOUS) for part in others) else None
    for quote in _AMBIGUOUS:
        if first.removesuffix(quote) in _BEST_KNOWN and first.endswith(quote):
            return first.removesuffix(quote)
    found = next((quote for quote in _QUOTES if first.endswith(quote) and len(first) > len(quote)), None)
    return None if found is None else _coin(first.removesuffix(found))


def _coin(name: str) -> str:
    return _OTHER_NAMES.get(name, name)
