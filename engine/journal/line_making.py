"""The lines of a run, made from what its recorder kept and from its trigger log: each when it is asked for."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from hashlib import blake2b
from typing import Any, NamedTuple

from .. import reasons
from ..account import AccountState, Closing, Holding
from ..config import BacktestConfig
from ..contract import Order
from ..exchange import ExecutionSimulator, OrderEvent, OrderState
from ..kernel import (
    ExchangePaused,
    ExchangeResumed,
    FaultActed,
    FaultBegan,
    FaultEnded,
    Fill,
    FundingPaid,
    Liquidated,
    OrderRejected,
    OrderSubmitted,
    RiskLimitHit,
    StrategyFailed,
    TriggerEvent,
)
from ..market import MarketHistory
from ..plain_values import plain
from ..program import WarmUpCase
from ..triggers import TriggerRecords
from ..version import VERSION
from .chained_lines import HASH_BYTES, canonical, number, quoted
from .entries import DECIDED, FILLED, SAID, Entry, Grounds
from .grounds import Justification
from .line_parts import Asked, decision_text, id_text, number_or_null, row_text
from .rules import RULES
from .trigger_lines import TriggerLines

#: What the lines mean: another number stands for other lines.
FORMAT = 1

#: Names of lines that a class of one's own may have, too.
_TAKEN = (
    "asked",
    "decision",
    "end",
    "fill",
    "funding",
    "liquidated",
    "margin",
    "order",
    "rejected",
    "sized",
    "start",
    "trigger",
)
#: The fields of a configuration that are the program.
_PROGRAM = ("code", "strategy", "language")

#: So many lines are made together.
_TOGETHER = 1_024

_RULES_OF_MOVES: Mapping[OrderEvent | None, str] = {
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
#: What the line of a move is called, and its rule.
_MOVES = {event: ("amend" if event is None else str(event), rule) for event, rule in _RULES_OF_MOVES.items()}
#: Which message is of which kind that wakes (`wake_on`).
_WAKES: Mapping[type, str] = {Fill: "fill", Liquidated: "liquidation", FundingPaid: "funding"}
#: What lines of other messages are called, and the rule behind them.
_NAMES: Mapping[type, tuple[str, str]] = {
    ExchangePaused: ("exchange paused", "exchange-paused"),
    ExchangeResumed: ("exchange resumed", "exchange-resumed"),
    FaultActed: ("fault acted", "fault-acted"),
    FaultBegan: ("fault began", "fault-began"),
    FaultEnded: ("fault ended", "fault-ended"),
    FundingPaid: ("funding", "funding-at-settlement"),
    Liquidated: ("liquidated", "liquidation-inside-kline"),
    OrderRejected: ("rejected", "refused"),
    RiskLimitHit: ("risk limit", "risk-limit"),
    StrategyFailed: ("program failed", "program-failed"),
}


class Recorded(NamedTuple):
    """What the lines of a run are made of: its `start` is the first one, `entries` are the messages that were noted,
    `wakes` the triggers at which the program asked to be woken, by the times that it asked for, `views` how orders
    show, by the places of their entries.
    """

    start: dict[str, Any]
    config: BacktestConfig
    market: MarketHistory
    log: TriggerRecords
    entries: list[Entry]
    wakes: dict[int, int]
    views: dict[int, Order]


def start_of(config: BacktestConfig, floor: ExecutionSimulator) -> dict[str, Any]:
    """Return the first line: what was run, as far as an account must know it. Of the configuration it has a digest, of
    all of it but the program: a class and its text do the same.
    """
    settings = {name: value for name, value in config.to_dict().items() if name not in _PROGRAM}
    steps = {name: floor.instrument(name).size_step for name in config.symbols}
    return {
        "at": config.start_ms,
        "base_period": config.base_period,
        "bounds_losses": config.liquidation and config.margin_mode == "isolated",
        "cause": None,
        "configuration": blake2b(canonical(settings).encode(), digest_size=HASH_BYTES).hexdigest(),
        "end": config.end_ms,
        "engine": VERSION,
        "exchange": config.exchange,
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
    """Makes the lines of a run but its last one."""

    def __init__(self, run: Recorded) -> None:
        self._run, self._why = run, Justification(run.market, run.config)
        named = {-1 - each[2] for each in run.entries if each[2] is not None and each[2] < 0}
        named.update(run.wakes.values())
        self._triggers = TriggerLines(run.log, named, run.wakes, self._why)
        self._ids: list[int] = []
        self._symbols: dict[int, str] = {}
        self._last_rules: dict[str, str] = {}
        self._wakes = frozenset(run.config.wake_on)
        # by the numbers of kinds
        self._kinds: tuple[Callable[..., str], ...] = (
            self._decided,
            self._asked,
            self._moved,
            self._filled,
            self._said,
            self._told,
            self._sized,
            self._judged,
        )

    def parts(self) -> Iterator[list[str]]:
        """Yield the lines without their hashes, in order, many at once."""
        triggers, log = self._triggers, self._run.log
        lines, line = [canonical(self._run.start)], 0
        for at, handled, cause, own, kind, *rest in self._run.entries:
            if len(lines) > _TOGETHER:
                yield lines
                line, lines = line + len(lines), []
            while triggers.place < handled:
                triggers.upto(min(handled, triggers.place + _TOGETHER), lines, line)
                if len(lines) > _TOGETHER:
                    yield lines
                    line, lines = line + len(lines), []
            if kind == DECIDED and triggers.place == handled:
                triggers.begin(rest[0], lines, line)
            self._add(at, cause, own, kind, rest, lines, line)
        yield lines
        while triggers.place < len(log):
            line, lines = line + len(lines), []
            triggers.upto(min(len(log), triggers.place + _TOGETHER), lines, line)
            yield lines

    def _add(
        self, at: int, cause: int | None, own: bool, kind: int, rest: list[Any], lines: list[str], line: int
    ) -> None:
        """Add the line of an entry to those of which the first has the id `line`."""
        number, ids = line + len(lines), self._ids
        ids.append(number)
        if cause is not None:
            cause = ids[cause] if cause >= 0 else self._triggers.ids[-1 - cause]
        lines.append(self._kinds[kind](at, cause, number, *rest))
        if self._wakes and not own and kind in (FILLED, SAID):
            self._wake(at, number, rest[0])

    def _wake(self, at: int, number: int, message: Any) -> None:
        """Keep what may wake the program, the first of an instant: what no decision of the instant has caused."""
        if type(message) is OrderRejected:
            kind = "cancel" if message.was_pending else "rejection"
        else:
            kind = _WAKES.get(type(message), "")
        if kind not in self._wakes:
            return
        woken, symbol = self._triggers.woken, message.symbol
        if symbol not in woken or woken[symbol][0] != at:
            woken[symbol] = at, number

    def _decided(
        self, at: int, cause: int, line: int, _: TriggerEvent, values: tuple[Any, ...], case: WarmUpCase | None
    ) -> str:
        return decision_text(at, cause, line, values, case)

    def _asked(self, at: int, cause: int | None, line: int, values: tuple[Any, ...], *asked: Any) -> str:
        return decision_text(at, cause, line, values, None, Asked(*asked))

    def _moved(
        self,
        at: int,
        cause: int | None,
        line: int,
        order_id: int,
        event: OrderEvent | None,
        state: OrderState,
        grounds: Grounds | None,
    ) -> str:
        view = self._run.views.get(len(self._ids) - 1)
        if view is not None:
            self._symbols[order_id] = view.symbol
        symbol = self._symbols.get(order_id, "")
        row = self._why.of_move(grounds, symbol) if symbol and grounds is not None else None
        name, rule = _MOVES[event]
        if event is OrderEvent.REST and row is not None:
            rule = "gap-over-limit-stop"
        head = f'{{"at":{at},"cause":{id_text(cause)},"event":"{name}"'
        what_it_is = f'"message":"order","order":{order_id},"row":{row_text(row)},"rule":"{rule}"'
        if view is None:
            return f'{head},"id":{line},{what_it_is},"state":"{state}","symbol":{quoted(symbol)}}}'
        return (
            f'{head},"id":{line},"kind":{quoted(view.order_type)},"limit":{number_or_null(view.price)},'
            f'{what_it_is},"side":"{view.side}","size":{number(view.size)},"state":"{state}",'
            f'"symbol":{quoted(symbol)},"tag":{quoted(view.tag)},"trigger":{number_or_null(view.trigger_price)}}}'
        )

    def _sized(
        self, at: int, cause: int | None, line: int, order: int, rule: str, asked: float, allowed: float, unit: str
    ) -> str:
        symbol = quoted(self._symbols.get(order, ""))
        return (
            f'{{"allowed":{number(allowed)},"asked":{number(asked)},"at":{at},"cause":{id_text(cause)},"id":{line},'
            f'"message":"sized","order":{order},"row":null,"rule":"{rule}","symbol":{symbol},"unit":"{unit}"}}'
        )

    def _judged(
        self,
        at: int,
        cause: int | None,
        line: int,
        order: int,
        symbol: str,
        worth: float,
        maintenance: float,
        prices: dict[str, float],
        fees: tuple[float, float],
    ) -> str:
        told = {"fees": fees, "maintenance": maintenance, "order": order, "prices": prices, "worth": worth}
        is_isolated = self._run.config.margin_mode == "isolated"
        told |= {"at": at, "cause": cause, "id": line, "isolated": is_isolated, "message": "margin", "symbol": symbol}
        return canonical(plain({**told, "row": None, "rule": "maintenance-margin"}))

    def _filled(
        self,
        at: int,
        cause: int | None,
        line: int,
        fill: Fill,
        state: AccountState,
        closing: Closing | None,
        before: float,
        grounds: Grounds | None,
        at_open: bool,
    ) -> str:
        rule, row = self._why.of_fill(fill, before, grounds, at_open)
        self._last_rules[fill.symbol] = rule
        account, mark = self._account(state, at), None if grounds is None else grounds.touch.mark
        postings = f'["fee",{number(-fill.fee)}]'
        if closing is not None:
            covered = f',["shortfall_covered",{number(closing.covered)}]' if closing.covered else ""
            postings = f'["pnl",{number(closing.gross)}],{postings}{covered}'
        return (
            f'{{"account":{account},"at":{at},"before_slippage":{number(before)},'
            f'"cause":{id_text(cause)},"fee":{number(fill.fee)},"id":{line},'
            f'"maker":{"true" if fill.is_maker else "false"},'
            f'"margin":{number(fill.margin)},"mark":{number_or_null(mark)},"message":"fill","order":{fill.order_id},'
            f'"pnl":{"null" if closing is None else number(closing.pnl)},"postings":[{postings}],'
            f'"price":{number(fill.price)},"purpose":"{fill.purpose}","risk":{number_or_null(fill.risk)},'
            f'"row":{row_text(row)},"rule":"{rule}","seen":{row_text(self._why.seen(fill.symbol, grounds))},'
            f'"side":"{fill.side}","size":{number(fill.size)},'
            f'"symbol":{quoted(fill.symbol)},"tag":{quoted(fill.tag)}}}'
        )

    def _account(self, state: AccountState, at: int) -> str:
        """Return cash and equity after a change of the account, and the prices that it is marked at."""
        market, stale_ms = self._run.market, self._run.config.mark_stale_ms
        prices = {symbol: market.margin_price(symbol, at, stale_ms) for symbol in state.holdings}
        equity = state.equity(prices.__getitem__)
        marked = ",".join([f"{quoted(name)}:{number(prices[name])}" for name, _ in _by_name(state)])
        held = ",".join([f"{quoted(name)}:{number(each.sign * each.size)}" for name, each in _by_name(state)])
        return f'{{"cash":{number(state.cash)},"equity":{number(equity)},"positions":{{{held}}},"prices":{{{marked}}}}}'

    def _said(self, at: int, cause: int | None, line: int, message: Any, state: AccountState | None) -> str:
        kind = type(message)
        if kind is OrderSubmitted:
            self._symbols[message.order_id] = message.symbol
            return (
                f'{{"at":{at},"cause":{id_text(cause)},"event":"submit","id":{line},"message":"order",'
                f'"operation":{quoted(message.operation)},"order":{message.order_id},"row":null,'
                f'"rule":"decision-taken","state":"new","symbol":{quoted(message.symbol)}}}'
            )
        name, rule = _NAMES[kind]
        fields = {each: getattr(message, each) for each in kind.__slots__ if each not in ("timestamp", "trigger")}
        row = None
        if kind is FundingPaid:
            assert state is not None
            row = self._why.of_funding(message.symbol, at)
            postings = [["funding", message.amount]]
            fields |= {"account": json.loads(self._account(state, at)), "postings": postings}
        if kind is Liquidated:
            rule = self._last_rules[message.symbol]  # of its fill
        if kind is OrderRejected and message.reason == reasons.EXPIRED:
            rule = "expired"
        told = {"at": at, "cause": cause, "id": line, "message": name, "row": row, "rule": rule}
        return canonical({**plain(fields), **told})

    def _told(self, at: int, cause: int | None, line: int, name: str, fields: dict[str, Any]) -> str:
        rule, kind = fields.get("rule"), f"own {name}" if name in _TAKEN else name
        told = {"at": at, "cause": cause, "fields": fields, "id": line, "message": kind, "row": None}
        return canonical({**told, "rule": rule if rule in RULES else None})


def _by_name(state: AccountState) -> list[tuple[str, Holding]]:
    return sorted(state.holdings.items())
