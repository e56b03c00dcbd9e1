"""What sets two runs apart, as text and as plain values."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from engine import utc_text
from engine.durations import duration_name
from engine.periods import MINUTE_MS, SECOND_MS
from engine.plain_values import counted, printable

from .first_difference import ComparedJournals, Descent, FirstDifference, Record, kind_of, words_of
from .pnl_split import PARTS

if TYPE_CHECKING:
    from .run_difference import RunDifference

_WORDS = {
    "price": "price",
    "fee": "fee",
    "funding": "funding",
    "missed": "missed fills",
    "extra": "extra fills",
    "open": "open at the end",
    "covered": "losses covered",
}
_MOST_FIELDS, _LONGEST = 12, 200


def difference_text(found: RunDifference) -> str:
    """Return it in lines: where the journals part, what followed, the gap by its parts, the fills."""
    return "\n".join(_lines(found))


def _lines(found: RunDifference) -> Iterator[str]:
    first, second = found.names
    yield f"A: {first}"
    yield f"B: {second}"
    yield from (f"Note: {remark}" for remark in found.remarks)
    if found.is_same and found.journals is not None:
        yield f"Nothing differs: {counted(found.journals.lines[0], 'line')}, journal {found.journals.heads[0]}"
        return
    yield from _parting(found)
    yield from _gap(found)
    yield from _fills(found)


def _parting(found: RunDifference) -> Iterator[str]:
    journals = found.journals
    if journals is None:
        yield "One of them is a file of fills: only fills are compared"
        return
    if journals.start:
        yield _other_things(journals)
    if journals.difference is None:
        yield "No message between their first and their last lines differs"
        if journals.end:
            yield from _other_ends(journals.end)
        return
    yield from _difference(journals.difference)


def _other_things(journals: ComparedJournals) -> str:
    """Return what else was run, the fields of the configuration in place of its digest where they are known."""
    fields = {name: each for name, each in journals.start.items() if name != "configuration" or not journals.settings}
    told = "They are runs of other things: " + "; ".join(_fields({**fields, **journals.settings}))
    if "configuration" not in fields:
        return told
    return f"{told} (in which fields a journal does not tell: name stored results by their ids, which do)"


def _other_ends(end: dict[str, tuple[Any, Any]]) -> Iterator[str]:
    yield "Their last lines differ in " + "; ".join(_fields(end))
    if [*end] == ["digest"]:
        yield (
            "  A digest is of all that a result says, also of what was stored of its market (data_coverage): what was "
            "imported between the runs changes it, be it read or not"
        )


def _difference(found: FirstDifference) -> Iterator[str]:
    yield "First difference:"
    for name, record in (("A", found.first), ("B", found.second)):
        if record is None:
            yield f"  {name} has no line more"
        else:
            yield f"  {name} {_line(record)}"
    if found.fields:
        yield "  differs in " + "; ".join(_fields(found.fields))
    for name, descent, later in zip("AB", found.followed, found.later, strict=True):
        yield from _descent(name, descent, later)


def _descent(name: str, descent: Descent, later: int) -> Iterator[str]:
    total = sum(descent.count.values())
    kinds = ", ".join(f"{count:,} {kind}" for kind, count in descent.count.most_common())
    yield f"  {name}: {counted(total, 'message')} of {later:,} after it came of it{f' ({kinds})' if kinds else ''}"
    for record in descent.shown:
        yield f"    {_line(record)}"
    if total > len(descent.shown):
        yield f"    and {total - len(descent.shown):,} more"


def _line(record: Record) -> str:
    return f"line {record['id'] + 1}, {utc_text(record['at'])}: {printable(words_of(record), _LONGEST)}"


def _fields(fields: dict[str, tuple[Any, Any]]) -> list[str]:
    told = [f"{name}: {_value(one)} in A, {_value(other)} in B" for name, (one, other) in fields.items()]
    more = len(told) - _MOST_FIELDS
    return [*told[:_MOST_FIELDS], *([f"and {more} more"] if more > 0 else [])]


def _value(value: Any) -> str:
    return "nothing" if value is None else printable(str(value))[:_LONGEST]


def _gap(found: RunDifference) -> Iterator[str]:
    split = found.split
    yield f"Net PnL: A {float(split.first):+,.2f}, B {float(split.second):+,.2f}, gap {float(split.gap):+,.2f} USD"
    parts = split.parts
    shown = [part for part in PARTS if parts[part] or part not in ("open", "covered")]
    symbols = [name for name, each in split.by_symbol.items() if any(each.values())] if len(split.by_symbol) > 1 else []
    width = max(len(_WORDS[part]) for part in shown)
    columns = ["all", *symbols]
    yield f"  {'':<{width}}" + "".join(f"{name:>14}" for name in columns)
    for part in shown:
        amounts = [parts[part], *(split.by_symbol[name][part] for name in symbols)]
        yield f"  {_WORDS[part]:<{width}}" + "".join(f"{float(each):>+14,.4f}" for each in amounts)
    sums = [split.gap, *(sum(split.by_symbol[name].values()) for name in symbols)]
    yield f"  {'gap':<{width}}" + "".join(f"{float(each):>+14,.4f}" for each in sums)
    if found.rounding:
        off = f"what the runs say themselves is off by roundings of {found.rounding:.1e} USD"
        yield f"  The parts add up exactly; {off}"


def _fills(found: RunDifference) -> Iterator[str]:
    fills, length_ms = found.fills, found.within_ms
    is_short = length_ms < MINUTE_MS or length_ms % MINUTE_MS
    within = f"{length_ms / SECOND_MS:g} s" if is_short else duration_name(length_ms)
    yield (
        f"Fills: {counted(len(fills.pairs), 'pair')} within {within}, {len(fills.missed):,} missed (in A alone), "
        f"{len(fills.extra):,} extra (in B alone)"
    )
    if found.split.sized:
        yield f"  {counted(found.split.sized, 'pair')} of other sizes: the rest of the larger one is missed or extra"
    if found.slippage is not None:
        told = ", ".join(f"{name.replace('_', ' ')} {value:+.2f}" for name, value in found.slippage.items())
        yield f"  prices of B are worse by (bp): {told}"
    if found.delay is not None:
        told = ", ".join(f"{name} {value:+,.3f}" for name, value in found.delay.items())
        yield f"  fills of B are later by (s): {told}"


def fills_table(found: RunDifference) -> str:
    """Return the fills side by side as a table of text."""
    heads = ("what", "symbol", "side", "purpose", "A at (UTC)", "size A", "size B", "price A", "price B")
    rows = [(*heads, "delay s", "slip bp")]
    for row in found.fill_rows():
        at = row["second_at"] if row["first_at"] is None else row["first_at"]
        names = ("first_size", "second_size", "first_price", "second_price")
        numbers = ["-" if row[name] is None else f"{row[name]:,.8g}" for name in names]
        gaps = ["-" if row[name] is None else f"{row[name]:+,.3f}" for name in ("delay_s", "slippage_bp")]
        told = row["what"], row["symbol"], row["side"], row["purpose"], utc_text(at).removesuffix(" UTC")
        rows.append((*told, *numbers, *gaps))
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    return "\n".join("  ".join(map(str.ljust, row, widths)).rstrip() for row in rows)


def difference_entry(found: FirstDifference | None) -> dict[str, Any] | None:
    """Return where two journals part as plain values."""
    if found is None:
        return None
    return {
        "first": found.first,
        "second": found.second,
        "kinds": [None if each is None else kind_of(each) for each in (found.first, found.second)],
        "fields": {name: list(each) for name, each in found.fields.items()},
        "followed": [
            {"count": dict(each.count), "shown": each.shown, "later": later}
            for each, later in zip(found.followed, found.later, strict=True)
        ],
    }
