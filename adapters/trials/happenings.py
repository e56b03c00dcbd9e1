"""What has happened in a run up to an instant, line by line."""

from __future__ import annotations

import json
from operator import itemgetter

from engine import BacktestResult
from engine.plain_values import plain


def happened(result: BacktestResult, until_ms: int) -> bytes:
    """Return the triggers with what was answered, the orders and the fills up to an instant, one JSON object a line."""
    lines = [(each["timestamp"], 1, {"message": "trigger", **each}) for each in result.trigger_log.unasked()]
    lines += [(fill.timestamp, 0, {"message": "fill", **_fields(fill)}) for fill in result.fill_records]
    known = sorted((each for each in lines if each[0] <= until_ms), key=itemgetter(0, 1))
    return b"".join(
        json.dumps({"at": at, **entry}, sort_keys=True, separators=(",", ":")).encode() + b"\n"
        for at, _, entry in known
    )


def _fields(fill: object) -> dict[str, object]:
    return {name: plain(getattr(fill, name)) for name in ("symbol", "side", "size", "price", "fee", "purpose")}
