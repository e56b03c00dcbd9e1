"""A result in memory, described for its page."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import islice
from typing import Any

from engine import BacktestResult, KlineColumns, MarketHistory
from engine.market.series import FloatColumn, TimeColumn
from engine.plain_values import plain
from engine.result import program_name

from ..explanations import checked_market
from ..orders import SpansOf, order_columns
from ..results import MOST_RECORDED, RunStatus, StoredLog, came_to_text, period_text, row_of, trigger_funnel
from .curves import curve_in_memory, curves_for_file
from .described_result import MOST_CURVE_BYTES, MOST_TRIGGERS, DescribedResult
from .prices import Prices, SeenFaults, curve_levels, prices_of
from .proved_checks import shown_certificate
from .summary import ResultFacts, summary_of
from .trades import (
    OLD_RESULT,
    Decided,
    LoggedAnswer,
    decisions_of,
    explained_trades,
    lines_of,
    marks_of,
    steps_note,
    trigger_links,
)


def describe_result(result: BacktestResult, market: MarketHistory | None = None) -> DescribedResult:
    """Return what a page shows of a result: with the prices of a market, or else with those that it keeps."""
    trades = [{"index": place, **trade.to_dict()} for place, trade in enumerate(result.trades)]
    orders, summary = order_columns(result, _spans_of(result, market)), _summary(result)
    return DescribedResult(
        origin="a result in memory",
        summary=summary,
        trades=trades,
        records=result.records_dict(MOST_RECORDED),
        tables=summary_of(ResultFacts(trades, result.figures(), _curve(result), result.equity.daily())),
        links=trigger_links(trades, orders, lambda: _answers(result)),
        rows=_rows(result),
        marks=marks_of(trades, (), summary["figures"], orders),
        lines=lines_of(trades, _decided(result) if orders is None else (), summary["figures"], orders),
        marks_note=OLD_RESULT if orders is None else steps_note(orders),
        equity=curve_levels(result.equity.timestamp_ms, result.equity.equity, MOST_CURVE_BYTES),
        prices=_prices(result, market),
        prices_from="plot(market) draws them",
        explained=explained_trades(result.journal, trades, market),
        curves=curves_for_file(curve_in_memory(result), result.config["symbols"], _klines_of(result, market)),
    )


def _spans_of(result: BacktestResult, market: MarketHistory | None) -> SpansOf | None:
    """Return what gives the spans in which exits were watched, as the market has them that is at hand, with what faults
    did to it; nothing where it lacks the marks that they watched.
    """
    if market is None:
        return None
    config, seen = result.config, _faults(result).market(market)
    period, stale_ms = config["watch_period"], config["mark_stale_ms"]
    return lambda symbol, marks: (
        seen.symbols[symbol].watch(period, stale_ms if marks else None) if _has(seen, symbol, marks) else None
    )


def _has(market: MarketHistory, symbol: str, marks: bool) -> bool:
    return symbol in market.symbols and (not marks or market.symbols[symbol].marks.all is not None)


def _faults(result: BacktestResult) -> SeenFaults:
    return SeenFaults.of(plain(result.config), result.start_time, result.end_time)


def _summary(result: BacktestResult) -> dict[str, Any]:
    config, figures = plain(result.config), plain({**result.figures(), **result.identity()})
    return {
        "id": None,
        "status": str(RunStatus.COMPLETED if result.success else RunStatus.FAILED),
        "error": result.error,
        "progress": None,
        "program": program_name(config),
        "exchange": config["exchange"],
        "symbols": config["symbols"],
        "period": period_text(result.start_time, result.end_time),
        "came_to": came_to_text(config, figures),
        "config": config,
        "figures": figures,
        "faults": _faults(result).described(result.warnings),
        "funnel": trigger_funnel(figures),
        "certificate": shown_certificate(result.certificate),
        "triggers_saved": len(result.trigger_log),
        "triggers_unsaved": (result.total_triggers or 0) - len(result.trigger_log),
    }


def _rows(result: BacktestResult) -> list[dict[str, Any]]:
    """Return the rows of the triggers that are shown, as a database would have them."""
    log = result.trigger_log
    if isinstance(log, StoredLog):
        return log.rows(MOST_TRIGGERS)
    entries = iter(log) if len(log) <= MOST_TRIGGERS else log.eventful()
    return [row_of(0, log.records[each["index"]], each) for each in islice(entries, MOST_TRIGGERS)]


def _decided(result: BacktestResult) -> Iterator[Decided]:
    log = result.trigger_log
    if isinstance(log, StoredLog):
        yield from ((each["timestamp"], decision) for each in log.eventful() for decision in decisions_of(each))
        return
    for _, record in log.records.eventful():
        answers = [each.to_dict() for each in record.answers]
        yield from ((record.trigger.timestamp, each) for each in decisions_of({"decisions": answers}))


def _klines_of(result: BacktestResult, market: MarketHistory | None) -> Callable[[str], KlineColumns | None]:
    faults = _faults(result)
    known = {} if market is None else market.symbols
    return lambda symbol: faults.columns(symbol, known[symbol].base.columns) if symbol in known else None


def _curve(result: BacktestResult) -> tuple[TimeColumn, FloatColumn]:
    return result.equity.timestamp_ms, result.equity.equity


def _answers(result: BacktestResult) -> Iterator[LoggedAnswer]:
    """Yield the decisions of a run to do something, in order."""
    log = result.trigger_log
    if isinstance(log, StoredLog):
        for each in log.eventful():
            kind = each["index"], each["timestamp"], each["trigger_type"], each["pool_name"]
            for answer in each.get("decisions") or [each]:
                if answer["decision"]:
                    yield LoggedAnswer(*kind, answer["decision"], answer.get("order") or {})
        return
    for index, record in log.records.eventful():
        trigger = record.trigger
        for answer in (each.to_dict() for each in record.answers):
            kind = index, trigger.timestamp, trigger.trigger_type, trigger.pool_name
            yield LoggedAnswer(*kind, answer["decision"], answer.get("order") or {})


def _prices(result: BacktestResult, market: MarketHistory | None) -> Prices:
    if market is None:
        return result.prices
    return prices_of(checked_market(market), result)
