"""Decisions in few words."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import fields

from engine import Decision
from engine.plain_values import shown
from engine.program import Answer

#: How the amounts are told of which one says how much.
_AMOUNTS = {"target_portion_of_balance": "{}", "size": "{} coins", "notional": "{} USD", "risk_percent": "risk {} %"}
_TOLD = frozenset(("operation", "symbol", "leverage", "reason", "trading_strategy", *_AMOUNTS))
_OTHERS = {each.name: each.default for each in fields(Decision) if each.name not in _TOLD}


def as_decisions(answer: Answer) -> tuple[Decision, ...]:
    """Return the decisions of an answer: none of them is to hold."""
    given = () if answer is None else (answer,) if isinstance(answer, Decision) else answer
    return tuple(each for each in given if each.action() != "hold")


def decisions_text(answer: Answer, whole: bool = False) -> str:
    """Return the decisions of an answer in words, as in "buy BTC 0.3 x2" or "buy ETH 0.5 coins x4"; the `whole` of it
    has limits, exits and all else that is given, too.
    """
    return "; ".join(" ".join(_words(each, whole)) for each in as_decisions(answer)) or "to hold"


def _words(decision: Decision, whole: bool) -> Iterator[str]:
    yield str(decision.action())
    yield str(decision.symbol)
    for name, words in _AMOUNTS.items():
        if value := getattr(decision, name):
            yield words.format(_value(value))
    if decision.action() in ("buy", "sell"):
        yield f"x{decision.leverage}"
    for name, unset in _OTHERS.items():
        if whole and (value := getattr(decision, name)) != unset:
            yield f"{name} {_value(value)}"


def _value(value: object) -> str:
    if isinstance(value, float | int) and not isinstance(value, bool):
        return f"{value:,.10g}"
    return value if isinstance(value, str) else shown(value)
