"""The columns of what a result lists row by row."""

from __future__ import annotations

from .figures import Column, Unit

_SYMBOL = Column("symbol", "Symbol", words="symbols")
_SIDE = Column("side", "Side", words="sides")

TRADES = (
    Column("entry_timestamp", "Opened", Unit.MOMENT, meaning="When its first entry was filled, UTC"),
    Column("exit_timestamp", "Closed", Unit.MOMENT, meaning="When the fill that closed it came, UTC"),
    _SYMBOL,
    _SIDE,
    Column("size", "Size", Unit.SIZE, meaning="Coins that the closing fill closed"),
    Column("entry_price", "Entry", Unit.PRICE, meaning="Mean price of its entries, USD"),
    Column("exit_price", "Exit", Unit.PRICE, meaning="Price of the closing fill, USD"),
    Column("exit_reason", "Exit by", words="exit_reasons", meaning="What closed it"),
    Column("pnl", "Net PnL", Unit.USD, signed=True, meaning="Price PnL - fees + funding, USD"),
    Column("pnl_percent", "Net PnL, %", Unit.PERCENT, signed=True, meaning="Net PnL in percent of its entry notional"),
    Column("r_multiple", "R", Unit.RATIO, signed=True, meaning="Net PnL / risk; none without a stop"),
    Column(
        "mae_percent",
        "MAE, %",
        Unit.PERCENT,
        meaning="Adverse excursion: the worst unrealised PnL, in percent of the entry notional",
    ),
    Column(
        "mfe_percent",
        "MFE, %",
        Unit.PERCENT,
        meaning="Favourable excursion: the best unrealised PnL, in percent of the entry notional",
    ),
    Column("fee", "Fee", Unit.USD, meaning="Its share of the entry fees, and the exit fee, USD"),
    Column("funding", "Funding", Unit.USD, signed=True, meaning="Its share of the funding, received +, USD"),
    Column("reason", "Reason", wraps=True, meaning="What its opening decision said"),
)

BREAKDOWN = (
    Column("by", "By"),
    Column("part", "Of"),
    Column("total_trades", "Trades", Unit.COUNT, meaning="Closed trades of this part, one for each closing fill"),
    Column("winning_trades", "Won", Unit.COUNT, meaning="Those with a net PnL above 0"),
    Column("win_rate", "Win rate", Unit.PERCENT, meaning="Trades won in percent of those of this part"),
    Column("pnl", "Net PnL", Unit.USD, signed=True, meaning="Sum of their net PnL, USD"),
    Column("avg_pnl", "A trade", Unit.USD, signed=True, meaning="Mean of their net PnL, USD"),
    Column("profit_factor", "Profit factor", Unit.RATIO, meaning="Sum of wins / sum of losses; none without a loss"),
    Column("fees", "Fees", Unit.USD, meaning="Of their entries and exits, USD"),
    Column("funding", "Funding", Unit.USD, signed=True, meaning="Received +, USD"),
    Column("avg_holding_ms", "Held", Unit.DURATION, meaning="Mean time from first fill to exit"),
    Column(
        "avg_trade_percent",
        "A trade, %",
        Unit.PERCENT,
        signed=True,
        meaning="Mean net PnL in percent of the entry notional",
    ),
    Column("largest_win", "Largest win", Unit.USD, signed=True, meaning="The best of them, net, USD"),
    Column("largest_loss", "Largest loss", Unit.USD, signed=True, meaning="The worst of them, net, USD"),
    Column("losing_trades", "Lost", Unit.COUNT, meaning="Those with a net PnL below 0"),
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
