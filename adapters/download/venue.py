"""A trading venue's public market data through the ccxt library, asked for at its pace and with patience.

ccxt is imported when a venue is opened, and only then.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator, Mapping
from typing import Any
from urllib.parse import urlsplit, urlunsplit

from engine import DataError

from ..runs import in_another_thread
from .reachability import require_reachable

_MOST_ATTEMPTS = 6
_FIRST_PAUSE_S = 1.0
_LONGEST_PAUSE_S = 300.0
_MOST_ROWS = 1000
_FEWEST_ROWS = 200
_MOST_LISTED = 12
_LONGEST_TEXT = 200

#: What ccxt raises, without meaning to, when an answer is not as it expects.
_UNREADABLE = (TypeError, ValueError, KeyError, IndexError, AttributeError)


class Venue:
    """One market of one venue, such as ``binanceusdm`` and ``BTC/USDT:USDT``.

    Requests keep to the venue's rate limit. A dropped connection, a time-out, an overloaded venue and an answer 429
    are asked again, later each time and not before a Retry-After has passed; whatever else fails, or fails six
    times, is a one-line `DataError`; so is, within 5 s, that there is no way
    to the venue. `url` takes the place of scheme and host of every address of the venue.
    """

    def __init__(
        self, name: str, symbol: str, url: str | None = None, sleep: Callable[[float], None] = time.sleep
    ) -> None:
        try:
            import ccxt
        except ImportError as error:
            raise DataError("perpsim download needs ccxt: pip install 'perpsim[download]'") from error
        self._ccxt: Any = ccxt
        if name not in self._ccxt.exchanges:
            raise DataError(f"ccxt knows no venue {name!r}{_similar(name, self._ccxt.exchanges)}")
        self.name, self.symbol = name, symbol
        self._sleep = sleep
        self._api: Any = getattr(self._ccxt, name)(
            {"enableRateLimit": True, "enableLastHttpResponse": True, "requests_trust_env": True}
        )
        if url is not None:
            self._api.urls["api"] = _at(url, self._api.urls["api"])
        require_reachable(name, map(self._api.implode_hostname, _texts(self._api.urls["api"])))
        markets = self._ask(self._api.load_markets)
        if symbol not in markets:
            raise DataError(f"{name} has no market {symbol!r}{_similar(symbol, markets)}")
        self._market: Mapping[str, Any] = markets[symbol]

    @property
    def base(self) -> str:
        """The coin of the market, such as BTC."""
        return str(self._market["base"])

    @property
    def contract_remark(self) -> str | None:
        """A remark for markets whose contract is not one coin."""
        size = self._market.get("contractSize")
        if size in (None, 1, 1.0):
            return None
        return f"one contract is {size:g} {self.base}; volumes are stored as {self.name} gives them"

    def now_ms(self) -> int:
        """Return the time of the venue, or of this computer where the venue does not tell."""
        now = self._ask(self._api.fetch_time) if self._api.has.get("fetchTime") else self._api.milliseconds()
        if not isinstance(now, int):
            raise DataError(f"{self.name} answers {now!r} when asked for the time")
        return now

    def require_period(self, period: str) -> None:
        """Raise `DataError` unless the venue has klines of this period."""
        periods = self._api.timeframes or {}
        if period not in periods:
            raise DataError(f"{self.name} has no {period} klines; it has {', '.join(periods)}")

    def require_funding(self) -> None:
        """Raise `DataError` unless the venue tells its past funding rates."""
        if not self._api.has.get("fetchFundingRateHistory"):
            raise DataError(f"{self.name} does not tell its past funding rates")

    @property
    def rows_a_page(self) -> int:
        """How many klines may be asked for at once."""
        limit = self._api.feature_value(self.symbol, "fetchOHLCV", "limit")
        return min(limit, _MOST_ROWS) if isinstance(limit, int) else _FEWEST_ROWS

    def klines(self, period: str, since_ms: int, count: int) -> list[list[Any]]:
        """Return klines that open at `since_ms` or later, oldest first: open time, prices, volume."""
        return self._list(lambda: self._api.fetch_ohlcv(self.symbol, period, since_ms, count))

    def funding(self, since_ms: int, until_ms: int, count: int) -> list[tuple[Any, Any, Any]]:
        """Return the funding rates of [since_ms, until_ms], oldest first: time, rate, mark price or None."""
        history = self._list(
            lambda: self._api.fetch_funding_rate_history(self.symbol, since_ms, count, {"until": until_ms})
        )
        try:
            return [(entry["timestamp"], entry["fundingRate"], entry["info"].get("markPrice")) for entry in history]
        except _UNREADABLE as error:
            raise self._unreadable(error) from error

    def _list(self, request: Callable[[], Any]) -> list[Any]:
        answer = self._ask(request)
        if not isinstance(answer, list):
            raise DataError(f"{self.name} sent an answer that is no list: {_one_line(answer)}")
        text = self._api.last_http_response
        if not answer and not _is_data(text):
            raise DataError(f"{self.name} sent something else than data: {_one_line(text)}")
        return answer

    def _ask(self, request: Callable[[], Any]) -> Any:
        for attempt in range(_MOST_ATTEMPTS):
            self._api.last_response_headers = None
            try:
                return in_another_thread(request)  # looking up a name is deaf to Ctrl-C
            except self._ccxt.NetworkError as error:
                if attempt == _MOST_ATTEMPTS - 1:
                    text = f"{self.name} does not answer after {_MOST_ATTEMPTS} attempts: {_one_line(error)}"
                    raise DataError(text) from error
                self._sleep(self._pause(attempt))
            except self._ccxt.BaseError as error:
                raise DataError(f"{self.name} refuses: {_one_line(error)}") from error
            except _UNREADABLE as error:
                raise self._unreadable(error) from error
        raise AssertionError("the last attempt returns or raises")

    def _pause(self, attempt: int) -> float:
        asked = (self._api.last_response_headers or {}).get("Retry-After", "")
        wanted: float = float(asked) if asked.isdigit() else 0.0
        return min(max(wanted, _FIRST_PAUSE_S * float(2**attempt)), _LONGEST_PAUSE_S)

    def _unreadable(self, error: Exception) -> DataError:
        return DataError(f"{self.name} sent an answer that cannot be read ({type(error).__name__}: {_one_line(error)})")


def _is_data(text: Any) -> bool:
    """Tell whether an answer without rows is one: ccxt makes nothing of a page of HTML, too."""
    try:
        rows = json.loads(text)
    except _UNREADABLE:
        return False
    return not isinstance(rows, list) or not rows or isinstance(rows[0], (list, dict))


def _at(url: str, addresses: Any) -> Any:
    """Return addresses, in whatever nesting of dicts, with scheme and host of another one."""
    if isinstance(addresses, dict):
        return {name: _at(url, address) for name, address in addresses.items()}
    return urlunsplit((*urlsplit(url)[:2], *urlsplit(addresses)[2:])) if isinstance(addresses, str) else addresses


def _texts(addresses: Any) -> Iterator[str]:
    """Yield every address, in whatever nesting of dicts."""
    if isinstance(addresses, dict):
        for each in addresses.values():
            yield from _texts(each)
    elif isinstance(addresses, str):
        yield addresses


def _similar(name: str, names: Any) -> str:
    start = name[:3].lower()
    found = sorted(each for each in names if each.lower().startswith(start))[:_MOST_LISTED]
    return f"; there are {', '.join(found)}" if found else ""


def _one_line(value: object) -> str:
    text = " ".join(str(value).split())
    return text if len(text) <= _LONGEST_TEXT else f"{text[:_LONGEST_TEXT]}..."
