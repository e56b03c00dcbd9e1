"""What the lines of a journal say, in words: triggers, decisions, what happens to orders, and what is around them."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from engine.journal import RULES

from .explanation import Step, moment
from .noted_lines import NotedLines
from .plain_words import all_given, amount, percent, value
from .price_words import account_step, step_of
from .size_words import sized_step
from .values_of_rows import Values

Record = Mapping[str, Any]
#: More of what was asked and logged at one trigger is counted.
_MOST_ASKED = 10
_MOST_CHARACTERS = 300
#: What every line has, which is no fact of its message.
_OF_LINES = ("at", "cause", "id", "message", "row", "rule", "~hash")


def trigger_steps(notes: NotedLines, trigger: Record, found: Values) -> Iterator[Step]:
    """Yield what woke the program, and what was asked and logged then; `found` are the values of its row."""
    pool, signals = trigger["pool"], trigger["signals"]
    text = f"Woken: {RULES.get(trigger['rule'], trigger['trigger'])}"
    if pool is not None:
        text += f", {pool['name'] or 'without a name'} ({pool['logic']}) of {trigger['symbol']}"
    elif trigger["symbol"]:
        text += f", on {trigger['symbol']}"
    text += _because(notes, trigger) + "."
    if signals:
        text += f" True then: {'; '.join(map(_signal, signals))}."
    if found:
        text += f" The newest row that it saw has {all_given(found)}."
    if trigger["regime"]:
        regime = {name: each for name, each in trigger["regime"].items() if not isinstance(each, dict)}
        text += f" Market: {all_given(regime)}."
    told = {name: trigger[name] for name in ("trigger", "symbol", "pool", "signals", "regime")}
    yield step_of("trigger", trigger, text, **told, values=dict(found))
    asked = notes.asked_at(trigger)
    if asked is not None:
        yield from _asked(asked)


def _because(notes: NotedLines, trigger: Record) -> str:
    if trigger["cause"] is None:
        return ""
    asked_at, cause = notes.time_of(trigger["cause"]), notes.cause(trigger)
    if asked_at is not None:
        return f", at {moment(asked_at)}"
    if cause is None:
        return ""
    order = cause.get("order", cause.get("order_id"))
    return f": {cause['message']} of {cause['symbol']}" + (f", order {order}" if order is not None else "")


def _signal(fact: Record) -> str:
    """Return a signal that was true, with the value that made it so."""
    if not isinstance(fact, Mapping):
        return _short(fact)
    name = fact.get("signal_name") or fact.get("description") or "a signal"
    if {"metric", "operator", "threshold", "value"} <= fact.keys():
        window = f" on {fact['time_window']}" if fact.get("time_window") else ""
        is_number = isinstance(fact["value"], (int, float))
        was = f"{fact['value']:,.6g}" if is_number else str(fact["value"])
        return f"{name} ({fact['metric']} {fact['operator']} {fact['threshold']}{window}: it was {was})"
    rest = all_given(fact, "signal_name", "signal_id", "description", "exchange")
    return f"{name} ({rest})" if rest else str(name)


def _short(said: Any) -> str:
    text = said if isinstance(said, str) else json.dumps(said, ensure_ascii=False)
    return text if len(text) <= _MOST_CHARACTERS else f"{text[:_MOST_CHARACTERS]}..."


def _asked(asked: Record) -> Iterator[Step]:
    for what, head in (("queries", "Asked"), ("logs", "Logged")):
        said = asked[what]
        if said:
            more = f"; and {len(said) - _MOST_ASKED:,} more" * (len(said) > _MOST_ASKED)
            text = f"{head}: {'; '.join(map(_query, said[:_MOST_ASKED]))}{more}."
            yield step_of("asked" if what == "queries" else "logged", asked, text, **{what: said})


def _query(said: Any) -> str:
    """Return what was asked, with its answer; a text that was logged as it is."""
    if not isinstance(said, Mapping) or "query" not in said:
        return _short(said)
    return f"{said['query']}({', '.join(map(_short, said['arguments']))}) -> {_short(said['answer'])}"


def decision_steps(decision: Record) -> Iterator[Step]:
    """Yield what was decided, with every field that was given, and what was too short for it."""
    said, own = decision["decision"], decision["own"]
    rest = all_given(said, "operation", "symbol", "reason")
    who = f"The process {own['process']} decided" if own is not None else "Decided"
    what = f"{said['operation']} {said.get('symbol', '')}".strip()
    reason = f"reason: {said['reason']}" if said.get("reason") else "it gave no reason"
    text = f"{who}: {what}{f' with {rest}' if rest else ''}; {reason}."
    yield Step("decision", text, decision["at"], lines=(decision["id"],), facts={"decision": said, "own": own})
    case = decision["warm_up"]
    if case is not None:
        meaning = RULES.get(decision["rule"], "")
        yield step_of("warm-up", decision, f"Warm-up: {meaning} ({all_given(case, 'outcome')}).", warm_up=case)


def _size(line: Record) -> str:
    return f"{value(line['size'])} {line['symbol']}" if line.get("size") else "it"


def kind_words(line: Record, other: str) -> str:
    """Return what an order is called; of one that is called a limit order and has no limit, how it fills. `other` is
    the word for a line without a kind.
    """
    kind = str(line.get("kind", other))
    return f"{kind} (it fills at the market)" if kind.endswith("Limit") and line.get("limit") is None else kind


def _sent(line: Record, _: Record | None) -> str:
    return f"Order {line['order']} is sent, and on its way to the exchange"


def _submitted(line: Record, sent: Record | None) -> str:
    late = "" if sent is None else f", {line['at'] - sent['at']:,} ms after it was sent"
    return f"Order {line['order']} ({line['operation']} {line['symbol']}) arrives at the exchange{late}"


def _armed(line: Record, _: Record | None) -> str:
    kind = kind_words(line, "order")
    limit = "" if line.get("limit") is None else f", with the limit {value(line['limit'])}"
    if line.get("trigger") is not None:
        level = f"at {value(line['trigger'])}"
    else:
        level = "at a level that moves with the market" if "Trailing" in kind else "when its time has come"
    return f"Order {line['order']} is armed: {kind}, {line.get('side', '')} {_size(line)} {level}{limit}"


def _rests(line: Record, _: Record | None) -> str:
    if line.get("limit") is None:
        return (
            f"{_size(line)} of order {line['order']} is left and works on at the close of each following kline: the "
            "volume cap allows no more at once"
        )
    return f"Order {line['order']} rests: {line.get('side', '')} {_size(line)} at the limit {value(line['limit'])}"


def _amended(line: Record, _: Record | None) -> str:
    rest = {"limit": line.get("limit"), "trigger": line.get("trigger"), "size": line.get("size")}
    return f"Order {line['order']} ({kind_words(line, 'order')}) is amended: it now has {all_given(rest)}"


_EVENTS: Mapping[str, Callable[[Record, Record | None], str]] = {
    "send": _sent,
    "submit": _submitted,
    "arm": _armed,
    "rest": _rests,
    "amend": _amended,
    "wait": lambda line, _: f"Order {line['order']} waits for the next kline",
    "fill part": lambda line, _: f"A part of order {line['order']} has filled, it is {line['state']}",
    "fill": lambda line, _: f"Order {line['order']} is filled: nothing is left of it",
    "cancel": lambda line, _: f"Order {line['order']} is cancelled",
    "reject": lambda line, _: f"Order {line['order']} is refused",
    "carry out": lambda line, _: f"Order {line['order']} is carried out",
}


def order_step(notes: NotedLines, line: Record) -> Step:
    """Return what happened to an order."""
    event = line["event"]
    sent = next((each for each in notes.of_order(line["order"]) if each.get("event") == "send"), None)
    said = _EVENTS.get(event)
    text = f"Order {line['order']}: {event}" if said is None else said(line, sent)
    cause = notes.cause(line)
    if event == "cancel" and cause is not None and cause.get("order") not in (None, line["order"]):
        text += f" because of order {cause['order']}"
    names = ("event", "kind", "side", "size", "limit", "trigger", "state")
    facts = {name: line[name] for name in names if name in line}
    return step_of("order", line, f"{text}.", **facts)


def other_steps(line: Record) -> Iterator[Step]:
    """Yield what any other line says."""
    message = line["message"]
    if message == "rejected":
        what = "What was left of order" if line["was_pending"] else "Order"
        ended = "was cancelled" if line["was_pending"] else "was refused"
        text = f"{what} {line['order_id']} {ended}. The reason: {line['reason']}."
        yield step_of("rejected", line, text, reason=line["reason"], was_pending=line["was_pending"])
    elif message == "funding":
        yield from funding_steps(line)
    elif message == "sized":
        yield sized_step(line)
    elif message == "liquidated":
        part = "A part of the position" if line["is_partial"] else "The position"
        where = "where a kline began" if line["at_open"] else "inside of a kline"
        text = (
            f"{part} was liquidated {where}: {line['side']} {value(line['size'])} {line['symbol']} at "
            f"{value(line['price'])}; equity after it {amount(line['equity_after'])} USD."
        )
        yield step_of("liquidated", line, text)
    else:
        rest = line.get("fields") or {name: each for name, each in line.items() if name not in _OF_LINES}
        meaning = RULES.get(line["rule"] or "", "")
        text = f"{message[:1].upper()}{message[1:]}{f': {meaning}' if meaning else ''}"
        yield step_of(message, line, f"{text} ({_short(all_given(rest))})." if rest else f"{text}.", **rest)


def funding_steps(line: Record) -> Iterator[Step]:
    """Yield a payment of funding and the account after it."""
    paid = "received" if line["amount"] > 0 else "paid"
    size = abs(line["account"]["positions"][line["symbol"]])
    text = (
        f"Funding: {percent(line['rate'])} of {value(size)} {line['symbol']} at the price {value(line['price'])} = "
        f"{amount(abs(line['amount']))} USD {paid}."
    )
    yield step_of("funding", line, text, rate=line["rate"], price=line["price"], amount=line["amount"])
    yield account_step(line)
