"""A real HTTP server on this machine that speaks as Binance's USDT-M futures do, with faults on demand."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from tests.support.klines import START_MS, random_klines

HOUR_MS = 3_600_000

_MARKET = {
    "symbol": "BTCUSDT",
    "pair": "BTCUSDT",
    "contractType": "PERPETUAL",
    "deliveryDate": 4133404800000,
    "onboardDate": 1569398400000,
    "status": "TRADING",
    "baseAsset": "BTC",
    "quoteAsset": "USDT",
    "marginAsset": "USDT",
    "pricePrecision": 2,
    "quantityPrecision": 3,
    "baseAssetPrecision": 8,
    "quotePrecision": 8,
    "filters": [{"filterType": "PRICE_FILTER", "minPrice": "0.1", "maxPrice": "100000", "tickSize": "0.1"}],
    "orderTypes": ["LIMIT", "MARKET"],
    "timeInForce": ["GTC", "IOC"],
}

#: What a fault does in place of the answer: it gets the handler.
Fault = Callable[["_Handler"], None]


class TestVenue:
    """What the server knows and has been asked; `faults` are used up one by one by requests for data."""

    __test__ = False

    def __init__(self, minutes: int = 3000) -> None:
        self.klines = random_klines(minutes)
        self.absent: set[int] = set()
        self.funding = [(START_MS + n * 8 * HOUR_MS + n % 3, f"{n * 1e-6:.8f}", f"{42000 + n}.5") for n in range(60)]
        self.now_ms = START_MS + minutes * 60_000
        self.requests: list[dict[str, str]] = []
        self.faults: list[Fault | None] = []
        self.url = ""

    def answer(self, path: str, query: dict[str, str]) -> Any:
        """Return what Binance would answer."""
        if path == "/fapi/v1/exchangeInfo":
            return {"symbols": [_MARKET], "rateLimits": [], "timezone": "UTC"}
        if path == "/fapi/v1/time":
            return {"serverTime": self.now_ms}
        first, last = int(query["startTime"]), int(query.get("endTime", 1 << 60))
        limit = int(query["limit"])
        if path == "/fapi/v1/klines":
            return [row for row in self.rows() if first <= row[0] <= last][:limit]
        assert path == "/fapi/v1/fundingRate", path
        return [
            {"symbol": "BTCUSDT", "fundingTime": time, "fundingRate": rate, "markPrice": mark}
            for time, rate, mark in self.funding
            if first <= time <= last
        ][:limit]

    def rows(self) -> list[list[Any]]:
        """Return the klines as Binance writes them, the forming one included."""
        k = self.klines
        columns = (k.open_ms, k.open, k.high, k.low, k.close, k.volume)
        return [
            [opened, *map(repr, values), opened + 59_999, "0", 1, "0", "0", "0"]
            for opened, *values in zip(*(column.tolist() for column in columns), strict=True)
            if opened <= self.now_ms and opened not in self.absent
        ]


class _Handler(BaseHTTPRequestHandler):
    venue: TestVenue

    def do_GET(self) -> None:
        parts = urlsplit(self.path)
        query = dict(parse_qsl(parts.query))
        if "symbol" in query:
            self.venue.requests.append(query)
            fault = self.venue.faults.pop(0) if self.venue.faults else None
            if fault is not None:
                fault(self)
                return
        self.reply(200, json.dumps(self.venue.answer(parts.path, query)))

    def reply(self, status: int, text: str, **headers: str) -> None:
        self.send_response(status)
        for name, value in {"Content-Type": "application/json", "Content-Length": str(len(text)), **headers}.items():
            self.send_header(name.replace("_", "-"), value)
        self.end_headers()
        self.wfile.write(text.encode())

    def log_message(self, format: str, *args: object) -> None:
        """Keep quiet."""


def too_many(seconds: int) -> Fault:
    return lambda handler: handler.reply(429, '{"code":-1003,"msg":"Too many requests"}', Retry_After=str(seconds))


def dropped(handler: _Handler) -> None:
    handler.close_connection = True
    handler.connection.close()


def answered(text: str, status: int = 200) -> Fault:
    return lambda handler: handler.reply(status, text)


@contextmanager
def running_venue(venue: TestVenue) -> Iterator[TestVenue]:
    """Serve on a free port of this machine while the context lasts."""
    handler = type("Handler", (_Handler,), {"venue": venue})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    venue.url = f"http://127.0.0.1:{server.server_address[1]}"
    try:
        yield venue
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
