"""What sets two runs apart: the first difference and what followed, the gap in net PnL, the fills side by side."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from statistics import fmean, median
from typing import TYPE_CHECKING, Any

from engine import DataError
from engine.periods import HOUR_MS, MINUTE_MS

from ..output import atomic_file
from .carried_positions import within_range
from .fill_pairs import FillPair, PairedFills, Traded, joined, paired
from .first_difference import ComparedJournals, FirstDifference, compared, money_of
from .journal_of import NamedJournal
from .money_of_run import MoneyOfRun
from .moved_times import likely_move
from .pnl_split import PnlSplit, split

if TYPE_CHECKING:
    import pandas

#: What a run says of its own net PnL is a sum of rounded numbers, and no further than this from the exact one, in USD.
_ROUNDING = 1e-6
#: Less than this share of a fill is no position, but a rounding of decimals.
_ROUNDED_SIZE = Fraction(1, 10**6)
#: How far apart in time fills may be to be one and the same, unless told otherwise.
WITHIN_MS = 60_000


@dataclass(frozen=True)
class RunDifference:
    """What sets a second run apart from a first one. `journals` is None where one of them is a file of fills, of which
    only the fills are compared. Money is in USD, exact in `split`.
    """

    money: tuple[MoneyOfRun, MoneyOfRun]
    split: PnlSplit
    fills: PairedFills
    within_ms: int
    journals: ComparedJournals | None
    remarks: tuple[str, ...]

    @property
    def names(self) -> tuple[str, str]:
        """What the two are called."""
        return self.money[0].name, self.money[1].name

    @property
    def first_difference(self) -> FirstDifference | None:
        """Where their journals part; None where they do not, or where there are not two."""
        return None if self.journals is None else self.journals.difference

    @property
    def is_same(self) -> bool:
        """Whether nothing differs: their journals have one head."""
        return self.journals is not None and self.journals.heads[0] == self.journals.heads[1]

    @property
    def rounding(self) -> float:
        """How far what the runs say of their net PnL is from the exact sums, at most, in USD."""
        sums = (self.split.first, self.split.second)
        told = [abs(run.stated_pnl - exact) for run, exact in zip(self.money, sums, strict=True) if run.stated_pnl]
        return float(max(told, default=Fraction(0)))

    @property
    def slippage(self) -> dict[str, float] | None:
        """How much worse the prices of the second run were than those of the first, in bp: mean, by notional, median,
        worst; None without a pair.
        """
        pairs = self.fills.pairs
        if not pairs:
            return None
        worse = [pair.slippage_bp for pair in pairs]
        notional = [float(pair.first.size * pair.first.price) for pair in pairs]
        weighted = sum(a * b for a, b in zip(worse, notional, strict=True)) / sum(notional)
        return {"mean": fmean(worse), "by_notional": weighted, "median": median(worse), "worst": max(worse)}

    @property
    def delay(self) -> dict[str, float] | None:
        """How much later the fills of the second run came, in seconds: mean, median, least, most; None without a
        pair.
        """
        if not self.fills.pairs:
            return None
        late = [pair.delay_ms / 1_000 for pair in self.fills.pairs]
        return {"mean": fmean(late), "median": median(late), "least": min(late), "most": max(late)}

    @property
    def frame(self) -> pandas.DataFrame:
        """The fills side by side, one row a pair, or a fill that one run has alone, in order of time (UTC)."""
        import pandas

        frame = pandas.DataFrame(self.fill_rows(), columns=list(FILL_COLUMNS))
        for name in ("first_at", "second_at"):
            times = pandas.to_datetime(frame[name].astype("Int64"), unit="ms", utc=True)
            frame[name] = times.astype("datetime64[ms, UTC]")
        return frame

    def fill_rows(self) -> list[dict[str, Any]]:
        """Return the fills side by side in order of time, as plain values under `FILL_COLUMNS`."""
        rows = [_row("both", pair.first, pair.second) for pair in self.fills.pairs]
        rows += [_row("missed", each, None) for each in self.fills.missed]
        rows += [_row("extra", None, each) for each in self.fills.extra]
        return sorted(rows, key=lambda row: row["second_at"] if row["first_at"] is None else row["first_at"])

    def to_dict(self) -> dict[str, Any]:
        """Return all of it as plain values: money as floats, the parts of the gap as fractions, too."""
        from .difference_words import difference_entry

        journals, found = self.journals, self.split
        return {
            "names": list(self.names),
            "same": self.is_same,
            "heads": None if journals is None else journals.heads,
            "lines": None if journals is None else journals.lines,
            "start": None if journals is None else {name: list(each) for name, each in journals.start.items()},
            "settings": None if journals is None else {name: list(each) for name, each in journals.settings.items()},
            "end": None if journals is None else {name: list(each) for name, each in journals.end.items()},
            "first_difference": difference_entry(self.first_difference),
            "net_pnl": [float(found.first), float(found.second)],
            "gap": float(found.gap),
            "parts": _floats(found.parts),
            "exact": {"gap": str(found.gap), **{part: str(each) for part, each in found.parts.items()}},
            "by_symbol": {symbol: _floats(parts) for symbol, parts in found.by_symbol.items()},
            "rounding": self.rounding,
            "within_ms": self.within_ms,
            "pairs": len(self.fills.pairs),
            "missed": len(self.fills.missed),
            "extra": len(self.fills.extra),
            "other_sizes": found.sized,
            "slippage_bp": self.slippage,
            "delay_seconds": self.delay,
            "fills": self.fill_rows(),
            "remarks": list(self.remarks),
        }

    def to_json(self, path: str | Path) -> None:
        """Write `to_dict` to a file as JSON."""
        with atomic_file(path) as file:
            file.write(f"{json.dumps(self.to_dict(), indent=2)}\n".encode())

    def __repr__(self) -> str:
        from .difference_words import difference_text

        return difference_text(self)


FILL_COLUMNS = (
    *("what", "symbol", "side", "purpose", "first_at", "second_at", "first_size", "second_size"),
    *("first_price", "second_price", "first_fee", "second_fee", "delay_s", "slippage_bp", "parts"),
)


def difference_of(
    first: NamedJournal | MoneyOfRun, second: NamedJournal | MoneyOfRun, within_ms: int = WITHIN_MS
) -> RunDifference:
    """Say what sets a second run apart from a first one; of a file of fills what lies in the other's time counts.
    Raises `DataError` for a journal that is damaged, and for a tolerance that is none.
    """
    if within_ms < 0:
        raise DataError(f"within: {within_ms} ms is no tolerance: give 0 or more")
    journals = None
    if isinstance(first, NamedJournal) and isinstance(second, NamedJournal):
        journals = compared(first, second)
        money = journals.money
        remarks = (*first.remarks, *second.remarks)
    else:
        one, other = (money_of(each) if isinstance(each, NamedJournal) else each for each in (first, second))
        money = _within(one, other, within_ms), _within(other, one, within_ms)
        remarks = tuple(remark for run in money for remark in (*run.remarks, *_untold(run)))
        remarks += (*_moved(one, other, within_ms), *_moved(other, one, within_ms))
    fills = paired(joined(money[0].fills, within_ms), joined(money[1].fills, within_ms), within_ms)
    found = RunDifference(money, split(*money, fills), fills, within_ms, journals, tuple(dict.fromkeys(remarks)))
    if found.rounding >= _ROUNDING:
        off = f"what the runs say of their net PnL is {found.rounding:.3g} USD from the sums of their fills"
        return RunDifference(money, found.split, fills, within_ms, journals, (*found.remarks, off))
    return found


def _within(run: MoneyOfRun, other: MoneyOfRun, within_ms: int) -> MoneyOfRun:
    """Return of a file of fills what lies in the time of the other run, where that has one, and a little later what one
    of its last fills stands for.
    """
    if run.begin_ms is not None or not run.fills:
        return run
    if other.begin_ms is None or other.end_ms is None:
        return within_range(run, run.fills[0].at, run.fills[-1].at)
    late = within_range(run, other.begin_ms, other.end_ms + within_ms)
    ours, theirs = joined(other.fills, within_ms), joined(late.fills, within_ms)
    alone = [each for each in paired(ours, theirs, within_ms).extra if each.at > other.end_ms]
    end = min((each.at - 1 for each in alone), default=other.end_ms + within_ms)
    return within_range(run, other.begin_ms, end)


def _untold(run: MoneyOfRun) -> list[str]:
    """Return what a file of fills does not tell: funding, and what the coins that it leaves are worth."""
    if run.begin_ms is not None:
        return []
    told = [
        f"{run.name} holds {float(size):+.8g} {symbol} in the end, at the mark of the other, or else at the last price"
        for symbol, size in run.held().items()
        if abs(size) > _ROUNDED_SIZE * run.fills[-1].size
    ]
    if not run.tells_funding:
        told.append(f"{run.name} tells no funding: what the other paid or received is in the gap; --funding tells it")
    return told


def _moved(run: MoneyOfRun, other: MoneyOfRun, within_ms: int) -> list[str]:
    """Return a remark where the times of a file of fills seem to be those of another time zone."""
    found = None
    if run.begin_ms is None and other.begin_ms is not None:
        found = likely_move(other.fills, run.fills, within_ms)
    if found is None:
        return []
    move, count, now = found
    hours, east = f"{abs(move) / HOUR_MS:g} h {'earlier' if move < 0 else 'later'}", -move // MINUTE_MS
    zone = f"{'-' if east < 0 else '+'}{abs(east) // 60:02}:{abs(east) % 60:02}"
    return [
        f"with times {hours} {count} of its {len(run.fills)} fills would stand beside one of the other run, and {now} "
        f"do: if its times are those of another time zone, say --time-zone {zone}"
    ]


def _floats(parts: Mapping[str, Fraction]) -> dict[str, float]:
    return {part: float(each) for part, each in parts.items()}


def _row(what: str, first: Traded | None, second: Traded | None) -> dict[str, Any]:
    either = first or second
    assert either is not None
    row: dict[str, Any] = {
        "what": what,
        "symbol": either.symbol,
        "side": "buy" if either.sign > 0 else "sell",
        "purpose": "exit" if either.reduces else "entry",
    }
    for name in ("at", "size", "price", "fee"):
        for which, each in (("first", first), ("second", second)):
            value = None if each is None else getattr(each, name)
            row[f"{which}_{name}"] = float(value) if isinstance(value, Fraction) else value
    is_pair = first is not None and second is not None
    row["delay_s"] = (second.at - first.at) / 1_000 if first is not None and second is not None else None
    row["slippage_bp"] = FillPair(first, second).slippage_bp if first is not None and second is not None else None
    row["parts"] = [0 if each is None else each.parts for each in (first, second)] if is_pair else [either.parts]
    return {name: row[name] for name in FILL_COLUMNS}
