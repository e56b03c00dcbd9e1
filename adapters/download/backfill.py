"""Klines and funding rates from a venue into the database: only what is missing, page by page, each one committed."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from engine import DataError, KlineColumns, utc_text
from engine.market.series import TimeColumn
from engine.periods import HOUR_MS, SECOND_MS

from ..database import (
    Database,
    TableRows,
    crypto_klines,
    period_length,
    perp_funding,
    read_flow_rows,
    read_rows,
    write_klines,
    write_rows,
)
from .venue import Venue

#: Funding rates are asked for in pages of so many hours: no venue pays more often than hourly.
_FUNDING_PAGE_HOURS = 200
_LONGEST_FUNDING_MS = 8 * HOUR_MS

#: A pause between payments that is longer than those beside it by this factor is a hole.
_HOLE_FACTOR = 1.5

#: Venues stamp payments some milliseconds late: two payments that are nearer than this are one.
_SAME_PAYMENT_MS = 60 * SECOND_MS


class Span(NamedTuple):
    """Instants in [start_ms, stop_ms)."""

    start_ms: int
    stop_ms: int


class Target(NamedTuple):
    """Where downloaded rows are stored, under names as they are stored."""

    database: Database
    exchange: str
    symbol: str


class Page(NamedTuple):
    """What one request has done: up to which instant, how many milliseconds that are, how many rows are stored."""

    reached_ms: int
    covered_ms: int
    stored: int


@dataclass(frozen=True)
class Download:
    """The spans that are missing, and what fetches and stores one page from the start of a span."""

    missing: Sequence[Span]
    page: Callable[[Span], Page]

    @property
    def missing_ms(self) -> int:
        """How much time the missing spans cover."""
        return sum(span.stop_ms - span.start_ms for span in self.missing)

    def run(self) -> Iterator[Page]:
        """Fetch page after page; each is stored when it is given. Raises `DataError` that says how far it got."""
        for start, stop in self.missing:
            at = start
            while at < stop:
                try:
                    page = self.page(Span(at, stop))
                except DataError as error:
                    text = f"{error}; stored is what came before {utc_text(at)}: the same command goes on from there"
                    raise DataError(text) from error
                yield page
                at = page.reached_ms


def missing_klines(stored_ms: TimeColumn, span: Span, period_ms: int, page_ms: int) -> list[Span]:
    """Return the spans of opening times that are not stored; what fits into one page is one span."""
    known = np.concatenate(([span.start_ms - period_ms], stored_ms, [span.stop_ms]))
    before = np.flatnonzero(np.diff(known) > period_ms)
    spans: list[Span] = []
    for start, stop in zip((known[before] + period_ms).tolist(), known[before + 1].tolist(), strict=True):
        if spans and stop - spans[-1].start_ms <= page_ms:
            start = spans.pop().start_ms
        spans.append(Span(start, stop))
    return spans


def missing_funding(stored_ms: TimeColumn, span: Span) -> list[Span]:
    """Return the spans in which payments may be missing: pauses longer than those beside them, and than 8 hours."""
    if len(stored_ms) < 2:
        return [span] if span.start_ms < span.stop_ms else []
    steps = np.diff(stored_ms)
    beside = np.maximum(np.append(steps[1:], 0), np.insert(steps[:-1], 0, 0))
    usual = np.where(beside > 0, np.minimum(beside, _LONGEST_FUNDING_MS), _LONGEST_FUNDING_MS)
    holes = [
        Span(int(stored_ms[at]) + 1, int(stored_ms[at + 1])) for at in np.flatnonzero(steps > _HOLE_FACTOR * usual)
    ]
    if stored_ms[0] - span.start_ms >= steps[0] - SECOND_MS:
        holes.insert(0, Span(span.start_ms, int(stored_ms[0])))
    if span.stop_ms - stored_ms[-1] > steps[-1]:
        holes.append(Span(int(stored_ms[-1]) + 1, span.stop_ms))
    return holes


def kline_download(target: Target, venue: Venue, period: str, span: Span) -> Download:
    """Return the download of the klines that open in the span and are not stored yet.

    A kline that has not ended at the venue's time is left out, one that is stored is left as it is.
    """
    venue.require_period(period)
    length, count = period_length(period), venue.rows_a_page
    ended = min(-(-span.stop_ms // length), venue.now_ms() // length) * length
    whole = Span(-(-span.start_ms // length) * length, ended)
    with target.database.writing() as connection:
        target.database.create_tables(connection, [crypto_klines])
    stored = read_rows(target.database, target.exchange, target.symbol, period, *whole).open_ms

    def page(wanted: Span) -> Page:
        rows = venue.klines(period, wanted.start_ms, min(count, (wanted.stop_ms - wanted.start_ms) // length))
        klines = _checked_klines(venue, rows, length)
        opened = klines.open_ms
        # with nothing in these minutes, later ones may have something
        ahead = len(klines) and opened[-1] >= wanted.start_ms
        reached = min(int(opened[-1]) + length if ahead else wanted.start_ms + count * length, wanted.stop_ms)
        new = (opened >= wanted.start_ms) & (opened < wanted.stop_ms) & ~np.isin(opened, stored)
        if new.any():
            names = ("open_ms", "open", "high", "low", "close", "volume")
            kept = KlineColumns(length, *(getattr(klines, name)[new] for name in names))
            write_klines(target.database, target.exchange, target.symbol, period, kept)
        return Page(reached, reached - wanted.start_ms, int(np.count_nonzero(new)))

    return Download(missing_klines(stored, whole, length, count * length), page)


def funding_download(target: Target, venue: Venue, span: Span) -> Download:
    """Return the download of the funding rates whose payments are in the span and not stored yet.

    Times are kept to the millisecond; a payment within a minute of a stored one is that one and left as it is.
    """
    venue.require_funding()
    whole = Span(span.start_ms, min(span.stop_ms, venue.now_ms()))
    stored = _stored_funding(target, whole)

    def page(wanted: Span) -> Page:
        reached = min(wanted.start_ms + _FUNDING_PAGE_HOURS * HOUR_MS, wanted.stop_ms)
        rows = venue.funding(wanted.start_ms, reached - 1, _FUNDING_PAGE_HOURS)
        payments = _checked_funding(venue, rows)
        times = payments.times_ms
        inside = (times >= wanted.start_ms) & (times < reached) & ~_near(times, stored)
        columns = {name: values[inside] for name, values in payments.columns.items()}
        new = TableRows(perp_funding, times[inside], columns)
        if len(new):
            write_rows(target.database, target.exchange, target.symbol, [new])
        return Page(reached, reached - wanted.start_ms, len(new))

    return Download(missing_funding(stored, whole), page)


def _stored_funding(target: Target, span: Span) -> TimeColumn:
    database = target.database
    with database.writing() as connection:
        database.create_tables(connection, [perp_funding])
    stored = read_flow_rows(
        database, perp_funding.name, target.exchange, target.symbol, span.start_ms - 1, span.stop_ms - 1
    )
    assert stored is not None  # the table is there
    return stored["timestamp"]


def _checked_klines(venue: Venue, rows: list[list[Any]], period_ms: int) -> KlineColumns:
    """Return a venue's klines; `DataError` unless they are possible ones."""
    if not rows:
        return KlineColumns.of(period_ms, ())
    table = _numbers(venue, "klines", rows, 6)
    opened, prices = table[:, 0].astype(np.int64), table[:, 1:5]
    possible = (prices > 0).all(axis=1) & (table[:, 5] >= 0) & (opened % period_ms == 0)
    possible &= (prices[:, 1] == prices.max(axis=1)) & (prices[:, 2] == prices.min(axis=1))
    _require(venue, "kline", opened, possible)
    return KlineColumns(period_ms, opened, *table[:, 1:].T)


