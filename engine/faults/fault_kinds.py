"""The table of faults: what each is, what it is measured in, and how long it lasts unless that is said."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class FaultKind:
    """One kind. `figure` is the name of what it is measured in (percent, delay or skew; "" for none), `default` that
    unless it is given, `most` the largest percent. `lasts` is its duration unless that is given, None: to the end of
    the run. `by_symbol`: it may be one of some symbols alone. `directions` are what its `direction` may be, the first
    one unless that is given.
    """

    name: str
    about: str
    figure: str = ""
    default: float | str = 0.0
    most: float = 100.0
    lasts: str | None = None
    by_symbol: bool = False
    directions: tuple[str, ...] = ()
    changes_market: bool = False
    changes_sight: bool = False


_UP_DOWN = ("down", "up", "both")

#: Every kind but a user's own, by name.
KINDS: Mapping[str, FaultKind] = {
    each.name: each
    for each in (
        FaultKind("outage", "the exchange accepts nothing and nothing fills; positions stay", lasts="1h"),
        FaultKind(
            "cancel_only",
            "the exchange takes cancels and nothing else; what is pending there goes on",
            lasts="1h",
            by_symbol=True,
        ),
        FaultKind(
            "rejects", "the exchange refuses this share of the orders, by chance", "percent", 20.0, by_symbol=True
        ),
        FaultKind("latency", "orders take so much longer to the exchange", "delay", "5s"),
        FaultKind("delayed_data", "the program knows the market only as it was so long ago", "delay", "1m"),
        FaultKind(
            "dropped_data",
            "this share of the rows never comes to the program, by chance",
            "percent",
            10.0,
            by_symbol=True,
            changes_sight=True,
        ),
        FaultKind(
            "duplicated_data",
            "this share of the rows comes to the program with the figures of the row before, by chance",
            "percent",
            10.0,
            by_symbol=True,
            changes_sight=True,
        ),
        FaultKind("frozen_data", "the program knows the market only as it was when that began", lasts="30m"),
        FaultKind(
            "stale_mark",
            "the mark price, which margin is judged at, stays what it was when that began",
            lasts="30m",
            by_symbol=True,
            changes_market=True,
        ),
        FaultKind(
            "flash_crash",
            "prices go so far down (or up) and come back, marks with them",
            "percent",
            10.0,
            99.0,
            "10m",
            True,
            _UP_DOWN,
            changes_market=True,
        ),
        FaultKind(
            "wick",
            "one kline reaches so far down or up, marks with it; its open and its close stay",
            "percent",
            5.0,
            99.0,
            "0m",
            True,
            ("both", "down", "up"),
            changes_market=True,
        ),
        FaultKind(
            "funding_spike",
            "each settlement of funding is at so much more (or less)",
            "percent",
            0.1,
            10.0,
            "8h",
            True,
            ("up", "down", "both"),
            changes_market=True,
        ),
        FaultKind(
            "delisting",
            "positions are closed, orders cancelled, and nothing is taken any more; the program gets no more data",
            by_symbol=True,
            changes_sight=True,
        ),
        FaultKind("spread", "orders that take fill so much worse", "percent", 0.05, 50.0, by_symbol=True),
        FaultKind("partial_volume", "so much of a kline's volume fills at most", "percent", 1.0, by_symbol=True),
        FaultKind("fees", "fills cost so much more, of their notional", "percent", 0.05, 10.0, by_symbol=True),
        FaultKind("missed_ticks", "this share of the scheduled triggers does not come, by chance", "percent", 20.0),
        FaultKind("late_signals", "triggers of signals come so much later", "delay", "30s", by_symbol=True),
        FaultKind("clock_skew", "the program's clock is so much fast (or slow, with a -)", "skew", "30s"),
        FaultKind(
            "slow_program", "the program takes so long: its decision acts later, and triggers wait", "delay", "10s"
        ),
        FaultKind("restart", "the program is started anew and has lost its state; it is away meanwhile", lasts="0m"),
    )
}

#: A fault of one's own, from Python.
OWN = "own"


def kinds_markdown() -> str:
    """Return the table of the documents: every kind with its default, how long it lasts, and what it is."""
    return "\n".join(["| Kind | Default | Lasts | |", "|---|---|---|---|", *map(_row, KINDS.values())])


def _row(kind: FaultKind) -> str:
    amount = f"{kind.default:g} %" if kind.figure == "percent" else str(kind.default)
    defaults = [f"`{kind.figure}` {amount}"] if kind.figure else []
    if kind.directions:
        defaults.append(f"`direction` {kind.directions[0]} ({', '.join(kind.directions[1:])})")
    lasts = "to the end" if kind.lasts is None else "an instant" if kind.lasts == "0m" else kind.lasts
    about = f"{kind.about}{'; may be of some `symbols`' * kind.by_symbol}"
    return f"| `{kind.name}` | {', '.join(defaults)} | {lasts} | {about} |"
