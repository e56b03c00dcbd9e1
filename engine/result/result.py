"""The result of a back-test, with everything that a user needs to trust it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from inspect import cleandoc
from typing import TYPE_CHECKING, Annotated, Any, get_type_hints

from ..account import BacktestTradeRecord
from . import columns
from .equity_curve import EquityCurve
from .figures import Figure, Group, Place, Unit, figures_of, figures_text
from .program_series import OwnSeries
from .trigger_log import TriggerLog

if TYPE_CHECKING:
    import pandas

_run, _money, _risk, _trades, _activity, _venue, _data, _records = (partial(Figure, group) for group in Group)
U, P = Unit, Place


@dataclass(frozen=True, kw_only=True, eq=False)
class BacktestResult:
    """Figures, trades and logs of one run. Money in USD, times in epoch ms, names ending in percent in percent.

    What a field is called, its unit and its meaning stand beside it, in its `Figure`. A figure that is not defined is
    None. `equity` is the full curve; `to_dict` samples it, as "equity_curve".
    """

    # fmt: off
    success: Annotated[bool, _run("success", U.FLAG, "It came to its end without an error")]
    error: Annotated[str | None, _run("error", U.TEXT, "Why it did not")]
    interrupted: Annotated[bool, _run("interrupted", U.FLAG, "It was stopped before its end")]
    start_time: Annotated[int, _run("start", U.MOMENT, "From this instant on, epoch ms")]
    end_time: Annotated[int, _run("end", U.MOMENT, "To this one, inclusive: earlier than asked for when stopped")]
    undefined: Annotated[dict[str, str], _run(
        "not defined", U.TEXTS, "Why each figure that has no value has none", P.NOWHERE)]

    initial_balance: Annotated[float, _money("initial balance", U.USD, "What the account started with")]
    final_equity: Annotated[float, _money("final equity", U.USD, "Cash plus unrealised profit at the end", P.MAIN)]
    total_pnl: Annotated[float, _money(
        "net PnL", U.USD, "Final equity - initial balance = price PnL - fees + funding + shortfall covered", P.MAIN,
        sign=1)]
    total_pnl_percent: Annotated[float, _money(
        "net PnL", U.PERCENT, "In percent of the initial balance", P.KEY, line="", sign=1)]
    price_pnl: Annotated[float, _money(
        "price PnL", U.USD, "From prices alone, open positions included", line="  price PnL", sign=1)]
    unrealized_pnl: Annotated[float, _money(
        "unrealised PnL", U.USD, "Of positions open at the end", line="    of it unrealised", sign=1)]
    fees_paid: Annotated[float, _money("fees paid", U.USD, "Of all fills", P.MAIN, line="  fees paid", sign=-1)]
    funding_received: Annotated[float, _money("funding", U.USD, "Received (+) or paid (-)", line="  funding", sign=1)]
    shortfall_covered: Annotated[float, _money(
        "shortfall covered", U.USD, "What isolated positions lost beyond their margins, and nobody paid", P.IF_ANY,
        line="  shortfall covered", sign=1)]

    max_drawdown: Annotated[float, _risk(
        "largest drawdown", U.USD, "The deepest fall from a peak of the minute curve, in USD", P.MAIN)]
    max_drawdown_percent: Annotated[float, _risk(
        "largest drawdown", U.PERCENT, "The deepest in percent of its peak: it may be another", P.KEY, line="")]
    longest_drawdown_ms: Annotated[int, _risk(
        "longest drawdown", U.DURATION, "From a peak until equity is there again, or to the end")]
    recovery_ms: Annotated[int | None, _risk(
        "recovery", U.DURATION, "From the trough of the largest drawdown, in percent, back to its peak",
        line="  recovered in")]
    recovery_factor: Annotated[float | None, _risk(
        "recovery factor", U.RATIO, "Net PnL / largest drawdown, both in USD", P.NOWHERE)]
    ruined_at: Annotated[int | None, _risk(
        "ruined", U.MOMENT, "When equity was 0 or below first: the daily returns end there", P.NOWHERE)]
    worst_intrabar_equity: Annotated[float, _risk(
        "lowest equity in a kline", U.USD, "With every position marked at each kline's adverse extreme")]
    sharpe_ratio: Annotated[float | None, _risk(
        "Sharpe ratio", U.RATIO, "Mean / sample deviation of the daily returns, risk-free 0, x √365", P.KEY)]
    sharpe_error: Annotated[float | None, _risk(
        "standard error of Sharpe", U.RATIO, "√((1 - g S + (k + 2) / 4 S²) / (n - 1)) x √365, S a day's (Mertens 2002)",
        line="  standard error")]
    sortino_ratio: Annotated[float | None, _risk(
        "Sortino ratio", U.RATIO, "Mean / root of the mean squared negative daily return, x √365", P.MAIN)]
    return_count: Annotated[int, _risk(
        "daily returns", U.COUNT, "How many there are, part-days included", line="  of daily returns")]
    return_grid: Annotated[str, _risk(
        "marks of the returns", U.TEXT, "Between which instants they are taken", P.NOWHERE)]
    annualization_factor: Annotated[int, _risk(
        "annualised with", U.COUNT, "So many daily returns make a year", line="  annualised with")]
    return_skew: Annotated[float | None, _risk(
        "skew of returns", U.RATIO, "g of the daily returns: m3 / m2^1.5; below 0: the larger are losses", P.NOWHERE)]
    return_kurtosis: Annotated[float | None, _risk(
        "excess kurtosis of returns", U.RATIO, "k of the daily returns: m4 / m2² - 3; normal: 0", P.NOWHERE)]
    beta: Annotated[float | None, _risk(
        "beta", U.RATIO, "Slope of the daily returns over those of holding the run's symbols in equal parts")]
    annual_alpha_percent: Annotated[float | None, _risk(
        "alpha a year", U.PERCENT, "What that line leaves at 0: mean return - beta x mean of holding, x 365", sign=1)]
    calmar_ratio: Annotated[float | None, _risk(
        "Calmar ratio", U.RATIO, "Return a year / largest drawdown, both in percent", P.HEAD)]
    annual_return_percent: Annotated[float | None, _risk(
        "return a year", U.PERCENT, "Growth compounded to 365 days; none of less than 30", sign=1)]
    annual_volatility_percent: Annotated[float | None, _risk(
        "volatility a year", U.PERCENT, "Sample deviation of the daily returns x √365; none without a fill")]

    total_trades: Annotated[int, _trades("closed trades", U.COUNT, "One for each closing fill", P.KEY)]
    winning_trades: Annotated[int, _trades("trades won", U.COUNT, "Those with a net PnL above 0", line="won / lost")]
    losing_trades: Annotated[int, _trades("trades lost", U.COUNT, "Those with a net PnL below 0", P.BESIDE)]
    win_rate: Annotated[float, _trades(
        "win rate", U.PERCENT, "Trades won in percent of all closed ones", P.MAIN, of="total_trades")]
    profit_factor: Annotated[float | None, _trades(
        "profit factor", U.RATIO, "Sum of wins / sum of losses; none without a loss", P.MAIN)]
    payoff_ratio: Annotated[float | None, _trades("payoff ratio", U.RATIO, "Average win / average loss")]
    expectancy: Annotated[float | None, _trades(
        "expectancy", U.USD, "Mean net PnL of a trade", line="expectancy, USD", sign=1)]
    expectancy_r: Annotated[float | None, _trades(
        "expectancy in R", U.RATIO, "Mean of net PnL / risk, of the trades with a stop", line="  in R", sign=1)]
    r_count: Annotated[int, _trades(
        "trades with a stop", U.COUNT, "Risk: what was lost between entry and first stop", P.NOWHERE)]
    sqn: Annotated[float | None, _trades(
        "system quality number", U.RATIO, "√trades x mean / sample deviation of their net PnL (Tharp)", line="SQN")]
    avg_win: Annotated[float, _trades("average win", U.USD, "Mean net PnL of trades won", of="winning_trades")]
    avg_loss: Annotated[float, _trades("average loss", U.USD, "Mean net PnL of trades lost", of="losing_trades")]
    largest_win: Annotated[float, _trades("largest win", U.USD, "The best trade, net", of="winning_trades")]
    largest_loss: Annotated[float, _trades("largest loss", U.USD, "The worst trade, net", of="losing_trades")]

    longest_win_streak: Annotated[int, _trades(
        "longest win streak", U.COUNT, "Trades won one after another", line="most in a row")]
    longest_loss_streak: Annotated[int, _trades(
        "longest loss streak", U.COUNT, "Trades lost one after another", P.BESIDE)]
    avg_holding_ms: Annotated[int | None, _trades(
        "average holding", U.DURATION, "Mean time from first fill to exit", line="held on average")]
    longest_holding_ms: Annotated[int | None, _trades(
        "longest holding", U.DURATION, "Most time from first fill to exit", line="  at most")]
    breakdown: Annotated[list[dict[str, Any]], _trades(
        "results by part", U.ROWS, "By symbol, side, exit, pool of the entry, UTC month and weekday of the exit",
        P.NOWHERE, columns=columns.BREAKDOWN)]

    exposure_percent: Annotated[float, _activity("in the market", U.PERCENT, "Share of minutes with an open position")]
    exposure_by_symbol_percent: Annotated[dict[str, float], _activity(
        "in the market by symbol", U.PERCENTS, "Share of minutes with a position in each symbol", P.NOWHERE)]
    turnover_usd: Annotated[float, _activity("turnover", U.USD, "Notional of all fills")]
    turnover_ratio: Annotated[float, _activity(
        "turnover / balance", U.TIMES, "Turnover / initial balance", line="  of initial balance")]
    buy_and_hold_percent: Annotated[dict[str, float | None], _data(
        "buying and holding", U.PERCENTS, "Change of each symbol's price", sign=1)]
    holding_percent: Annotated[float, _data(
        "holding all", U.PERCENT, "Return of holding all symbols, equal parts bought at the start", sign=1)]
    total_triggers: Annotated[int, _activity("triggers", U.COUNT, "How often the program was called")]
    signal_triggers: Annotated[int, _activity(
        "signal triggers", U.COUNT, "By signal pools", line="  signal / scheduled")]
    scheduled_triggers: Annotated[int, _activity("scheduled triggers", U.COUNT, "By the schedule", P.BESIDE)]
    order_triggers: Annotated[int, _activity(
        "order triggers", U.COUNT, "By what happened to the account (`wake_on`)", P.IF_ANY)]
    timer_triggers: Annotated[int, _activity(
        "timer triggers", U.COUNT, "At times that the program asked for (`wake_at`)", P.IF_ANY)]
    late_wakes: Annotated[int, _activity(
        "late wake-ups", U.COUNT, "`wake_at` with a time that was not after the trigger's", P.IF_ANY)]
    quiet_triggers: Annotated[int, _activity(
        "quiet triggers", U.COUNT, "Of which nothing came: no order, no log line, no error", P.NOWHERE)]
    decisions: Annotated[dict[str, int], _activity(
        "decisions", U.COUNTS, "What the program answered, by operation; none: nothing", P.PARTS)]
    orders_submitted: Annotated[int, _activity(
        "orders", U.COUNT, "Decisions that reached the exchange", line="orders / fills")]
    fills: Annotated[int, _activity("fills", U.COUNT, "Of orders, brackets and liquidations", P.BESIDE)]
    rejections: Annotated[dict[str, int], _activity(
        "rejected orders", U.COUNTS, "Refused or cancelled, whole or in part, by reason")]
    held_decisions: Annotated[list[dict[str, Any]], _activity(
        "held-back decisions", U.ROWS, "To open, made while an indicator was too short (`warm_up`)", P.IF_ANY,
        columns=columns.HELD_DECISIONS)]
    ambiguous_klines: Annotated[int, _activity(
        "ambiguous klines", U.COUNT, "Klines that touched two exits of one entry")]
    strategy_errors: Annotated[int, _activity("strategy errors", U.COUNT, "How often the program raised", P.IF_ANY)]

    liquidations: Annotated[list[dict[str, Any]], _venue(
        "liquidations", U.ROWS, "What the venue closed", P.IF_ANY | P.TABLE, columns=columns.LIQUIDATIONS)]
    liquidation_shortfall: Annotated[float, _venue(
        "liquidation shortfall", U.USD, "How far gaps took equity below 0, or isolated positions beyond their margins",
        P.IF_ANY)]
    margin_prices: Annotated[dict[str, str], _venue(
        "margin judged on", U.TEXTS, "By symbol: marks, or klines of the traded price where no mark was fresh",
        P.NOWHERE)]
    funding_payments: Annotated[int, _venue("funding payments", U.COUNT, "Settlements of open positions", P.IF_ANY)]
    risk_limit_hits: Annotated[list[dict[str, Any]], _venue(
        "risk-limit hits", U.ROWS, "What the account's own limits refused", P.IF_ANY | P.TABLE,
        columns=columns.RISK_LIMIT_HITS)]
    open_positions: Annotated[list[dict[str, Any]], _trades(
        "open at the end", U.ROWS, "Marked, and not closed", P.TABLE, columns=columns.OPEN_POSITIONS)]
    unanswered_queries: Annotated[list[dict[str, Any]], _activity(
        "unanswered queries", U.ROWS, "What data could not answer", P.NOWHERE, columns=columns.UNANSWERED)]
    data_coverage: Annotated[list[dict[str, Any]], _data(
        "data series", U.ROWS, "Rows and holes of each symbol's series", columns=columns.COVERAGE)]
    warnings: Annotated[list[str], _run("warnings", U.LINES, "What to know before the figures are believed")]

    trades: Annotated[Sequence[BacktestTradeRecord], _records(
        "trades", U.RECORDS, "One record for each closing fill", columns=columns.TRADES)]
    equity: Annotated[EquityCurve, _records(
        "equity curve", U.RECORDS, "At every minute; `equity_curve`: at most 2,000 points, all extremes")]
    trigger_log: Annotated[TriggerLog, _records(
        "trigger log", U.RECORDS, "What each trigger saw, asked, decided and logged")]
    config: Annotated[dict[str, Any], _records("configuration", U.RECORDS, "The whole of it, with the source text")]
    execution_time_ms: Annotated[float | None, _run(
        "run time", U.MILLISECONDS, "The only value that depends on the machine")] = None
    records: Annotated[Mapping[str, OwnSeries], _records(
        "own series", U.RECORDS, "What `data.record` kept, by name; in `to_dict` where there is any",
    )] = field(default_factory=dict)
    # fmt: on

    @property
    def equity_curve(self) -> list[dict[str, Any]]:
        """At most 2,000 points {timestamp, equity, balance, drawdown} that keep every extreme of the full curve."""
        return self.equity.points()

    def figures(self) -> dict[str, Any]:
        """Return every figure by its name: everything but trades, curve, trigger log and configuration."""
        return {name: getattr(self, name) for name, each in FIGURES.items() if each.unit is not U.RECORDS}

    def records_frame(self) -> pandas.DataFrame:
        """Return what the program recorded as a pandas frame: a column for each series, a row for each instant (UTC),
        nan where a series has no value.
        """
        import pandas  # a run needs none, and it takes long to load

        series = {
            name: pandas.Series(each.value, pandas.to_datetime(each.timestamp_ms, unit="ms", utc=True))
            for name, each in self.records.items()
        }
        return pandas.DataFrame(series, pandas.DatetimeIndex([], tz="UTC") if not series else None)

    def records_dict(self, most: int | None = None) -> dict[str, Any]:
        """Return the program's own series as plain values: {name: {"timestamp": [...], "value": [...]}}; with `most` no
        more values of each, its extremes among them.
        """
        series = {name: each if most is None else each.sampled(most) for name, each in self.records.items()}
        return {name: each.to_dict() for name, each in series.items()}

    def to_dict(self, timing: bool = True, all_triggers: bool = False) -> dict[str, Any]:
        """Return everything as plain values for JSON; without `timing` the same run gives the same bytes.

        The trigger log leaves out the quiet ones, `quiet_triggers` of them, but with `all_triggers`.
        """
        entry = self.figures()
        machine = {"execution_time_ms": entry.pop("execution_time_ms")}
        return {
            **entry,
            "trades": [trade.to_dict() for trade in self.trades],
            "equity_curve": self.equity_curve,
            "trigger_log": list(self.trigger_log if all_triggers else self.trigger_log.eventful()),
            "config": self.config,
            **({"records": self.records_dict()} if self.records else {}),
            **(machine if timing else {}),
        }


#: The figure of every field of a result, in the order in which they are shown.
FIGURES = figures_of(BacktestResult)

# what help(BacktestResult) shows: the fields by group, and types without their figures
BacktestResult.__doc__ = f"{cleandoc(BacktestResult.__doc__ or '')}\n\n{figures_text(FIGURES)}"
BacktestResult.__annotations__ = get_type_hints(BacktestResult)
BacktestResult.__init__.__annotations__.update(BacktestResult.__annotations__)
