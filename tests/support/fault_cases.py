"""Cases of the venue reference with a fault each, as the configuration and as the fault oracle has it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from engine import MarketHistory
from tests.oracles.fault_oracle import Trouble
from tests.oracles.venue_market import HOUR, MINUTE, ROW_MS, Record, UndecidedError
from tests.support.runs import Hold, wired
from tests.support.venue_cases import MAKERS, START, Case
from tests.support.venue_comparison import configuration, history


@dataclass(frozen=True)
class DisturbedCase:
    """A case with the faults of its configuration, and the same faults as the oracle has them."""

    case: Case
    troubles: list[Trouble]


def changed_market(case: Case) -> MarketHistory:
    """Return the market that a run of this case sees, with a program that does nothing."""
    settings = replace(configuration(case), strategy=Hold())
    sim = wired(MarketHistory([history(symbol, record) for symbol, record in case.records.items()]), settings)
    sim.run()
    return sim.market


def the_turn(trouble: Trouble, calm: Record, columns: Any) -> Trouble:
    """The same crash with its direction and its turn, read off the last close before its end, where it comes back."""
    closes = {bar.close_ms: bar.close for bar in calm.bars}
    late = [at for at in closes if (trouble.begin + trouble.end) / 2 < at < trouble.end]
    if not late:
        raise UndecidedError("no close on the way back tells where it turned")
    last = max(late)
    place = int(np.flatnonzero(columns.open_ms == last - MINUTE)[0])
    moved = columns.close[place] / closes[last] - 1
    turn = trouble.end - trouble.size / 100 * (trouble.end - last) / abs(moved)
    return replace(trouble, sign=1 if moved > 0 else -1, turn=turn)


def the_quarter(trouble: Trouble, calm: Record, seen: MarketHistory, name: str) -> Trouble:
    """The same wick of one symbol with the quarter of its minute that reached so far, read off its rows where it has
    any: the one that has moved, or one of which there is no row.
    """
    turn, rows = trouble.begin, seen.symbols[name].flow.trades
    if rows is not None:
        pairs = [*zip(calm.rows, rows.low, rows.high, strict=True)]
        moved = [was.close_ms for was, low, high in pairs if (was.low, was.high) != (low, high)]
        minute = trouble.begin // MINUTE * MINUTE
        there = {was.close_ms for was in calm.rows}
        silent = [at for at in range(minute + ROW_MS, minute + MINUTE + 1, ROW_MS) if at not in there]
        if moved or silent:  # else there is no such minute
            turn = [*moved, *silent][0] - 1
        assert len(moved) <= 1
        assert turn // MINUTE * MINUTE == minute
    return replace(trouble, turn=turn, symbols=(name,))


def spans(case: Case, rng: np.random.Generator, lasting: bool = True) -> tuple[int, int]:
    """A span within the case, on whole minutes."""
    minutes = (case.rules.end_ms - case.rules.start_ms) // MINUTE
    begin = int(rng.integers(3, minutes // 3))
    length = int(rng.integers(8, minutes // 2)) if lasting else 0
    return START + begin * MINUTE, START + (begin + length) * MINUTE


def with_fault(case: Case, kind: str, trouble: Trouble, **given: Any) -> DisturbedCase:
    fault: dict[str, Any] = {"kind": kind, "start": trouble.begin, "seed": case.seed % 1000, **given}
    if trouble.end > trouble.begin:
        fault["duration"] = f"{(trouble.end - trouble.begin) // 1000}s"
    if trouble.symbols:
        fault["symbols"] = list(trouble.symbols)
    return DisturbedCase(replace(case, faults=(fault,)), [trouble])


def base(theme: str, seed: int, kind: str) -> tuple[Case, np.random.Generator]:
    case = MAKERS[theme](seed)
    return case, np.random.default_rng([seed, 31, *kind.encode()])


def some(case: Case, rng: np.random.Generator) -> tuple[str, ...]:
    """All symbols, or one of them alone."""
    return () if rng.random() < 0.5 else (str(rng.choice(case.rules.symbols)),)


def sized(kind: str, name: str, sizes: tuple[float, ...], *themes: str) -> Callable[[int], DisturbedCase]:
    """A fault of a size for a span."""

    def make(seed: int) -> DisturbedCase:
        case, rng = base(themes[seed % len(themes)], seed, kind)
        begin, end = spans(case, rng)
        size = float(rng.choice(sizes))
        symbols = some(case, rng) if name == "percent" and kind != "missed_ticks" else ()
        trouble = Trouble(kind, begin, end, size if name == "percent" else size * 1000, symbols=symbols)
        return with_fault(case, kind, trouble, **{name: size if name == "percent" else f"{size:g}s"})

    return make


def plain(kind: str, *themes: str, size: float = 0.0) -> Callable[[int], DisturbedCase]:
    """A fault that is on or off, or concerns all of what it may."""
    said = {"percent": size} if size else {}

    def make(seed: int) -> DisturbedCase:
        case, rng = base(themes[seed % len(themes)], seed, kind)
        begin, end = spans(case, rng)
        if kind == "stale_mark":
            begin, end = begin + int(rng.choice([0, 17_000])), end + int(rng.choice([0, 23_000]))
        symbols = some(case, rng) if kind in ("cancel_only", "stale_mark") else ()
        return with_fault(case, kind, Trouble(kind, begin, end, size, symbols=symbols), **said)

    return make


def crash(seed: int) -> DisturbedCase:
    themes = ("trailing_and_time_stops", "mark_rows", "mark_klines", "watch_15s", "isolated_margin", "mark_triggers")
    case, rng = base(themes[seed % len(themes)], seed, "flash_crash")
    begin, end = spans(case, rng)
    begin, end = begin + int(rng.choice([0, 17_000])), end + int(rng.choice([0, 23_000]))
    trouble = Trouble("flash_crash", begin, end, float(rng.choice([3.0, 10.0, 30.0])), symbols=some(case, rng))
    direction = str(rng.choice(["down", "up", "both"]))
    made = with_fault(case, "flash_crash", trouble, percent=trouble.size, direction=direction)
    seen, troubles = changed_market(made.case), []
    for name in trouble.symbols or tuple(case.rules.symbols):
        found = the_turn(trouble, case.records[name], seen.symbols[name].base.columns)
        assert begin + 0.1 * (end - begin) - 1 <= found.turn <= begin + 0.5 * (end - begin) + 1
        assert direction == "both" or (found.sign > 0) == (direction == "up")
        troubles.append(replace(found, symbols=(name,)))
    return replace(made, troubles=troubles)


def wick(seed: int) -> DisturbedCase:
    themes = ("trailing_and_time_stops", "mark_rows", "mark_klines", "watch_15s", "isolated_margin", "mark_triggers")
    case, rng = base(themes[seed % len(themes)], seed, "wick")
    begin, _ = spans(case, rng, lasting=False)
    begin += int(rng.choice([0, 0, 17_000, 59_999]))
    direction = str(rng.choice(["down", "up"]))
    trouble = Trouble("wick", begin, begin, float(rng.choice([1.0, 5.0, 30.0])), -1 if direction == "down" else 1)
    trouble = replace(trouble, symbols=some(case, rng))
    made = with_fault(case, "wick", trouble, percent=trouble.size, direction=direction)
    seen = changed_market(made.case)
    names = trouble.symbols or tuple(case.rules.symbols)
    return replace(made, troubles=[the_quarter(trouble, case.records[name], seen, name) for name in names])


def funding(seed: int) -> DisturbedCase:
    case, rng = base("funding_with_jitter", seed, "funding_spike")
    begin = START + int(rng.integers(0, 3)) * HOUR + int(rng.choice([0, 0, 1, -60_000, 600_000]))
    begin = max(begin, START)
    trouble = Trouble("funding_spike", begin, begin + int(rng.integers(1, 4)) * HOUR, float(rng.choice([0.1, 0.3])))
    trouble = replace(trouble, symbols=some(case, rng), sign=int(rng.choice([-1, 1])))
    direction = "up" if trouble.sign > 0 else "down"
    return with_fault(case, "funding_spike", trouble, percent=trouble.size, direction=direction)


def delisting(seed: int) -> DisturbedCase:
    case, rng = base("mark_klines", seed, "delisting")
    begin, _ = spans(case, rng)
    symbols = some(case, rng)
    made = with_fault(case, "delisting", Trouble("delisting", begin, begin, symbols=symbols))
    return replace(made, troubles=[replace(made.troubles[0], end=case.rules.end_ms + 1)])


WHOLE = ("trailing_and_time_stops", "mark_rows", "tiers")
TROUBLES: dict[str, Callable[[int], DisturbedCase]] = {
    "flash_crash": crash,
    "wick": wick,
    "funding_spike": funding,
    "delisting": delisting,
    "stale_mark": plain("stale_mark", "mark_rows", "mark_klines", "mark_triggers", "tiers", "isolated_margin"),
    "spread": sized("spread", "percent", (0.1, 1.0), "rejections", "open_and_vwap", "isolated_margin"),
    "fees": sized("fees", "percent", (0.1, 1.0), "rejections", "partial_liquidation", "isolated_margin"),
    "partial_volume": sized("partial_volume", "percent", (2.0, 20.0), "volume_caps"),
    "outage": plain("outage", "tiers", "isolated_margin", "mark_klines"),
    "cancel_only": plain("cancel_only", *WHOLE),
    "rejects": plain("rejects", *WHOLE, size=100.0),
    "latency": sized("latency", "delay", (1.0, 30.0, 90.0), *WHOLE),
    "delayed_data": sized("delayed_data", "delay", (30.0, 120.0), *WHOLE),
    "frozen_data": plain("frozen_data", *WHOLE),
    "missed_ticks": plain("missed_ticks", *WHOLE, size=100.0),
    "clock_skew": sized("clock_skew", "skew", (60.0, -180.0), *WHOLE),
    "slow_program": sized("slow_program", "delay", (10.0, 75.0, 200.0), *WHOLE),
}
