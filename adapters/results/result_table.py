"""A result as tables for the terminal; they fit into 80 columns."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from rich import box
from rich.console import Console, Group, RenderableType
from rich.table import Table
from rich.text import Text

from engine import BacktestResult, utc_text
from engine.instants import duration_text
from engine.periods import DAY_MS

#: The width where standard output is no terminal.
PIPE_WIDTH = 80
_NONE = "-"
_TOO_LONG = 1e12  # a lucky hour, taken to a year
_MOST_POSITIONS = 20

Figures = Sequence[tuple[str, str]]


def print_result(result: BacktestResult, title: str, console: Console | None = None) -> None:
    """Print a result: what it was, its figures, its symbols, and the warnings; to standard output by default."""
    out = console if console is not None else result_console()
    with out.capture() as capture:
        out.print(Group(*_parts(result, title)), highlight=False)
    lines = (line.rstrip() for line in capture.get().rstrip().splitlines())  # tables pad their cells with blanks
    out.file.write("".join(f"{line}\n" for line in lines))


def result_console() -> Console:
    """Return the console of standard output: as wide as the terminal, or of a fixed width where there is none."""
    console = Console()
    return console if console.is_terminal else Console(width=PIPE_WIDTH)


def _parts(result: BacktestResult, title: str) -> Iterator[RenderableType]:
    yield Text(title, style="bold")
    yield Text(_period_text(result))
    yield Text()
    yield _side_by_side(
        _block("Money, USD", _money(result)),
        _block("Trades", _trades(result)),
    )
    yield _side_by_side(
        _block("Risk", _risk(result)),
        _block("Activity", _activity(result)),
    )
    if result.rejections:
        yield _block("Rejected orders", [(reason, f"{count:,}") for reason, count in result.rejections.items()])
    yield _symbols(result)
    if result.open_positions:
        yield Text()
        yield _open_positions(result.open_positions)
    if result.warnings:
        yield Text()
        yield Text("Warnings", style="bold yellow")
        yield _bullets(result.warnings)


def _period_text(result: BacktestResult) -> str:
    days = (result.end_time - result.start_time) / DAY_MS
    length = f"{days:,.0f} days" if days >= 2 else duration_text(result.end_time - result.start_time)
    state = "" if result.success else "  INTERRUPTED" if result.interrupted else "  FAILED"
    return f"{_minute(result.start_time)} to {_minute(result.end_time)} UTC ({length}){state}"


def _money(result: BacktestResult) -> Figures:
    return [
        ("initial balance", _usd(result.initial_balance)),
        ("final equity", _usd(result.final_equity)),
        ("net PnL", _usd(result.total_pnl, signed=True)),
        ("", _percent(result.total_pnl_percent, signed=True)),
        ("  price PnL", _usd(result.price_pnl, signed=True)),
        ("    of it unrealised", _usd(result.unrealized_pnl, signed=True)),
        ("  fees paid", _usd(-result.fees_paid, signed=True)),
        ("  funding", _usd(result.funding_received, signed=True)),
    ]


def _trades(result: BacktestResult) -> Figures:
    return [
        ("closed trades", f"{result.total_trades:,}"),
        ("won / lost", f"{result.winning_trades:,} / {result.losing_trades:,}"),
        ("win rate", _percent(result.win_rate) if result.total_trades else _NONE),
        ("profit factor", _ratio(result.profit_factor)),
        ("average win", _usd(result.avg_win) if result.winning_trades else _NONE),
        ("average loss", _usd(result.avg_loss) if result.losing_trades else _NONE),
        ("largest win", _usd(result.largest_win) if result.winning_trades else _NONE),
        ("largest loss", _usd(result.largest_loss) if result.losing_trades else _NONE),
    ]


def _risk(result: BacktestResult) -> Figures:
    return [
        ("largest drawdown", _usd(result.max_drawdown)),
        ("", _percent(result.max_drawdown_percent)),
        ("lowest equity in a kline", _usd(result.worst_intrabar_equity)),
        ("Sharpe ratio", _ratio(result.sharpe_ratio)),
        ("Sortino ratio", _ratio(result.sortino_ratio)),
        ("  of daily returns", f"{result.return_count:,}"),
        ("  annualised with", f"{result.annualization_factor:,}"),
        ("return a year", _percent(result.annual_return_percent, signed=True)),
        ("volatility a year", _percent(result.annual_volatility_percent)),
    ]


def _activity(result: BacktestResult) -> Figures:
    decisions = [(f"  {operation}", f"{count:,}") for operation, count in result.decisions.items()]
    return [
        ("in the market", _percent(result.exposure_percent)),
        ("turnover", f"{_usd(result.turnover_usd)}"),
        ("  of initial balance", f"{result.turnover_ratio:,.1f} x"),
        ("triggers", f"{result.total_triggers:,}"),
        ("  signal / scheduled", f"{result.signal_triggers:,} / {result.scheduled_triggers:,}"),
        ("decisions", _NONE if not decisions else ""),
        *decisions,
        ("orders / fills", f"{result.orders_submitted:,} / {result.fills:,}"),
        ("rejected orders", f"{sum(result.rejections.values()):,}"),
        ("ambiguous klines", f"{result.ambiguous_klines:,}"),
        *([("strategy errors", f"{result.strategy_errors:,}")] if result.strategy_errors else []),
    ]


def _block(title: str, figures: Figures) -> Table:
    table = Table.grid(padding=(0, 1))
    table.add_column(no_wrap=True)
    table.add_column(justify="right", no_wrap=True)
    table.add_row(Text(title, style="bold"), "")
    for name, value in figures:
        table.add_row(f"  {name}", _coloured(value))
    table.add_row()
    return table


def _side_by_side(left: RenderableType, right: RenderableType) -> Table:
    table = Table.grid(expand=False, padding=(0, 2))
    table.add_column(min_width=36)
    table.add_column(min_width=36)
    table.add_row(left, right)
    return table


def _symbols(result: BacktestResult) -> Table:
    table = _grid("Symbol", "Buy and hold", "Data", "Rows", "Missing", "Longest hole")
    for place, covered in enumerate(result.data_coverage):
        symbol, hole = covered["symbol"], covered["longest_hole"]
        is_first = not place or result.data_coverage[place - 1]["symbol"] != symbol
        table.add_row(
            symbol if is_first else "",
            _coloured(_percent(result.buy_and_hold_percent[symbol], signed=True)) if is_first else "",
            covered["series"],
            f"{covered['present']:,}",
            _missing(covered),
            f"{hole:,} on {utc_text(covered['longest_hole_ms'])[:10]}" if hole else "none",
        )
    return table


def _bullets(lines: Sequence[str]) -> Table:
    table = Table.grid(padding=(0, 1))
    for line in lines:
        table.add_row("  -", Text(line))
    return table


def _missing(covered: Mapping[str, Any]) -> str:
    if not covered["missing"]:
        return "none"
    return f"{covered['missing']:,} ({100.0 * covered['missing'] / covered['expected']:.2g} %)"


def _open_positions(positions: Sequence[Mapping[str, Any]]) -> Table:
    table = _grid("Open at the end", "Size", "Entry", "Mark", "Unrealised", "Opened")
    for held in positions[:_MOST_POSITIONS]:
        table.add_row(
            f"{held['symbol']} {held['side']}",
            f"{held['size']:.6g}",
            f"{held['entry_price']:,.7g}",
            f"{held['mark_price']:,.7g}",
            _coloured(_usd(held["unrealized_pnl"], signed=True)),
            _minute(held["opened_at"]),
        )
    return table


def _grid(first: str, *others: str) -> Table:
    table = Table(box=box.SIMPLE_HEAD, padding=(0, 1), collapse_padding=True, pad_edge=False, show_edge=False)
    table.add_column(first, no_wrap=True)
    for name in others:
        table.add_column(name, justify="right", no_wrap=True)
    return table


def _coloured(value: str) -> Text:
    colours = {"+": "green", "-": "red"} if value != _NONE else {}
    return Text(value, style=colours.get(value[:1], ""))


def _usd(amount: float, signed: bool = False) -> str:
    return _number(amount, 2, signed)


def _percent(value: float | None, signed: bool = False) -> str:
    return _NONE if value is None else f"{_number(value, 2, signed)} %"


def _ratio(value: float | None) -> str:
    return _NONE if value is None else _number(value, 2, False)


def _number(value: float, digits: int, signed: bool) -> str:
    shown = round(value, digits) + 0.0  # no minus before a zero
    if abs(shown) >= _TOO_LONG:
        return f"{shown:+.3g}" if signed else f"{shown:.3g}"
    return f"{shown:+,.{digits}f}" if signed and shown else f"{shown:,.{digits}f}"


def _minute(time_ms: int) -> str:
    return utc_text(time_ms)[: len("YYYY-MM-DD HH:MM")]
