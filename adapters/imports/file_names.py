"""What the name of a file tells: which market it is of, what it holds, the period of its klines, and of when it is.

Names are those that venues and tools give their files: ``BTCUSDT-1m-2024-01.zip``, ``BTCUSDT-aggTrades-2024-01-05.zip``
(Binance), ``BTCUSDT2024-01-05.csv.gz`` (Bybit), ``BTC-USDT-SWAP-trades-2024-01-05.zip`` (OKX),
``binance-futures_derivative_ticker_2024-01-05_BTCUSDT.csv.gz`` (Tardis), ``BTC_USDT_USDT-8h-funding_rate.feather``
(freqtrade), ``Binance_BTCUSDT_1h.csv`` (CryptoDataDownload), ``XBTUSD_60.csv`` (Kraken).
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import NamedTuple

from engine.periods import MINUTE_MS, PERIOD_MS

from .market_names import coin_of

#: Ends of names, behind each other: what is read, and what it may be packed in.
ENDINGS = tuple(".csv .tsv .txt .parquet .pq .feather .ft .json .jsonl .ndjson .zip .gz .bz2 .xz".split())
_DATE = re.compile(r"(?<!\d)(20\d\d)[-_]?(0[1-9]|1[0-2])(?:[-_]?(0[1-9]|[12]\d|3[01]))?(?!\d)")
#: Between the words of a name; dashes may also be within that of a market.
_BETWEEN = re.compile(r"[_. ]+|-(?=\d+(?:mo|[smhdw])(?![A-Za-z0-9]))|(?<=\d[mhd])-", re.IGNORECASE)
_OTHER_PERIOD = re.compile(r"\d+(?:mo|[smhdw])", re.IGNORECASE)
#: What words say of the content, the first that is there: a kind of import, or in brackets what is not imported.
_KINDS = {
    "trades": r"agg[-_]?trades?|trade[-_]?prints?|public[-_]?trades?|trades?|trading",
    "mark": r"mark[-_]?price[-_]?klines?|mark[-_]?price|mark",
    "funding": r"funding[-_]?rates?|fundings?|swap[-_]?rates?|allswaprate",
    "bbo": r"book[-_]?ticker|best[-_]?bid[-_]?ask|quotes|bbo",
    "metrics": r"metrics?|derivative[-_]?ticker|asset[-_]?ctxs?|open[-_]?interest(?:[-_]?hist)?|long[-_]?short",
    "(liquidations)": r"liquidation[-_]?(?:snapshot|orders)|liquidations?|force[-_]?orders?",
    "(order book depth)": (
        r"book[-_]?depth|depth(?:[-_]?(?:diff|snap|update))?|l2[-_]?book|incremental[-_]?book(?:[-_]?l2)?|orderbook|ob\d+"
    ),
    "(klines of the index price)": r"index[-_]?price(?:[-_]?klines?)?",
    "(klines of the premium index)": r"premium[-_]?index(?:[-_]?klines?)?",
    "(options data)": r"bvol[-_]?index|eoh[-_]?summary",
    "flow": r"flow(?:15s?)?",
    "klines": r"klines?|candles?(?:ticks?)?|ohlcv?t?",
}
_KIND_WORDS = {kind: re.compile(rf"(?<![a-z])(?:{words})(?![a-z])", re.IGNORECASE) for kind, words in _KINDS.items()}
#: Folders of Binance's that tell klines of one price from those of another.
_FOLDERS = {
    "markpriceklines": "mark",
    "indexpriceklines": "(klines of the index price)",
    "premiumindexklines": "(klines of the premium index)",
}
#: What names a venue or a kind of market, and no market.
_VENUES = re.compile(
    r"(?<![a-z])(?:binance(?:us)?|bybit|okx|okex|kraken|bitfinex|bitmex|bitstamp|coinbase|gateio|gate|kucoin|huobi|htx|"
    r"hyperliquid|hl|deribit|dydx|ftx|poloniex|gemini|bitget|mexc|um|cm|spot|futures?|perps?|perpetuals?|linear|inverse|"
    r"delivery|monthly|daily|data|history)(?![a-z0-9])",
    re.IGNORECASE,
)
_NO_PLACES = frozenset("futures future perp perps perpetual perpetuals linear monthly daily data history".split())
_MARKETS = frozenset(("spot", "um", "cm"))
_PERIOD_WORDS = {"d": "1d", "1d": "1d", "daily": "1d", "1day": "1d", "minute": "1m", "1min": "1m", "hour": "1h"}
_PERIOD_WORDS |= {"1hour": "1h", "60m": "1h", "5min": "5m", "15min": "15m", "30min": "30m"}
#: A future with the date of its end.
_FUTURE = re.compile(r"[A-Z0-9]+_\d{6}")
_MARKET = re.compile(r"[A-Za-z0-9]{2,}(?:[-_/][A-Za-z0-9]+){0,3}")


class NameTells(NamedTuple):
    """What a file's name tells; None or empty where it does not. A kind in brackets is none that is imported. `day` is
    the first date in the name, as digits: 202401 of a month, 20240105 of a day. `place` is where it was recorded: the
    venue in the name, and whether on the spot market or as futures.
    """

    market: str | None
    kind: str | None
    period: str | None
    day: str
    place: str = ""


def told_by_name(path: Path) -> NameTells:
    """Return what the name of a file tells, and of its folders those of Binance's that tell a price."""
    rest = _stem(path.name)
    dates = _DATE.findall(rest)
    glued = _DATE.sub("_", rest) if dates else rest
    kind, glued = _taken(glued)
    kind = next((_FOLDERS[part] for part in map(str.lower, path.parts[:-1]) if part in _FOLDERS), kind)
    words = [*filter(None, (word.strip("-") for word in _BETWEEN.split(_VENUES.sub("_", glued))))]
    period, words = _period(words, kind)
    others = [word for word in words if _OTHER_PERIOD.fullmatch(word)]
    if others and period is None and kind in (None, "klines", "mark"):
        kind, words = f"(klines of {others[0]}, which is no period here)", [w for w in words if w not in others]
    market = _market("_".join(words))
    if kind is None and market is not None:
        # Bybit names its trades by market and date alone
        kind = "klines" if period is not None else "trades" if dates and path.name.endswith(".csv.gz") else None
    sure = market if kind is not None or dates or (market is not None and coin_of(market) is not None) else None
    day = "".join(dates[0]) if dates else ""
    return NameTells(sure, kind, None if kind == "funding" else period, day, _place(path))


