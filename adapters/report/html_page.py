"""A page as one HTML file that needs neither a server nor a network: its data inside; that of a result."""

from __future__ import annotations

import base64
import html
import json
import zlib
from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any

from engine.plain_values import plain

from .described_result import DescribedResult
from .page_scripts import bundled
from .page_styles import page_style
from .page_words import vocabulary
from .prices import CHART_PERIODS, Levels
from .trades import in_few_bytes

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
{begin}
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
        "result": deflated_json(
            {
                "vocabulary": vocabulary(),
                "summary": {
                    **described.summary,
                    "explains": bool(described.explained),
                    "overlays": _overlays(described),
                },
                "records": described.records,
                "periods": CHART_PERIODS,
                "levels": {name: list(blocks) for name, blocks in series.items()},
                "prices": {each: _prices_name(each, symbols) for each in described.prices},
            }
        ),
        **{name: packed for blocks in series.values() for name, packed in blocks.items()},
        "trades": deflated_json(_few_bytes(**described.trade_columns())),
        "summary": deflated_json(described.tables),
        "triggers": deflated_json(described.triggers()),
        "curves": deflated_json(described.curves),
        **({"explained": deflated_json(described.explained)} if described.explained else {}),
    }
    note = [f"Written by perpsim from {described.origin}.", *described.remarks]
    note.append("Charts: TradingView Lightweight Charts, Copyright (c) TradingView, Inc., https://www.tradingview.com/")
    return file_page(described.title, blocks, note, bundled("report.js"), run=str(described.summary["id"] or ""))


def _overlays(described: DescribedResult) -> list[str]:
    """Return what the chart can show beside price, equity and drawdown, of what the file has."""
    known = {"hold": "hold", "exposure": "exposure", "volumes": "volume"}
    found = [name for curve, name in known.items() if described.curves.get(curve)]
    return [*found, "signals"] if any(each["trigger_type"] == "signal" for each in described.trigger_items) else found


def file_page(
    title: str, blocks: Mapping[str, bytes], note: Sequence[str], script: str, *, run: str = "", style: str = ""
) -> str:
    """Return a page with blocks of data, each in an element of its name as base64, sentences at its foot, the script
    that fills it, and rules of style beside those of all pages. The script is a block, too: see begin.js.
    """
    return _PAGE.format(
        run=run,
        title=html.escape(title),
        style=page_style() + style,
        blocks="\n".join((*map(_block, blocks, blocks.values()), _block("script", _deflated_script(script)))),
        note=html.escape(" ".join(note)),
        begin=bundled("begin.js"),
    )


def _few_bytes(items: Any, marks: Any, lines: Any, **others: Any) -> dict[str, Any]:
    return {**in_few_bytes(items, marks, lines), **others}


@cache
def _deflated_script(script: str) -> bytes:
    return zlib.compress(script.encode(), 9)


def _prices_name(symbol: str, symbols: list[str]) -> str:
    return f"prices-{symbols.index(symbol)}"


def _named(name: str, levels: Levels) -> dict[str, bytes]:
    return {f"{name}-{place}": packed for place, packed in enumerate(levels)}


def _block(name: str, packed: bytes) -> str:
    return f'<script type="text/plain" id="{name}">{base64.b64encode(packed).decode()}</script>'


def deflated_json(values: Any) -> bytes:
    """Return plain values as a block, which `parsed` of packed.js reads."""
    try:
        text = json.dumps(values, allow_nan=False, separators=(",", ":"))
    except ValueError:  # a figure beyond what a float can hold: said as text
        text = json.dumps(plain(values))
    return zlib.compress(text.encode())
