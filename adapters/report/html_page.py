"""A result as one HTML file that needs neither a server nor a network: the result page with its data inside."""

from __future__ import annotations

import base64
import html
import json
import zlib
from typing import Any

from engine.plain_values import plain

from .described_result import DescribedResult
from .detail_levels import Levels
from .kline_reader import CHART_PERIODS
from .page_scripts import STATIC, bundled
from .page_words import vocabulary

_PAGE = """<!doctype html>
<html lang="en" data-run="{run}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; script-src 'unsafe-inline'; \
style-src 'unsafe-inline'; img-src data:">
<title>{title}</title>
<style>{style}
a.button {{ display: none; }}
</style>
</head>
<body>
<main><div id="main" style="display:grid;gap:16px;min-width:0"></div>
<p class="soft small">{note}</p></main>
{blocks}
<script type="module">
{script}
</script>
</body>
</html>
"""


def page_html(described: DescribedResult) -> str:
    """Return the whole page as text. Its data stand in blocks, inflated when they are asked for: see report_api.js."""
    symbols = described.summary["symbols"]
    series = {
        "equity": _named("equity", described.equity),
        **{
            name: _named(name, levels)
            for name, levels in ((_prices_name(each, symbols), found) for each, found in described.prices.items())
        },
    }
    blocks = {
        "result": _deflated(
            {
                "vocabulary": vocabulary(),
                "summary": described.summary,
                "records": described.records,
                "periods": CHART_PERIODS,
                "levels": {name: list(blocks) for name, blocks in series.items()},
                "prices": {each: _prices_name(each, symbols) for each in described.prices},
            }
        ),
        **{name: packed for blocks in series.values() for name, packed in blocks.items()},
        "trades": _deflated(described.trade_columns()),
        "triggers": _deflated(described.triggers()),
    }
    note = [f"Written by perpsim from {described.origin}.", *described.remarks]
    note.append("Charts: TradingView Lightweight Charts, Copyright (c) TradingView, Inc., https://www.tradingview.com/")
    return _PAGE.format(
        run=described.summary["id"] or "",
        title=html.escape(described.title),
        style=(STATIC / "style.css").read_text("utf-8"),
        blocks="\n".join(map(_block, blocks, blocks.values())),
        note=html.escape(" ".join(note)),
        script=bundled("report.js"),
    )


def _prices_name(symbol: str, symbols: list[str]) -> str:
    return f"prices-{symbols.index(symbol)}"


def _named(name: str, levels: Levels) -> dict[str, bytes]:
    return {f"{name}-{place}": packed for place, packed in enumerate(levels)}


def _block(name: str, packed: bytes) -> str:
    return f'<script type="text/plain" id="{name}">{base64.b64encode(packed).decode()}</script>'


def _deflated(values: dict[str, Any]) -> bytes:
    try:
        text = json.dumps(values, allow_nan=False)
    except ValueError:  # a figure beyond what a float can hold: said as text
        text = json.dumps(plain(values))
    return zlib.compress(text.encode())