def _market(text: str) -> str | None:
    """Return what is left of a name as a market, where it looks like one: a word, or the two sides of a pair."""
    if _MARKET.fullmatch(text) is None or text.isdigit():
        return None
    market = text.upper()
    return market if "_" not in market or coin_of(market) is not None or _FUTURE.fullmatch(market) else None


def _place(path: Path) -> str:
    """Return the venue and the kind of market that the name of a file and Binance's folders tell."""
    words = {word.lower() for word in _VENUES.findall(_stem(path.name))} - _NO_PLACES
    return " ".join(sorted(words | ({*map(str.lower, path.parts[:-1])} & _MARKETS)))


def _stem(name: str) -> str:
    """Return a name without what it ends in."""
    while name.lower().endswith(ENDINGS):
        name = name[: name.rindex(".")]
    return name


def _taken(text: str) -> tuple[str | None, str]:
    """Return the kind that words tell, and the text without them."""
    found = [kind for kind, words in _KIND_WORDS.items() if words.search(text)]
    for kind in found:
        text = _KIND_WORDS[kind].sub("_", text)
    return found[0] if found else None, text


def _period(words: list[str], kind: str | None) -> tuple[str | None, list[str]]:
    """Return the period that one of the words is, and the others; of bare minutes behind a market, those of klines."""
    for place, word in enumerate(words):
        text = _PERIOD_WORDS.get(word.lower(), word)
        if text in PERIOD_MS:
            return text, words[:place] + words[place + 1 :]
    if len(words) > 1 and words[-1].isdigit() and kind in (None, "klines"):
        minutes = int(words[-1])
        found = next((name for name, length in PERIOD_MS.items() if length == minutes * MINUTE_MS), None)
        return found, words[:-1] if found else words
    return None, words
