"""Why an order is as large as it is: what a share is of, and which rules leave it less than it asks for."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from engine import Decision
from engine.journal import RULES

from .explanation import Step
from .plain_words import amount, value
from .price_words import step_of

Record = Mapping[str, Any]

#: How much is asked for and allowed is said, by the units of it; of coins by their symbol, of others by their name.
_AMOUNTS: Mapping[str, Callable[[float], str]] = {
    "USD": lambda usd: f"{amount(usd)} USD",
    "x": lambda times: f"leverage {value(times)}",
    "share": lambda share: f"a share of {value(share)}",
}
#: What becomes of what is asked for, by the rules of which it is not the most that is allowed.
_BECOMES: Mapping[str, str] = {
    "whole-steps": "which becomes {}",
    "whole-ticks": "which becomes {}",
    "group-share": "of which {} are left to it",
    "least-notional": "and the least is {}",
    "no-balance": "and {} are available",
}
#: What decisions have that name none.
_LEVERAGE = Decision("", "").leverage
#: The first of these says what was asked for, where it is not what was filled.
_OF_SIZE = ("fits-the-balance", "whole-steps", "volume-cap")


def sized_step(line: Record) -> Step:
    """Return that an order asks for more, or less, than a rule allows, with both amounts."""
    asked, allowed = (_amount(line, line[name]) for name in ("asked", "allowed"))
    becomes = _BECOMES.get(line["rule"], "and {} are the most").format(allowed)
    why = RULES.get(line["rule"], "no rule is named")
    text = f"Order {line['order']} asks for {asked}, {becomes}: {why}."
    return step_of("sized", line, text, asked=line["asked"], allowed=line["allowed"], unit=line["unit"])


def _amount(line: Record, number: float) -> str:
    unit = line["unit"]
    if unit in _AMOUNTS:
        return _AMOUNTS[unit](number)
    return f"{value(number)} {line['symbol'] if unit == 'coins' else unit}"


def share_step(decision: Record | None, lines: Sequence[Record]) -> tuple[int, Step] | tuple[None, None]:
    """Return of which balance an order has asked for a share, and before which of its lines that is to be said: (None,
    None) for one that has asked otherwise, or came to no size.
    """
    said = {} if decision is None else decision["decision"]
    share = said.get("target_portion_of_balance")
    sized = next((each for each in lines if each.get("event") == "rest" or _opens(each)), None)
    price = None if sized is None else sized.get("price") or sized.get("limit")
    if sized is None or not share or not price or said["operation"] == "close":
        return None, None
    before = [each for each in lines if each["id"] < sized["id"]]
    closings = [place for place, each in enumerate(before) if each["message"] == "fill"]
    cuts = [each for each in before[closings[-1] + 1 if closings else 0 :] if each.get("rule") in _OF_SIZE]
    first = cuts[0] if cuts else None
    coins = sized["size"] if first is None else first["asked"]
    asked = coins if first is not None and first["unit"] == "USD" else coins * price
    leverage = said.get("leverage", _LEVERAGE)
    available = asked / share / leverage
    text = (
        f"Its size: a share of {value(share)} of the {amount(available)} USD that were available then, x leverage "
        f"{value(leverage)} = {amount(asked)} USD, at {value(price)}."
    )
    facts = {"share": share, "available": available, "leverage": leverage, "usd": asked}
    return (first or sized)["id"], Step("size", text, sized["at"], lines=(sized["id"],), facts=facts)


def _opens(line: Record) -> bool:
    return bool(line["message"] == "fill" and line["pnl"] is None)
