"""A journal applied to an empty account: without market and program it must arrive at the same money."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from ..account import WHOLE, Posting, VirtualAccount
from ..contract import ExitReason
from ..errors import DataError, SimulationError
from ..kernel import Clock, Fill, Origin, TriggerEvent
from ..plain_values import plain_text
from ..venue import Instrument
from .checking import checked_records

_EXITS = {each.value: each for each in ExitReason}
#: The sides of the account that a line tells of.
_CHANGES = ("fill", "funding")


class _LineClock(Clock):
    """A clock that stands where the line stands that is applied."""

    def __init__(self) -> None:
        self.at_ms = 0

    def now(self) -> int:
        return self.at_ms


@dataclass
class Replayed:
    """What a journal has come to on an empty account: `equities` are those after each fill and funding payment, in USD,
    `start` and `end` its first and last line.
    """

    account: VirtualAccount
    start: Mapping[str, Any]
    end: Mapping[str, Any] = field(default_factory=dict)
    lines: int = 1
    fills: int = 0
    equities: list[float] = field(default_factory=list)

    @property
    def head(self) -> str:
        """The hash of the last line."""
        return str(self.end["~hash"])


def replay(lines: Iterable[bytes]) -> Replayed:
    """Apply the lines of a journal to an empty account. Raises `DataError` where the journal is damaged, and where what
    a line says of the money is not what the account comes to.
    """
    records = checked_records(lines)
    player = _Player(next(records))
    for record in records:
        player.play(record)
    return player.played


class _Player:
    """Applies records, one after another."""

    def __init__(self, start: Mapping[str, Any]) -> None:
        steps = start["size_steps"]
        instruments = {symbol: Instrument(symbol, size_step=step) for symbol, step in steps.items()}
        self._clock, self._prices = _LineClock(), dict[str, float]()
        account = VirtualAccount(
            self._clock, start["initial_balance"], self._price_of, instruments, start["bounds_losses"]
        )
        self.played = Replayed(account, start)
        self._trigger: Mapping[str, Any] | None = None
        self._last: Mapping[str, Any] = {}  # the last fill
        self._origins: dict[int, Origin] = {}  # by the line of a decision
        self._of_orders: dict[int, Origin] = {}

    def _price_of(self, symbol: str) -> float:
        return self._prices.get(symbol, 0.0)

    def play(self, record: Mapping[str, Any]) -> None:
        """Apply one record."""
        self.played.lines += 1
        message = record["message"]
        if message == "trigger":
            self._trigger = record
            self._origins.clear()  # what was decided at the trigger before is at the exchange
        elif message == "decision":
            self._decide(record)
        elif message == "order" and record["cause"] in self._origins:
            self._of_orders.setdefault(record["order"], self._origins[record["cause"]])
        elif message in _CHANGES:
            self._change(record)
        elif message == "liquidated":
            _require_liquidation(record, self._last, self.played.account.equity())
        elif message == "end":
            self.played.end = record
            self._require_end(record)

    def _decide(self, record: Mapping[str, Any]) -> None:
        said, own = record["decision"], record["own"]
        trigger = self._own_trigger(record["at"], own) if own is not None else self._woken_by()
        reason, tag = plain_text(said.get("reason", "")), said.get("tag", "")
        origin = Origin(record["at"], said["operation"], reason, trigger, tag)
        self._origins[record["id"]] = origin
        if own is not None and own["order"] is not None:
            self._of_orders[own["order"]] = origin

    def _woken_by(self) -> TriggerEvent | None:
        woken = self._trigger
        if woken is None:
            return None
        pool = woken["pool"] or {"name": ""}
        names = tuple({"signal_name": each.get("signal_name", "")} for each in woken["signals"])
        return TriggerEvent(woken["at"], woken["trigger"], woken["symbol"], None, pool["name"], triggered_signals=names)

    def _own_trigger(self, at: int, own: Mapping[str, Any]) -> TriggerEvent | None:
        woken = own["trigger"]
        if woken is None:
            return None
        names = tuple({"signal_name": each} for each in woken["signals"])
        return TriggerEvent(at, woken["trigger"], "", None, woken["pool"], triggered_signals=names)

    def _change(self, record: Mapping[str, Any]) -> None:
        account, after = self.played.account, record["account"]
        self._clock.at_ms, self._prices = record["at"], after["prices"]
        _require_held(account, record)
        begun, closed = len(account.ledger), len(account.trades.closings)
        try:
            if record["message"] == "fill":
                self.played.fills += 1
                account.apply(self._fill(record))
                self._last = record
            else:
                _require_funding(account, record)
                account.fund(record["symbol"], record["amount"])
        except (SimulationError, KeyError) as error:
            raise DataError(f"{_where(record)}: it cannot be applied to the account: {error}") from error
        closings = account.trades.closings[closed:]
        self._compare(record, account.ledger.since(begun), closings[-1].pnl if closings else None)

    def _fill(self, record: Mapping[str, Any]) -> Fill:
        purpose = record["purpose"]
        is_of_decision = purpose in ("entry", ExitReason.DECISION.value)
        return Fill(
            record["at"],
            record["order"],
            record["symbol"],
            record["side"],
            record["size"],
            record["price"],
            record["fee"],
            purpose if purpose == "entry" else _EXITS[purpose],
            record["margin"],
            self._of_orders.get(record["order"]) if is_of_decision else None,
            record["risk"],
            record["tag"],
            record["maker"],
        )

    def _compare(self, record: Mapping[str, Any], postings: Sequence[Posting], pnl: float | None) -> None:
        """Raise `DataError` unless the account has come to what the line says."""
        account, after = self.played.account, record["account"]
        posted = [[each.kind, each.amount] for each in postings]
        equity = account.equity()
        self.played.equities.append(equity)
        for name, said, found in (
            ("postings", record["postings"], posted),
            ("cash", after["cash"], account.state.cash),
            ("equity", after["equity"], equity),
            ("positions", after["positions"], _positions(account)),
            ("pnl", record.get("pnl"), pnl),
        ):
            if said != found:
                raise DataError(
                    f"{_where(record)}: money does not add up: its {name} is {said!r}, and the account comes to "
                    f"{'none' if found is None else repr(found)}"
                )

    def _require_end(self, record: Mapping[str, Any]) -> None:
        account, self._prices = self.played.account, record["prices"]
        equity, held = account.equity(), sorted(account.state.holdings)
        if held != sorted(self._prices):
            raise DataError(f"{_where(record)}: its prices are of {sorted(self._prices)}, and the account holds {held}")
        if not _is_near(record["equity"], equity):
            raise DataError(
                f"{_where(record)}: money does not add up: its equity is {record['equity']!r}, and the account comes "
                f"to {equity!r}"
            )


def _positions(account: VirtualAccount) -> dict[str, float]:
    return {symbol: held.sign * held.size for symbol, held in account.state.holdings.items()}


def _is_near(one: float, other: float) -> bool:
    """Tell whether two amounts are the same but for rounding: they were worked out in another order."""
    return math.isclose(one, other, rel_tol=1e-9, abs_tol=1e-9)


def _require_funding(account: VirtualAccount, record: Mapping[str, Any]) -> None:
    """Raise `DataError` unless a payment is size x price x rate."""
    held = account.state.holdings[record["symbol"]]
    amount = -held.sign * held.size * record["price"] * record["rate"]
    if not _is_near(record["amount"], amount):
        raise DataError(
            f"{_where(record)}: money does not add up: its amount is {record['amount']!r}, and size x price x rate is "
            f"{amount!r}"
        )


def _require_liquidation(record: Mapping[str, Any], fill: Mapping[str, Any], equity: float) -> None:
    """Raise `DataError` unless a liquidation tells what its fill has told."""
    side = "long" if fill.get("side") == "sell" else "short"
    filled = {
        **{name: fill.get(name) for name in ("symbol", "size", "price", "fee")},
        "side": side,
        "equity_after": equity,
    }
    for name, found in filled.items():
        if record[name] != found:
            raise DataError(f"{_where(record)}: its {name} is {record[name]!r}, and that of its fill {found!r}")


def _require_held(account: VirtualAccount, record: Mapping[str, Any]) -> None:
    """Raise `DataError` for a fill that closes more than is held."""
    held = account.state.holdings.get(record["symbol"])
    if record.get("pnl") is None or held is None or record["size"] <= held.size / WHOLE:
        return
    raise DataError(
        f"{_where(record)}: money does not add up: its size is {record['size']!r}, and the account holds {held.size!r}"
    )


def _where(record: Mapping[str, Any]) -> str:
    of = f" of order {record['order']}" if "order" in record else ""
    return f"line {record['id'] + 1} ({record['message']}{of})"
