"""The columns of what a result lists row by row."""

from __future__ import annotations

from .figures import Column, Unit

_SYMBOL = Column("symbol", "Symbol", words="symbols")
_SIDE = Column("side", "Side", words="sides")

TRADES = (
    Column("entry_timestamp", "Opened", Unit.MOMENT),
    Column("exit_timestamp", "Closed", Unit.MOMENT),
    _SYMBOL,
    _SIDE,
    Column("size", "Size", Unit.SIZE),
    Column("entry_price", "Entry", Unit.PRICE),
    Column("exit_price", "Exit", Unit.PRICE),
    Column("exit_reason", "Exit by", words="exit_reasons"),
    Column("pnl", "Net PnL", Unit.USD, signed=True),
    Column("pnl_percent", "Net PnL, %", Unit.PERCENT, signed=True),
    Column("r_multiple", "R", Unit.RATIO, signed=True),
    Column("mae_percent", "MAE, %", Unit.PERCENT),
    Column("mfe_percent", "MFE, %", Unit.PERCENT),
    Column("fee", "Fee", Unit.USD),
    Column("funding", "Funding", Unit.USD, signed=True),
    Column("reason", "Reason", wraps=True),
)

BREAKDOWN = (
    Column("by", "By"),
    Column("part", "Of"),
    Column("total_trades", "Trades", Unit.COUNT),
    Column("winning_trades", "Won", Unit.COUNT),
    Column("win_rate", "Win rate", Unit.PERCENT),
    Column("pnl", "Net PnL", Unit.USD, signed=True),
    Column("avg_pnl", "A trade", Unit.USD, signed=True),
    Column("profit_factor", "Profit factor", Unit.RATIO),
    Column("fees", "Fees", Unit.USD),
    Column("funding", "Funding", Unit.USD, signed=True),
    Column("avg_holding_ms", "Held", Unit.DURATION),
    Column("avg_trade_percent", "A trade, %", Unit.PERCENT, signed=True),
    Column("largest_win", "Largest win", Unit.USD, signed=True),
    Column("largest_loss", "Largest loss", Unit.USD, signed=True),
    Column("losing_trades", "Lost", Unit.COUNT),
)

OPEN_POSITIONS = (
    _SYMBOL,
    _SIDE,
    Column("size", "Size", Unit.SIZE),
    Column("entry_price", "Entry", Unit.PRICE),
    Column("mark_price", "Mark", Unit.PRICE),
    Column("unrealized_pnl", "Unrealised", Unit.USD, signed=True),
    Column("opened_at", "Opened", Unit.MOMENT),
)

DOUBLE_TOUCHES = (
    Column("timestamp", "Time", Unit.MOMENT),
    _SYMBOL,
    Column("first", "First", Unit.TEXT),
    Column("told_by", "Told by", Unit.TEXT),
)

LIQUIDATIONS = (
    Column("timestamp", "Time", Unit.MOMENT),
    _SYMBOL,
    _SIDE,
    Column("size", "Size", Unit.SIZE),
    Column("price", "Price", Unit.PRICE),
    Column("fee", "Fee", Unit.USD),
    Column("equity_after", "Equity after", Unit.USD),
)

RISK_LIMIT_HITS = (
    Column("timestamp", "Time", Unit.MOMENT),
    _SYMBOL,
    Column("limit", "Limit"),
    Column("value", "Value", Unit.RATIO),
)

HELD_DECISIONS = (
    Column("timestamp", "Time", Unit.MOMENT),
    Column("trigger_index", "Trigger", Unit.COUNT),
    _SYMBOL,
    Column("operation", "Decision"),
    Column("indicator", "Indicator"),
    Column("period", "On"),
    Column("klines", "Klines", Unit.COUNT),
    Column("needed", "Of", Unit.COUNT),
    Column("until", "Until", Unit.MOMENT),
    Column("outcome", "Outcome"),
)

COVERAGE = (
    _SYMBOL,
    Column("series", "Series"),
    Column("expected", "Expected", Unit.COUNT),
    Column("present", "Rows", Unit.COUNT),
    Column("missing", "Missing", Unit.COUNT),
    Column("holes", "Holes", Unit.COUNT),
    Column("longest_hole", "Longest hole", Unit.COUNT),
    Column("longest_hole_ms", "It began", Unit.MOMENT),
    Column("first_ms", "From", Unit.MOMENT),
    Column("last_ms", "To", Unit.MOMENT),
    Column("back_filled", "Back-filled", Unit.COUNT),
)

UNANSWERED = (
    Column("query", "Query", wraps=True),
    Column("count", "Times", Unit.COUNT),
    Column("why", "Why", wraps=True),
)
