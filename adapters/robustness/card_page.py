"""A robustness card as one HTML file that needs neither a server nor a network, in the look of a result's page."""

from __future__ import annotations

from html import escape

from engine.plain_values import counted

from ..report import page_style
from .card_line import CardLine, Grade
from .robustness_card import RobustnessCard

_PAGE = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'; img-src data:">
<title>{title}</title>
<style>{style}
main {{ max-width: 960px; }}
td {{ vertical-align: top; }}
.doubtful {{ color: var(--warn); }}
</style>
</head>
<body>
<main>
<section class="card">
<div class="row end"><h1>{title}</h1>{badge}</div>
<p class="soft">{period}, {runs}</p>
<p>Verdict: <b class="{tone}">{verdict}</b>, {reason}</p>
</section>
<section class="card scroll">
<table>
<thead><tr><th>Line</th><th>Value</th><th>Verdict</th><th>Why, and what it means</th></tr></thead>
<tbody>
{rows}
</tbody>
</table>
</section>
<p class="soft small">Written by perpsim. A verdict is never better than its sample allows.</p>
</main>
</body>
</html>
"""
_ROW = (
    '<tr id="{name}"><td><b>{title}</b></td><td class="wrap">{value}</td><td>{badge}</td>'
    '<td class="wrap">{reason}<br><span class="soft small">{meaning}</span></td></tr>'
)
_TONES = {Grade.GOOD: "good", Grade.DOUBTFUL: "doubtful", Grade.BAD: "bad", Grade.NOT_TOLD: "soft"}


def card_html(card: RobustnessCard) -> str:
    """Return the whole page as text."""
    return _PAGE.format(
        title=escape(card.title),
        style=page_style(),
        period=escape(card.period),
        runs=counted(card.runs, "run"),
        badge=_badge(card.grade),
        tone=_TONES[card.grade],
        verdict=escape(card.grade),
        reason=escape(card.reason),
        rows="\n".join(map(_row, card.lines)),
    )


def _row(line: CardLine) -> str:
    return _ROW.format(
        name=escape(line.name),
        title=escape(line.title),
        value=escape(line.value),
        badge=_badge(line.grade),
        reason=escape(line.reason),
        meaning=escape(line.meaning),
    )


def _badge(grade: Grade) -> str:
    return f'<span class="badge {_TONES[grade]}">{escape(grade)}</span>'
