"""The process that downloads from a venue for the server: ``python -m adapters.web.runs.download_worker``.

It reads its job, one line of JSON, from standard input, and stores page after page: what has come stays, whatever
happens later.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping
from typing import Any

from engine import DataError, utc_text

from ...database import checked_name, exchange_name, open_database
from ...download import Span, Target, Unreachable, Venue, funding_download, kline_download
from .run_worker import Channel
from .strange_files import work

_MOST_CPU_S = 7_200


def download(channel: Channel, entry: Mapping[str, Any]) -> dict[str, Any]:
    """Fetch what is missing, and return lines that say what was stored."""
    span = Span(entry["start_ms"], entry["end_ms"])
    channel.send("progress", what=f"asking {entry['venue']}", done=0, total=None)
    venue = _venue(entry)
    symbol = checked_name("symbol", entry["symbol"] or venue.base)
    target = Target(open_database(entry["database"]), exchange_name(entry["exchange"] or entry["venue"]), symbol)
    period = entry["period"]
    what = "funding rates" if period is None else f"{period} klines"
    plan = funding_download(target, venue, span) if period is None else kline_download(target, venue, period, span)
    done = stored = 0
    for page in plan.run():
        done, stored = done + page.covered_ms, stored + page.stored
        channel.send("progress", what=f"{stored:,} {what} stored", done=done, total=plan.missing_ms)
    lines = [f"{what} of {symbol} on {target.exchange}, from {venue.name} {venue.symbol}: {stored:,} new ones"]
    lines.append(f"{utc_text(span.start_ms)} to {utc_text(span.stop_ms)}")
    if not plan.missing:
        lines.append("nothing was missing: all of it was stored already")
    if period is not None and venue.contract_remark:
        lines.append(venue.contract_remark)
    return {"report": lines}


def _venue(entry: Mapping[str, Any]) -> Venue:
    """Return the venue; where there is no way to it, a client is not told by which hosts this server goes."""
    try:
        return Venue(entry["venue"], entry["market"], entry["url"])
    except Unreachable as error:
        raise DataError(
            f"{error.name} cannot be reached from the server: look at its network, its HTTPS_PROXY and --venue-url"
        ) from error


def main() -> None:
    """Do the job that stands on standard input."""
    entry = json.loads(sys.stdin.buffer.readline())
    work(lambda channel: download(channel, entry), [], _MOST_CPU_S)


if __name__ == "__main__":
    main()
