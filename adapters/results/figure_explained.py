"""What each figure of a result means, as texts for a terminal."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from textwrap import wrap

from engine.near_names import nearest
from engine.result import FIGURES, REASONS, Figure, Group, Place, Unit

_WIDTH = 80
_INDENT = " " * 4

#: Where a formula comes from.
SOURCES: Mapping[str, str] = {
    "annual_alpha_percent": "Jensen 1968, risk-free rate 0",
    "beta": "Jensen 1968, least squares, risk-free rate 0",
    "calmar_ratio": "Young 1991",
    "expectancy_r": "Tharp 1998",
    "max_drawdown": "Magdon-Ismail and Atiya 2004",
    "max_drawdown_percent": "Magdon-Ismail and Atiya 2004",
    "sharpe_error": "Mertens 2002, Opdyke 2007, with n - 1 as in Bailey and Lopez de Prado 2012",
    "sharpe_ratio": "Sharpe 1994",
    "sortino_ratio": "Sortino and Price 1994, target 0",
    "sqn": "Tharp 2008, there of R multiples; of USD as most back-testers have it",
}

#: What backtesting.py, vectorbt, freqtrade, jesse and quantstats call it.
ELSEWHERE: Mapping[str, tuple[str, ...]] = {
    "annual_alpha_percent": ("Alpha [%]",),
    "annual_return_percent": ("CAGR", "CAGR [%]", "Return (Ann.) [%]", "Annualized Return [%]", "Annual Return"),
    "annual_volatility_percent": ("Volatility (Ann.) [%]", "Annualized Volatility [%]"),
    "avg_drawdown_ms": ("Avg. Drawdown Duration",),
    "avg_drawdown_percent": ("Avg. Drawdown [%]",),
    "avg_holding_ms": ("Avg. Trade Duration", "Avg. Duration", "Average Holding Period"),
    "avg_loss_holding_ms": ("Avg Losing Trade Duration", "Avg. Duration Loser"),
    "avg_loss_percent": ("Avg Losing Trade [%]",),
    "avg_trade_percent": ("Avg. Trade [%]", "Expectancy [%]", "Avg profit %"),
    "avg_win_holding_ms": ("Avg Winning Trade Duration", "Avg. Duration Winners"),
    "avg_win_percent": ("Avg Winning Trade [%]",),
    "best_day_percent": ("Best day", "Best Day %"),
    "best_trade_percent": ("Best Trade [%]", "Best trade"),
    "beta": ("Beta",),
    "buy_and_hold_percent": ("Buy & Hold Return [%]", "Market change", "Benchmark Return [%]"),
    "calmar_ratio": ("Calmar Ratio",),
    "exposure_percent": ("Exposure Time [%]", "Position Coverage [%]", "Time in Market %"),
    "expectancy": ("Expectancy", "Expectancy [$]"),
    "expectancy_ratio": ("Expectancy (Ratio)",),
    "fees_paid": ("Commissions [$]", "Total Fees Paid"),
    "final_equity": ("Equity Final [$]", "End Value", "Final balance", "Finishing Balance"),
    "fills": ("Total Orders",),
    "gross_loss": ("Gross Loss",),
    "gross_profit": ("Gross Profit",),
    "highest_equity": ("Equity Peak [$]", "Max balance"),
    "initial_balance": ("Start Value", "Starting balance"),
    "kelly_percent": ("Kelly Criterion", "Kelly Criterion %"),
    "largest_loss": ("Largest Losing Trade",),
    "largest_win": ("Largest Winning Trade",),
    "longest_drawdown_ms": ("Max. Drawdown Duration", "Max Drawdown Duration", "Longest DD Days"),
    "longest_holding_ms": ("Max. Trade Duration",),
    "longest_loss_streak": ("Max Consecutive Losses", "Losing Streak"),
    "longest_win_streak": ("Max Consecutive Wins", "Winning Streak"),
    "losing_days": ("Days lose",),
    "max_drawdown": ("Absolute drawdown",),
    "max_drawdown_at": ("Drawdown End",),
    "max_drawdown_from": ("Drawdown Start",),
    "max_drawdown_percent": ("Max. Drawdown [%]", "Max Drawdown [%]", "Max % of account underwater"),
    "omega_ratio": ("Omega Ratio",),
    "payoff_ratio": ("Win/Loss Ratio", "Risk Reward Ratio", "Ratio Avg Win / Avg Loss"),
    "profit_factor": ("Profit Factor",),
    "recovery_factor": ("Recovery Factor",),
    "return_kurtosis": ("Kurtosis",),
    "return_skew": ("Skew",),
    "sharpe_ratio": ("Sharpe Ratio", "Sharpe"),
    "sortino_ratio": ("Sortino Ratio", "Sortino"),
    "sqn": ("SQN",),
    "total_pnl": ("Absolute profit", "PNL", "Net Profit"),
    "total_pnl_percent": ("Return [%]", "Total Return [%]", "Total profit %", "PNL Percentage"),
    "total_trades": ("# Trades", "Total Trades", "Total Closed Trades"),
    "trades_per_day": ("Daily Avg Trades", "Trades per day"),
    "unrealized_pnl": ("Open Trade PnL",),
    "win_rate": ("Win Rate [%]", "Win%"),
    "winning_days": ("Days win",),
    "worst_day_percent": ("Worst day", "Worst Day %"),
    "worst_trade_percent": ("Worst Trade [%]", "Worst trade"),
}


def figure_list() -> str:
    """Return a line for each figure, by group: its name, its unit and what it is called."""
    return "\n\n".join(
        "\n".join([group, *_lines(name for name, figure in FIGURES.items() if figure.group is group)])
        for group in Group
    )


def _lines(names: Iterator[str] | list[str]) -> list[str]:
    width, units = max(map(len, FIGURES)), max(len(figure.unit.label) for figure in FIGURES.values())
    return [f"  {name:{width}}  {FIGURES[name].unit.label:{units}}  {FIGURES[name].label}" for name in names]


def explained(words: str) -> str | None:
    """Return what is known of the figures that are called so: by the names of their fields, their labels, or what
    others call them. Of several that only have it in their names the list; of none the one with the nearest name, None
    where none is near.
    """
    wanted, names = _simple(words), _names()
    if words in FIGURES:
        return figure_text_of(words)
    exact = [name for name, known in names.items() if wanted in map(_simple, known)]
    if exact:
        return "\n\n".join(map(figure_text_of, exact))
    within = [name for name, known in names.items() if wanted and any(wanted in _simple(each) for each in known)]
    if len(within) > 1:
        return "\n".join([f"{len(within)} figures have {words!r} in their names:", *_lines(within)])
    if within:
        return figure_text_of(within[0])
    called = {_simple(each): name for name, known in names.items() for each in known}
    near = nearest(wanted, called)
    if near is None:
        return None
    return f"No figure is called {words!r}; did you mean {called[near]}?\n\n{figure_text_of(called[near])}"


def _names() -> dict[str, tuple[str, ...]]:
    return {name: (name, *_called(figure), *ELSEWHERE.get(name, ())) for name, figure in FIGURES.items()}


def _called(figure: Figure) -> tuple[str, ...]:
    """Return what tables call a figure; `line` is indented below what it is a part of."""
    return (figure.label, figure.title, *((figure.line.strip(),) if figure.line else ()))


def _simple(text: str) -> str:
    """Return a name without what people write in several ways."""
    return " ".join(re.findall(r"[a-z0-9]+", text.lower())) or text.strip()


def figure_text_of(name: str) -> str:
    """Return all that is known of a figure: meaning, unit, source, when it has no value, where it is shown."""
    figure = FIGURES[name]
    lines = [f"{name}: {figure.label}", *_wrapped("", f"{figure.meaning}.")]
    lines += _wrapped("Unit: ", _unit(figure))
    if name in SOURCES:
        lines += _wrapped("Source: ", SOURCES[name])
    lines += _wrapped("No value: ", _no_value(name, figure))
    lines += _wrapped("Shown: ", ", ".join(_places(figure)))
    if figure.columns:
        lines += _wrapped("Of each: ", ", ".join(each.key for each in figure.columns))
    if name in ELSEWHERE:
        lines += _wrapped("Elsewhere: ", ", ".join(ELSEWHERE[name]))
    return "\n".join(lines)


def _wrapped(start: str, text: str) -> list[str]:
    return wrap(f"{start}{text}", _WIDTH, initial_indent=_INDENT, subsequent_indent=_INDENT + " " * len(start))


def _unit(figure: Figure) -> str:
    about = {Unit.MOMENT: " (epoch ms, UTC)", Unit.DURATION: " (shown in seconds, hours or days)"}
    return figure.unit.label + about.get(figure.unit, "")


def _no_value(name: str, figure: Figure) -> str:
    if figure.of:
        return f"where {figure.of} is 0 it is 0, and shown as -"
    if name in REASONS:
        return f"null, and in its place: {'; '.join(why for why, _ in REASONS[name])}"
    return "always has one" if figure.unit.is_number or figure.unit is Unit.FLAG else "may be empty"


def _places(figure: Figure) -> Iterator[str]:
    if figure.unit is Unit.RECORDS:
        yield "in JSON, in Python, and where it has a page, picture or file of its own"
        return
    shown = {
        Place.IF_ANY: "in the terminal's table where it is not 0",
        Place.LINE: "in the terminal's table",
        Place.BESIDE: "in the terminal's table beside the figure before it",
        Place.PARTS: "in the terminal's table, part by part",
        Place.TABLE: "in a table of its own in the terminal",
        Place.HEAD: "at the head of the result's page",
        Place.LISTED: "in lists of results",
    }
    yield from (text for place, text in shown.items() if place in figure.places)
    yield "with all others on the page, in reports, comparisons and JSON, and as an attribute in Python"
