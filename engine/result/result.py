"""The result of a back-test, with everything that a user needs to trust it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from inspect import cleandoc
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, get_type_hints

from .. import presenting
from ..account import BacktestTradeRecord
from ..errors import DataError
from ..exchange import OrderNotes
from ..journal import Journal, Recording
from ..json_text import json_pieces
from ..kernel import Fill
from ..triggers import TriggerLog
from ..version import VERSION
from . import columns
from .closed_trades import parts_by
from .equity_curve import EquityCurve
from .figures import Figure, Group, Place, Unit, figures_of, figures_text
from .program_series import OwnSeries
from .result_text import five_lines, program_name

if TYPE_CHECKING:
    import pandas

    from ..instants import TimeLike
    from ..market import MarketHistory
    from ..presenting import Explained, ResultPage

_run, _money, _risk, _trades, _activity, _venue, _data, _records = (partial(Figure, group) for group in Group)
U, P = Unit, Place


@dataclass(frozen=True, kw_only=True, eq=False, repr=False)
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
    remarks: Annotated[dict[str, str], _run(
        "remarks", U.TEXTS, "What to know of a figure before it is used: ratios of few daily returns", P.NOWHERE)]

    initial_balance: Annotated[float, _money("initial balance", U.USD, "What the account started with")]
    final_equity: Annotated[float, _money("final equity", U.USD, "Cash plus unrealised profit at the end", P.MAIN)]
    total_pnl: Annotated[float, _money(
        "net PnL", U.USD, "Final equity - initial balance = price PnL - fees + funding + shortfall covered", P.MAIN,
        sign=1)]
    total_pnl_percent: Annotated[float, _money(
        "net PnL", U.PERCENT, "In percent of the initial balance", P.KEY, line="", sign=1)]
    highest_equity: Annotated[float, _money(
        "highest equity", U.USD, "The peak of the minute curve", P.NOWHERE)]
    price_pnl: Annotated[float, _money(
        "price PnL", U.USD, "From prices alone, open positions included", line="  price PnL", sign=1)]
    unrealized_pnl: Annotated[float, _money(
        "unrealised PnL", U.USD, "Of positions open at the end", line="    of it unrealised", sign=1)]
    fees_paid: Annotated[float, _money("fees paid", U.USD, "Of all fills", P.MAIN, line="  fees paid", sign=-1)]
    funding_received: Annotated[float, _money("funding", U.USD, "Received (+) or paid (-)", line="  funding", sign=1)]
    shortfall_covered: Annotated[float, _money(
        "shortfall covered", U.USD, "What isolated positions lost beyond their margins, and nobody paid", P.IF_ANY,
        line="  shortfall covered", sign=1)]

    pnl_low: Annotated[float | None, _money(
        "lowest net PnL by rule", U.USD, "The least that the rules for ambiguous klines (`intrabar`) give; without "
        "such a kline the net PnL", P.NOWHERE, sign=1)]
    pnl_high: Annotated[float | None, _money(
        "highest net PnL by rule", U.USD, "The most that they give", P.NOWHERE, sign=1)]
    pnl_width: Annotated[float | None, _money(
        "range of net PnL by rule", U.USD, "Highest - lowest: a range of guesses, no bound of what ticks would tell",
        P.IF_ANY, line="  range by rule")]
    pnl_width_percent: Annotated[float | None, _money(
        "range of net PnL by rule", U.PERCENT, "In percent of the initial balance", P.IF_ANY, line="")]
    pnl_low_rule: Annotated[str | None, _money(
        "rule of the lowest net PnL", U.TEXT, "Which `intrabar` gave it", P.NOWHERE)]
    pnl_high_rule: Annotated[str | None, _money(
        "rule of the highest net PnL", U.TEXT, "Which `intrabar` gave it", P.NOWHERE)]

    max_drawdown: Annotated[float, _risk(
        "largest drawdown", U.USD, "The deepest fall from a peak of the minute curve, in USD", P.MAIN)]
    max_drawdown_percent: Annotated[float, _risk(
        "largest drawdown", U.PERCENT, "The deepest in percent of its peak: it may be another", P.KEY, line="")]
    max_drawdown_from: Annotated[int | None, _risk(
        "largest drawdown from", U.MOMENT, "When its peak was left, of that in percent", P.NOWHERE)]
    max_drawdown_at: Annotated[int | None, _risk(
        "largest drawdown at", U.MOMENT, "When it was deepest, of that in percent", P.NOWHERE)]
    longest_drawdown_ms: Annotated[int, _risk(
        "longest drawdown", U.DURATION, "From a peak until equity is there again, or to the end")]
    recovery_ms: Annotated[int | None, _risk(
        "recovery", U.DURATION, "From the trough of the largest drawdown, in percent, back to its peak",
        line="  recovered in")]
    drawdown_count: Annotated[int, _risk(
        "drawdowns", U.COUNT, "Stretches of the minute curve below a peak, the one at the end included", P.NOWHERE)]
    avg_drawdown_percent: Annotated[float | None, _risk(
        "average drawdown", U.PERCENT, "Mean depth of all drawdowns, each in percent of its peak",
        line="average drawdown")]
    avg_drawdown_ms: Annotated[int | None, _risk(
        "average drawdown", U.DURATION, "Mean time of all drawdowns, each from its peak until equity is there again",
        line="  lasting")]
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
    omega_ratio: Annotated[float | None, _risk(
        "Omega ratio", U.RATIO, "Sum of positive / sum of negative daily returns (Keating and Shadwick 2002)")]
    best_day_percent: Annotated[float | None, _risk(
        "best day", U.PERCENT, "The highest daily return", sign=1)]
    worst_day_percent: Annotated[float | None, _risk(
        "worst day", U.PERCENT, "The lowest daily return", sign=1)]
    winning_days: Annotated[int, _risk(
        "days won", U.COUNT, "Daily returns above 0", line="days won / lost")]
    losing_days: Annotated[int, _risk("days lost", U.COUNT, "Daily returns below 0", P.BESIDE)]
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
    expectancy_ratio: Annotated[float | None, _trades(
        "expectancy ratio", U.RATIO, "Expectancy / average loss: what each USD lost in a losing trade brings back",
        P.NOWHERE, sign=1)]
    expectancy_r: Annotated[float | None, _trades(
        "expectancy in R", U.RATIO, "Mean of net PnL / risk, of the trades with a stop", line="  in R", sign=1)]
    r_count: Annotated[int, _trades(
        "trades with a stop", U.COUNT, "Risk: what was lost between entry and first stop", P.NOWHERE)]
    sqn: Annotated[float | None, _trades(
        "system quality number", U.RATIO, "√trades x mean / sample deviation of their net PnL (Tharp)", line="SQN")]
    kelly_percent: Annotated[float | None, _trades(
        "Kelly criterion", U.PERCENT, "W - (1 - W) / payoff ratio, W the share of trades won (Kelly 1956)",
        line="Kelly", sign=1)]
    best_trade_percent: Annotated[float | None, _trades(
        "best trade", U.PERCENT, "Highest net PnL of a trade in percent of its entry notional", sign=1)]
    worst_trade_percent: Annotated[float | None, _trades(
        "worst trade", U.PERCENT, "Lowest net PnL of a trade in percent of its entry notional", sign=1)]
    avg_trade_percent: Annotated[float | None, _trades(
        "average trade", U.PERCENT, "Mean net PnL of a trade in percent of its entry notional", sign=1)]
    avg_win_percent: Annotated[float | None, _trades(
        "average win", U.PERCENT, "Mean of those of trades won", P.NOWHERE, sign=1)]
    avg_loss_percent: Annotated[float | None, _trades(
        "average loss", U.PERCENT, "Mean of those of trades lost", P.NOWHERE, sign=1)]
    gross_profit: Annotated[float, _trades("gross profit", U.USD, "Sum of the net PnL of trades won", P.NOWHERE)]
    gross_loss: Annotated[float, _trades("gross loss", U.USD, "Sum of the net PnL of trades lost", P.NOWHERE)]
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
    avg_win_holding_ms: Annotated[int | None, _trades(
        "average holding of wins", U.DURATION, "Mean time of trades won", P.NOWHERE)]
    avg_loss_holding_ms: Annotated[int | None, _trades(
        "average holding of losses", U.DURATION, "Mean time of trades lost", P.NOWHERE)]
    trades_per_day: Annotated[float, _trades(
        "trades a day", U.RATIO, "Closed trades / days of the run", line="trades a day")]
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
        "refused or cancelled", U.COUNTS, "Orders that were refused or cancelled, whole or in part, by reason")]
    cancellations: Annotated[dict[str, int], _activity(
        "cancelled orders", U.COUNTS, "Of these the ones that had waited: cancelled or expired, by reason", P.IF_ANY,
        line="  after they waited")]
    held_decisions: Annotated[list[dict[str, Any]], _activity(
        "held-back decisions", U.ROWS, "To open, made while an indicator was too short (`warm_up`)", P.IF_ANY,
        columns=columns.HELD_DECISIONS)]
    ambiguous_klines: Annotated[int, _activity(
        "ambiguous klines", U.COUNT, "Klines that touched two exits of one entry, and nothing tells which first")]
    drilled_klines: Annotated[int, _activity(
        "klines decided inside", U.COUNT, "Klines that touched two exits of one entry, and finer rows told which "
        "first (`drill_down`)", P.IF_ANY)]
    double_touches: Annotated[list[dict[str, Any]], _activity(
        "klines that touched two exits", U.ROWS, "Each of both kinds: when it closed, which exit came first, and "
        "whether finer rows or the rule (`intrabar`) told it", P.NOWHERE, columns=columns.DOUBLE_TOUCHES)]
    strategy_errors: Annotated[int, _activity("strategy errors", U.COUNT, "How often the program raised", P.IF_ANY)]

    liquidations: Annotated[list[dict[str, Any]], _venue(
        "liquidations", U.ROWS, "What the venue closed", P.IF_ANY | P.TABLE, columns=columns.LIQUIDATIONS)]
    liquidation_shortfall: Annotated[float, _venue(
        "liquidation shortfall", U.USD, "How far equity fell below 0, or isolated positions beyond their margins",
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
    fill_records: Annotated[Sequence[Fill], _records(
        "fills", U.RECORDS, "Each fill in order of time, in Python")] = ()
    order_notes: Annotated[OrderNotes | None, _records(
        "order notes", U.RECORDS, "What became of orders that did not fill at once, and where exits stood, in Python",
    )] = None
    prices: Annotated[Mapping[str, tuple[bytes, ...]], _records(
        "prices", U.RECORDS, "What its chart has of the market, by symbol, packed; not in `to_dict`",
    )] = field(default_factory=dict)
    recording: Annotated[Recording | None, _records(
        "recording", U.RECORDS, "What `record_journal` kept, of which `journal` is made; not in `to_dict`")] = None
    certificate: Annotated[Mapping[str, Any], _records(
        "certificate", U.RECORDS, "What was proved of it, check by check; in `to_dict` where there is any",
    )] = field(default_factory=dict)
    stored_identity: Annotated[Mapping[str, str | None], _records(
        "stored identity", U.RECORDS, "Of a stored result its `identity()`; not in `to_dict`",
    )] = field(default_factory=dict)
    # fmt: on

    def __repr__(self) -> str:
        return five_lines(self)

    @property
    def equity_curve(self) -> list[dict[str, Any]]:
        """At most 2,000 points {timestamp, equity, balance, drawdown} that keep every extreme of the full curve."""
        return self.equity.points()

    def figures(self) -> dict[str, Any]:
        """Return every figure by its name: everything but trades, curve, trigger log and configuration."""
        return {name: getattr(self, name) for name, each in FIGURES.items() if each.unit is not U.RECORDS}

    def records_dict(self, most: int | None = None) -> dict[str, Any]:
        """Return the program's own series as plain values: {name: {"timestamp": [...], "value": [...]}}; with `most` no
        more values of each, its extremes among them.
        """
        series = {name: each if most is None else each.sampled(most) for name, each in self.records.items()}
        return {name: each.to_dict() for name, each in series.items()}

    def _repr_html_(self) -> str | None:
        """Return what a notebook shows: warnings, figures, and a picture of equity and drawdown; small, and no script.
        None where nobody presents results, see `engine.presenting`: the text is shown then.
        """
        return presenting.html_of(self)

    def plot(self, market: MarketHistory | None = None) -> ResultPage:
        """Return a page with price, entries, exits and brackets, equity and drawdown on one axis of time that can be
        zoomed, and with all figures and tables. A notebook shows it; elsewhere `open()` shows it in the browser and
        `save(path)` writes it.

        Prices are those of `market`; without one those that the result keeps, if it was made with any. Raises
        `PerpsimError` where nobody presents results: ``import perpsim`` is missing.
        """
        return presenting.presenter().result_page(self, market)

    def explain(
        self,
        *,
        trade: int | None = None,
        at: TimeLike | None = None,
        order: int | None = None,
        market: MarketHistory | None = None,
    ) -> Explained:
        """Say in words what led to a `trade` (by its number from 1 on, -1 is the last), to an `order` (by its id), or
        what is known of an instant (`at`): trigger, decision, order, why this price, fee, postings, and how the PnL
        adds up. `print` shows it, `.to_dict()` has its values.

        It is read from the journal (`record_journal=True`); values of rows of the data are those of `market`, or of
        that of the run while it is at hand. Raises `DataError` without a journal, and for what is not in it.
        """
        asked = {"trade": trade, "at": at, "order": order}
        return presenting.presenter().explain_result(self, market, **asked)

    def report(self, path: str | Path, market: MarketHistory | None = None) -> None:
        """Write that page as one HTML file which needs no server and no network; `DataError` when it cannot be."""
        self.plot(market).save(path)

    def to_dict(self, timing: bool = True, all_triggers: bool = False) -> dict[str, Any]:
        """Return everything as plain values for JSON; without `timing` the same run gives the same bytes.

        The trigger log leaves out the quiet ones, `quiet_triggers` of them, but with `all_triggers`.
        """
        entry = self.figures()
        machine = {"execution_time_ms": entry.pop("execution_time_ms")}
        return {
            **entry,
            **self.identity(),
            "trades": [trade.to_dict() for trade in self.trades],
            "equity_curve": self.equity_curve,
            "trigger_log": list(self.trigger_log if all_triggers else self.trigger_log.eventful()),
            "config": self.config,
            **({"records": self.records_dict()} if self.records else {}),
            **({"certificate": dict(self.certificate)} if self.certificate else {}),
            **(machine if timing else {}),
        }

    @property
    def digest(self) -> str:
        """What it came to as 32 hexadecimal digits, the same for the same run on every machine: of the figures but run
        time and warnings, the fills and the program's own series; a journal does not count. Raises `DataError` for a
        result that a version stored which kept none.
        """
        kept = self.stored_identity.get("digest")
        if kept is not None:
            return kept
        if self._lacks_fills:
            raise DataError(f"none of the {self.fills:,} fills is stored: run it again, which gives the digest")
        from .digest import result_digest

        return result_digest(self)

    @property
    def _lacks_fills(self) -> bool:
        return bool(self.fills) and not self.fill_records

    def identity(self) -> dict[str, str | None]:
        """Return by what it can be known again: its `digest`, the `engine_version` that came to it, and the
        `journal_head`, None without a journal.
        """
        if self.stored_identity or self._lacks_fills:
            return {name: self.stored_identity.get(name) for name in IDENTITY}
        return dict(zip(IDENTITY, (self.digest, VERSION, self.journal_head), strict=True))

    @property
    def journal(self) -> Journal | None:
        """Every message of the run as a line, each with its cause, its rule and its row, chained by hash; None where
        none was recorded (`record_journal`).
        """
        return None if self.recording is None else Journal(self.recording, self)

    @property
    def journal_head(self) -> str | None:
        """The hash of the journal's last line: 32 hexadecimal digits; None without a journal."""
        journal = self.journal
        return self.stored_identity.get("journal_head") if journal is None else journal.head

    @property
    def trades_frame(self) -> pandas.DataFrame:
        """The closed trades, one a row, under the names of `BacktestTradeRecord`; times `datetime64[ms, UTC]`, money in
        USD, `holding` the time from the first fill to the exit.
        """
        from .result_frames import trades_frame  # imports pandas, which a run does without

        return trades_frame(self.trades)

    @property
    def fills_frame(self) -> pandas.DataFrame:
        """All fills in order, one a row: time, symbol, side, size (coins), price, notional and fee (USD), `liquidity`
        (maker or taker), `reason` ("entry", or why it left), order id and tag; of an entry its margin and risk, of an
        exit the net `pnl` of its trade; and the decision and trigger behind it, where there was one. Raises `DataError`
        for a stored result, of which no fills are kept.
        """
        if self._lacks_fills:
            raise DataError(f"none of the {self.fills:,} fills is stored: run it again, or see trades_frame")
        from .result_frames import fills_frame

        return fills_frame(self.fill_records, self.trades)

    @property
    def triggers_frame(self) -> pandas.DataFrame:
        """All triggers, the quiet ones too, one a row: what woke the program, its first decision (and how many there
        were), what became of that order, equity before and after in USD, log lines and error.
        """
        from .result_frames import triggers_frame

        return triggers_frame(self.trigger_log)

    @property
    def equity_frame(self) -> pandas.DataFrame:
        """The whole curve by UTC minute: `equity`, `balance`, `unrealized_pnl`, `drawdown` and `notional` of all
        positions in USD, `drawdown_percent` of the peak so far.
        """
        from .result_frames import equity_frame

        return equity_frame(self.equity)

    @property
    def records_frame(self) -> pandas.DataFrame:
        """What the program recorded: a column for each series, a row for each instant (UTC), NaN where one has no
        value.
        """
        from .result_frames import records_frame

        return records_frame(self.records)

    @property
    def monthly_returns(self) -> pandas.DataFrame:
        """The change of equity in each UTC month, in percent: a row for each year, a column for each month ("Jan" to
        "Dec") and "Year", which is compounded; NaN where there was no run.
        """
        from .result_frames import monthly_returns

        return monthly_returns(self.equity)

    @property
    def daily_returns(self) -> pandas.Series[float]:
        """The returns of the UTC days as fractions (0.01 is 1 %), those that the ratios are of; under dates without a
        zone and the program's name, as quantstats and its like take them. A part-day at either end counts as a day.
        """
        from .result_frames import dated_returns

        return dated_returns(self.equity, program_name(self.config) or "a program")

    def by(self, part: str) -> pandas.DataFrame:
        """Return what the closed trades of each "symbol", "side", "exit_reason", "pool", "month" or "weekday" brought,
        a row for each: trades, win rate in percent, money in USD. Another word is a `ValueError` that names these.
        """
        from .result_frames import breakdown_frame

        return breakdown_frame(parts_by(self.breakdown, part), part)

    def tearsheet(self, path: str | Path, benchmark: pandas.Series[float] | None = None, **options: Any) -> None:
        """Let quantstats write its tear sheet as an HTML file: `quantstats.reports.html(self.daily_returns, ...)` with
        365 days a year. `options` are those of that function. Raises `ImportError` where quantstats is not installed.
        """
        try:
            from quantstats import reports
        except ImportError as error:
            raise ImportError(f"a tear sheet is made by quantstats: pip install quantstats ({error})") from error
        title = f"{program_name(self.config) or 'a program'} on {', '.join(self.config['symbols'])}"
        given = {"title": title, "periods_per_year": self.annualization_factor, **options}
        reports.html(self.daily_returns, benchmark, output=str(path), **given)

    def to_json(self, path: str | Path | None = None, timing: bool = True, all_triggers: bool = False) -> str | None:
        """Write the result as strict JSON, the bytes of ``perpsim run --json``, or return that as text without a path.

        Without `timing` the same run gives the same bytes. The trigger log leaves out the quiet ones, but with
        `all_triggers`. `DataError` when the file cannot be written.
        """
        text = "".join(self.json_parts(timing, all_triggers))
        if path is None:
            return text
        try:
            Path(path).write_bytes(text.encode())
        except OSError as error:
            raise DataError(f"{path} cannot be written: {error.strerror or error}") from error
        return None

    def json_parts(self, timing: bool = True, all_triggers: bool = False) -> Iterator[str]:
        """Yield the text of `to_json` piece by piece: the trigger log of a long run is never in memory as a whole."""
        log = self.trigger_log
        entry = replace(self, trigger_log=log.empty()).to_dict(timing)
        return json_pieces({**entry, "trigger_log": log if all_triggers else log.eventful()})


#: What `identity` gives.
IDENTITY = ("digest", "engine_version", "journal_head")

#: The figure of every field of a result, in the order in which they are shown.
FIGURES = figures_of(BacktestResult)

# what help(BacktestResult) shows: the fields by group, and types without their figures
BacktestResult.__doc__ = f"{cleandoc(BacktestResult.__doc__ or '')}\n\n{figures_text(FIGURES)}"
BacktestResult.__annotations__ = get_type_hints(BacktestResult)
BacktestResult.__init__.__annotations__.update(BacktestResult.__annotations__)
