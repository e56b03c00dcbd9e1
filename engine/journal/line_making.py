"""The lines of a run, made from what its recorder kept and from its trigger log: each when it is asked for."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from hashlib import blake2b
from typing import Any, Protocol

from .. import reasons
from ..account import AccountState
from ..config import BacktestConfig
from ..exchange import ExecutionSimulator, OrderEvent
from ..kernel import (
    ExchangePaused,
    ExchangeResumed,
    Fill,
    FundingPaid,
    Liquidated,
    OrderRejected,
    OrderSubmitted,
    RiskLimitHit,
    StrategyFailed,
)
from ..market import MarketHistory
from ..triggers import TriggerRecords
from ..version import VERSION
from .chained_lines import HASH_BYTES, canonical, number, quoted
from .entries import Asked, Decided, Entry, Filled, Moved, Said, Told
from .grounds import Justification
from .line_parts import decision_text, id_text, number_or_null, row_text
from .recorder import Recorder
from .rules import RULES
from .trigger_lines import TriggerLines

#: What the lines mean: another number stands for other lines.
FORMAT = 1

_MOVES: Mapping[OrderEvent | None, str] = {
    OrderEvent.SEND: "latency",
    OrderEvent.WAIT: "waits-for-kline",
    OrderEvent.ARM: "waits-for-trigger",
    OrderEvent.REST: "rests-at-limit",
    OrderEvent.FILL_PART: "part-filled",
    OrderEvent.FILL: "filled",
    OrderEvent.CANCEL: "ended-with-others",
    OrderEvent.REJECT: "refused",
    OrderEvent.CARRY_OUT: "carried-out",
    None: "amended",
}
#: Which message is of which kind that wakes (`wake_on`).
_WAKES: Mapping[type, str] = {Fill: "fill", Liquidated: "liquidation", FundingPaid: "funding"}
#: What lines of other messages are called, and the rule behind them.
_NAMES: Mapping[type, tuple[str, str]] = {
    ExchangePaused: ("exchange paused", "exchange-paused"),
    ExchangeResumed: ("exchange resumed", "exchange-resumed"),
    FundingPaid: ("funding", "funding-at-settlement"),
    Liquidated: ("liquidated", "liquidation-inside-kline"),
    OrderRejected: ("rejected", "refused"),
    RiskLimitHit: ("risk limit", "risk-limit"),
    StrategyFailed: ("program failed", "program-failed"),
}


class RecordedRun(Protocol):
    """What a run leaves behind that its lines are made of."""

    config: BacktestConfig
    market: MarketHistory
    exchange: ExecutionSimulator
    trigger_log: TriggerRecords


def header_of(run: RecordedRun) -> dict[str, Any]:
    """Return the first line: what was run, as far as an account must know it."""
    config, floor = run.config, run.exchange
    steps = {name: floor.instrument(name).size_step for name in config.symbols}
    return {
        "at": config.start_ms,
        "bounds_losses": config.liquidation and config.margin_mode == "isolated",
        "cause": None,
        "configuration": blake2b(canonical(config.to_dict()).encode(), digest_size=HASH_BYTES).hexdigest(),
        "end": config.end_ms,
        "engine": VERSION,
        "format": FORMAT,
        "id": 0,
        "initial_balance": config.initial_balance,
        "message": "start",
        "models": {name: type(getattr(floor.models, name)).__name__ for name in ("fees", "latency", "slippage")},
        "row": None,
        "rule": None,
        "size_steps": {name: step for name, step in steps.items() if step is not None},
        "symbols": list(config.symbols),
    }


class LineMaking:
    """Makes the lines of a run but its last one; `count` says how many there are so far."""

    def __init__(self, run: RecordedRun, recorder: Recorder) -> None:
        self._run, self._entries = run, recorder.entries
        self._why = Justification(run.market, run.config)
        named = {-1 - each.cause for each in self._entries if each.cause is not None and each.cause < 0}
        named.update(recorder.wakes.values())
        self._triggers = TriggerLines(run.trigger_log, named, recorder.wakes, self._why)
        self._ids: list[int] = []
        self._symbols: dict[int, str] = {}
        self._wakes = frozenset(run.config.wake_on)
        self.count = 0
        self._kinds: Mapping[type, Callable[[Entry, int | None, Any], str]] = {
            Decided: self._decided,
            Asked: self._asked,
            Moved: self._moved,
            Filled: self._filled,
            Said: self._said,
            Told: self._told,
        }

    def bodies(self) -> Iterator[str]:
        """Yield each line without its hash, in order."""
        yield canonical(header_of(self._run))
        triggers, ids, kinds = self._triggers, self._ids, self._kinds
        self.count = 1
        for entry in self._entries:
            what = entry.what
            if triggers.place < entry.handled:
                for line in triggers.upto(entry.handled, self.count):
                    yield line
                    self.count += 1
            if type(what) is Decided and triggers.place == entry.handled:
                for line in triggers.begun(what.trigger, self.count):
                    yield line
                    self.count += 1
            ids.append(self.count)
            cause = entry.cause
            if cause is not None:
                cause = ids[cause] if cause >= 0 else triggers.ids[-1 - cause]
            yield kinds[type(what)](entry, cause, what)
            self.count += 1
        for line in triggers.upto(len(self._run.trigger_log), self.count):
            yield line
            self.count += 1

    def _decided(self, entry: Entry, cause: int | None, what: Decided) -> str:
        return decision_text(entry.at, cause, self.count, what.values, what.case)

    def _asked(self, entry: Entry, cause: int | None, what: Asked) -> str:
        return decision_text(entry.at, cause, self.count, what.values, None, what)

    def _moved(self, entry: Entry, cause: int | None, what: Moved) -> str:
        order_id, event, view = what.order_id, what.event, what.view
        if view is not None:
            self._symbols[order_id] = view.symbol
        symbol = self._symbols.get(order_id, "")
        row = self._why.of_move(what, symbol) if symbol else None
        rule = _MOVES[event]
        if event is OrderEvent.REST and row is not None:
            rule = "gap-over-limit-stop"
        head = f'{{"at":{entry.at},"cause":{id_text(cause)},"event":"{"amend" if event is None else event.value}"'
        what_it_is = f'"message":"order","order":{order_id},"row":{row_text(row)},"rule":"{rule}"'
        if view is None:
            return f'{head},"id":{self.count},{what_it_is},"state":"{what.state.value}","symbol":{quoted(symbol)}}}'
        return (
            f'{head},"id":{self.count},"kind":{quoted(view.order_type)},"limit":{number_or_null(view.price)},'
            f'{what_it_is},"side":"{view.side}","size":{number(view.size)},"state":"{what.state.value}",'
            f'"symbol":{quoted(symbol)},"tag":{quoted(view.tag)},"trigger":{number_or_null(view.trigger_price)}}}'
        )

    def _filled(self, entry: Entry, cause: int | None, what: Filled) -> str:
        fill, closing, grounds = what.fill, what.closing, what.grounds
        self._woke(entry, Fill, fill.symbol)
        rule, row = self._why.of_fill(what)
        account, mark = self._account(what.state, entry.at), None if grounds is None else grounds.touch.mark
        postings = f'["fee",{number(-fill.fee)}]'
        if closing is not None:
            covered = f',["shortfall_covered",{number(closing.covered)}]' if closing.covered else ""
            postings = f'["pnl",{number(closing.gross)}],{postings}{covered}'
        return (
            f'{{"account":{account},"at":{entry.at},"before_slippage":{number(what.before)},'
            f'"cause":{id_text(cause)},"fee":{number(fill.fee)},"id":{self.count},'
            f'"maker":{"true" if fill.is_maker else "false"},'
            f'"margin":{number(fill.margin)},"mark":{number_or_null(mark)},"message":"fill","order":{fill.order_id},'
            f'"pnl":{"null" if closing is None else number(closing.pnl)},"postings":[{postings}],'
            f'"price":{number(fill.price)},"purpose":"{fill.purpose}","risk":{number_or_null(fill.risk)},'
            f'"row":{row_text(row)},"rule":"{rule}","side":"{fill.side}","size":{number(fill.size)},'
            f'"symbol":{quoted(fill.symbol)},"tag":{quoted(fill.tag)}}}'
        )

    def _account(self, state: AccountState, at: int) -> str:
        """Return cash and equity after a change of the account, and the prices that it is marked at."""
        market, stale_ms = self._run.market, self._run.config.mark_stale_ms
        prices = {symbol: market.margin_price(symbol, at, stale_ms) for symbol in state.holdings}
        equity = state.equity(prices.__getitem__)
        marked = ",".join([f"{quoted(name)}:{number(prices[name])}" for name in sorted(prices)])
        return f'{{"cash":{number(state.cash)},"equity":{number(equity)},"prices":{{{marked}}}}}'

    def _said(self, entry: Entry, cause: int | None, what: Said) -> str:
        message = what.message
        kind = type(message)
        if kind is OrderSubmitted:
            self._symbols[message.order_id] = message.symbol
            return (
                f'{{"at":{entry.at},"cause":{id_text(cause)},"event":"submit","id":{self.count},"message":"order",'
                f'"operation":{quoted(message.operation)},"order":{message.order_id},"row":null,'
                f'"rule":"decision-taken","state":"new","symbol":{quoted(message.symbol)}}}'
            )
        name, rule = _NAMES[kind]
        fields = _fields_of(message)
        if kind is StrategyFailed:
            del fields["trigger"]
        row = None
        if kind is FundingPaid:
            row = self._why.of_funding(message.symbol, entry.at)
            fields["postings"] = [["funding", message.amount]]
            fields["account"] = json.loads(self._account(what.state, entry.at))
        if kind is OrderRejected:
            rule = "expired" if message.reason == reasons.EXPIRED else rule
        if hasattr(message, "symbol"):
            self._woke(entry, kind, message.symbol, getattr(message, "was_pending", False))
        return canonical(
            {**fields, "at": entry.at, "cause": cause, "id": self.count, "message": name, "row": row, "rule": rule}
        )

    def _told(self, entry: Entry, cause: int | None, what: Told) -> str:
        rule = what.fields.get("rule")
        line = {
            "at": entry.at,
            "cause": cause,
            "fields": what.fields,
            "id": self.count,
            "message": what.name,
            "row": None,
            "rule": rule if rule in RULES else None,
        }
        return canonical(line)

    def _woke(self, entry: Entry, kind: type, symbol: str, was_pending: bool = False) -> None:
        """Keep what may wake the program, the first of an instant: what no decision of the instant has caused."""
        name = ("cancel" if was_pending else "rejection") if kind is OrderRejected else _WAKES.get(kind)
        if entry.own or name not in self._wakes:
            return
        woken = self._triggers.woken
        if symbol not in woken or woken[symbol][0] != entry.at:
            woken[symbol] = entry.at, self.count


def _fields_of(message: Any) -> dict[str, Any]:
    return {name: getattr(message, name) for name in type(message).__slots__ if name != "timestamp"}
