"""A stored result as one HTML file that needs neither a server nor a network: the result page with its data inside."""

from __future__ import annotations

import base64
import html
import json
import re
from collections.abc import Collection, Mapping, Sequence
from pathlib import Path
from typing import Any

from engine import DataError
from engine.instants import LAST_MS

from ..database import Database
from ..output import atomic_file
from ..results import require_results
from .kline_reader import KlineReader
from .page_words import vocabulary
from .problems import Refused
from .result_reader import ResultReader

STATIC = Path(__file__).with_name("static")

#: More triggers than these are left out: first those at which nothing was decided.
MOST_TRIGGERS = 2_000
MOST_KLINES = 6_000
_MOST_MARKS = 20_000

_MODULES = (
    "vendor/lightweight-charts.js chart.js dom.js figures.js format.js report.js result.js running.js triggers.js "
    "vocabulary.js"
).split()
_IMPORT = re.compile(r'(from\s+|import\s+)"\./([\w./-]+)"')

_PAGE = """<!doctype html>
<html lang="en" data-run="{run}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; script-src 'unsafe-inline' data:; \
style-src 'unsafe-inline'; img-src data:">
<title>{title}</title>
<style>{style}
a.button {{ display: none; }}
</style>
<script type="importmap">{modules}</script>
</head>
<body>
<main><div id="main" style="display:grid;gap:16px;min-width:0"></div>
<p class="soft small">{note}</p></main>
<script type="application/json" id="data">{data}</script>
<script type="module">import "report.js";</script>
</body>
</html>
"""


def write_report(database: Database, run_id: int, path: Path) -> None:
    """Write the result page of a stored result; raises `DataError` for an unknown id, or one without figures."""
    require_results(database)
    try:
        text = report_html(database, run_id)
    except Refused as error:
        raise DataError(f"{database.name}: {error}") from error
    with atomic_file(path) as file:
        file.write(text.encode())


def report_html(database: Database, run_id: int) -> str:
    """Return the whole page as text."""
    reader = ResultReader(database)
    summary = {**reader.summary(run_id), "progress": None}
    if not summary["figures"]:
        raise Refused(409, f"back-test {run_id} has no figures: its status is {summary['status']}")
    kinds = reader.trigger_kinds(run_id, MOST_TRIGGERS)
    triggers = reader.whole_triggers(run_id, _wanted_triggers(kinds, summary["triggers_saved"]))
    data = {
        "vocabulary": vocabulary(),
        "summary": summary,
        "equity": reader.equity(run_id, 2_000),
        "records": reader.records(run_id),
        "trades": reader.trades(run_id, 0, LAST_MS, "index", False, {})["items"],
        "markers": reader.markers(run_id, None, 0, LAST_MS, _MOST_MARKS, False)["columns"],
        "triggers": triggers,
        "trigger_kinds": kinds,
        "klines": _klines(database, summary),
    }
    total, unsaved = summary["total_triggers"] or 0, (summary["total_triggers"] or 0) - summary["triggers_saved"]
    quiet = f", {unsaved:,} of them because nothing came of them" if unsaved > 0 else ""
    left_out = f" {total - len(triggers):,} of {total:,} triggers are left out{quiet}." if total > len(triggers) else ""
    program = summary["program"] or "back-test"
    return _PAGE.format(
        run=run_id,
        title=html.escape(f"{program}: {', '.join(summary['symbols'])}"),
        style=(STATIC / "style.css").read_text("utf-8"),
        modules=_inside_script(json.dumps({"imports": _modules()})),
        data=_inside_script(json.dumps(data)),
        note=f"Written by perpsim from stored back-test {run_id}.{left_out} Charts: TradingView Lightweight Charts, "
        "Copyright (c) TradingView, Inc., https://www.tradingview.com/",
    )


def _wanted_triggers(kinds: Mapping[str, Sequence[int]], saved: int) -> Collection[int] | None:
    """Return the triggers at which something happened, or None, all that are stored, when they are few."""
    return None if saved <= MOST_TRIGGERS else sorted(set().union(*kinds.values()))[:MOST_TRIGGERS]


def _klines(database: Database, summary: dict[str, Any]) -> dict[str, Any]:
    reader = KlineReader(database)
    start, end = summary["figures"]["start_time"], summary["figures"]["end_time"]
    return {
        symbol: {**reader.klines(summary["exchange"], symbol, start, end, None, MOST_KLINES), "finest": True}
        for symbol in summary["symbols"]
    }


def _modules() -> dict[str, str]:
    """Return the page's scripts by name, each as a URL that holds it; api.js answers from the file's own data."""
    texts = {name: (STATIC / name).read_text("utf-8") for name in _MODULES}
    texts["api.js"] = (STATIC / "report_api.js").read_text("utf-8")
    bare = {name: _IMPORT.sub(r'\1"\2"', text).encode() for name, text in texts.items()}
    return {name: f"data:text/javascript;base64,{base64.b64encode(text).decode()}" for name, text in bare.items()}


def _inside_script(text: str) -> str:
    """Return JSON that cannot end the script element it stands in."""
    return text.replace("<", "\\u003c")