def _checked_funding(venue: Venue, rows: list[tuple[Any, Any, Any]]) -> TableRows:
    if not rows:
        return TableRows(perp_funding, np.empty(0, np.int64), {})
    table = _numbers(venue, "funding rates", [row[:2] for row in rows], 2)
    times, rates = table[:, 0].astype(np.int64), table[:, 1]
    _require(venue, "funding rate", times, np.abs(rates) < 1)
    columns = {"funding_rate": rates}
    if any(mark for _, _, mark in rows):
        marks = [(mark or np.nan,) for _, _, mark in rows]
        columns["mark_price"] = _numbers(venue, "mark prices", marks, 1, gaps=True)[:, 0]
    return TableRows(perp_funding, times, columns)


def _numbers(
    venue: Venue, what: str, rows: Sequence[Sequence[Any]], width: int, *, gaps: bool = False
) -> npt.NDArray[np.float64]:
    try:
        table = np.array(rows, dtype=np.float64)
    except (TypeError, ValueError) as error:
        raise DataError(f"{venue.name} sent {what} that cannot be read ({error})") from error
    if table.shape[1:] != (width,) or not (gaps or np.isfinite(table).all()):
        raise DataError(f"{venue.name} sent {what} without all of their values")
    return table


def _require(venue: Venue, what: str, times_ms: TimeColumn, good: npt.NDArray[np.bool_]) -> None:
    good = good & (np.diff(times_ms, prepend=times_ms[0] - 1) > 0)
    if not good.all():
        raise DataError(f"{venue.name} sent an impossible {what} at {utc_text(int(times_ms[np.argmin(good)]))}")


def _near(times_ms: TimeColumn, stored_ms: TimeColumn) -> npt.NDArray[np.bool_]:
    if not len(stored_ms):
        return np.zeros(len(times_ms), bool)
    after = np.searchsorted(stored_ms, times_ms)
    later, earlier = stored_ms[np.minimum(after, len(stored_ms) - 1)], stored_ms[np.maximum(after - 1, 0)]
    return np.asarray(np.minimum(np.abs(later - times_ms), np.abs(earlier - times_ms)) < _SAME_PAYMENT_MS)
