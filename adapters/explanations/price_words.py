"""Why a fill came at its price: the sentence of its rule with the numbers in it, slippage, fee, account."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from engine.contract import ExitReason
from engine.journal import RULES

from .explanation import Step, moment
from .plain_words import amount, percent, value
from .values_of_rows import Values

Record = Mapping[str, Any]
_LEGS = (ExitReason.TAKE_PROFIT, ExitReason.STOP_LOSS)
_EXITS = {each.value: each.label for each in ExitReason}


def row_of(record: Record, name: str = "row") -> tuple[str, str, int] | None:
    """Return the row that a line names."""
    row = record.get(name)
    return None if row is None else (row[0], row[1], row[2])


def step_of(what: str, record: Record, text: str, **facts: Any) -> Step:
    """Return what a line says as a step: of its instant, with its rule and its row."""
    return Step(what, text, record["at"], record.get("rule"), row_of(record), (record["id"],), facts)


def purpose_of(fill: Record) -> str:
    """Return what a fill was for: "entry", or what closed."""
    purpose = str(fill["purpose"])
    return _EXITS.get(purpose, purpose)


def margin_step(judged: Record) -> Step:
    """Return why the venue closes a position: what was worth how much against which maintenance margin."""
    what = f"the isolated position in {judged['symbol']}" if judged["isolated"] else "the account"
    prices = ", ".join(f"{symbol} at {value(price)}" for symbol, price in judged["prices"].items())
    text = (
        f"Liquidation: with {prices} {what} is worth {amount(judged['worth'])} USD, and its maintenance margin is "
        f"{amount(judged['maintenance'])} USD: {RULES[judged['rule']]}."
    )
    names = ("worth", "maintenance", "prices", "isolated")
    return step_of("margin", judged, text, **{name: judged[name] for name in names})


def exit_words(fill: Record, decisions: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    """Yield how what decisions have given, the newest first, leads to an exit."""
    trailing = next((each["trailing_stop_percent"] for each in decisions if "trailing_stop_percent" in each), None)
    if fill["rule"] == "trailing-inside-kline" and trailing is not None:
        best = fill["before_slippage"] / (1.0 - trailing / 100.0 * (1 if fill["side"] == "sell" else -1))
        yield f"that is {value(trailing)} % from the best price since it follows, {value(best)}"
    holding = next((each["max_holding_seconds"] for each in decisions if "max_holding_seconds" in each), None)
    if fill["rule"] == "time-stop" and holding is not None:
        yield f"it is due {value(holding)} s after the entry"


def fill_steps(
    fill: Record,
    found: Values,
    seen: Values,
    levels: Mapping[str, float],
    judged: Record | None = None,
    given: Sequence[str] = (),
) -> Iterator[Step]:
    """Yield price, slippage, fee and account of a fill. `found` are the values of its row, `seen` those of the mark
    that was watched, `levels` where its order, and the one that ended with it, stood, `judged` is the line of the
    margin of a liquidation, `given` are further words of why.
    """
    base = {"at": fill["at"], "lines": (fill["id"],)}
    numbers = [*_row_numbers(fill, found), *_level_numbers(fill, found, levels), *given]
    if fill["mark"] is not None:
        numbers.append(f"the mark price that was watched reached {value(fill['mark'])}")
    if seen:
        numbers.append(f"its kline of {moment(fill['seen'][2])} had {_ohlc(seen)}")
    did = "Bought" if fill["side"] == "buy" else "Sold"
    why = RULES.get(fill["rule"], "no rule is named")
    text = (
        f"{did} {value(fill['size'])} {fill['symbol']} at {value(fill['price'])} ({purpose_of(fill)}). "
        f"Why this price: {why}{': ' if numbers else ''}{'; '.join(numbers)}."
    )
    facts = {name: fill[name] for name in ("side", "size", "price", "before_slippage", "purpose", "margin", "risk")}
    facts |= {"levels": dict(levels), "values": dict(found), "mark": fill["mark"], "seen": dict(seen)}
    yield Step("price", text, rule=fill["rule"], row=row_of(fill), facts=facts, **base)
    yield from _slippage(fill, base)
    yield _fee(fill, judged, base)
    yield account_step(fill)


def _ohlc(found: Values) -> str:
    names = [name for name in ("open", "high", "low", "close") if name in found]
    return ", ".join(f"{name} {value(found[name])}" for name in names)


def _row_numbers(fill: Record, found: Values) -> Iterator[str]:
    row = fill["row"]
    if row is None or not found:
        return
    if "open" in found:
        traded = f", volume {value(found['volume'])}" if found.get("volume") else ""
        yield f"the kline that opened at {moment(row[2])} had {_ohlc(found)}{traded}"
    elif "vwap" in found:
        low, high, mean = (value(found[name]) for name in ("low", "high", "vwap"))
        yield f"the 15 seconds to {moment(row[2])} traded between {low} and {high}, at {mean} in the mean"
    else:
        yield f"the mark price of {moment(row[2])} was {value(found['value'])}"


def _level_numbers(fill: Record, found: Values, levels: Mapping[str, float]) -> Iterator[str]:
    rule, price = str(fill["rule"]), fill["before_slippage"]
    if rule == "trailing-inside-kline":
        yield f"it stood at {value(price)} then"
    for name, stood in levels.items():
        yield f"its {name} stood at {value(stood)}"
    if not fill["maker"] and fill["purpose"] in _LEGS and any("limit" in name for name in levels):
        yield "it trades at market, whatever its decision calls it (bracket_execution)"
    level = next(iter(levels.values()), None)
    if rule.startswith("gap-over") and level:
        yield f"the gap is {value(abs(price - level))}, {percent(abs(price - level) / level)} of it"
    inside = "low" in found and found["low"] <= price <= found["high"]
    if inside and ("inside" in rule or "both" in rule or rule.startswith("limit")):
        yield f"{value(price)} lies between low and high"
    elif "low" in found and rule.startswith("limit"):
        yield "all of the kline lies beyond it, and an order that rests gets its limit, nothing better"


def _slippage(fill: Record, base: Mapping[str, Any]) -> Iterator[Step]:
    before, price, size = fill["before_slippage"], fill["price"], fill["size"]
    if before == price or not before:
        return
    worse = price - before if fill["side"] == "buy" else before - price
    text = (
        f"Slippage: {value(before)} without it, {percent(abs(worse) / before)} {'worse' if worse > 0 else 'better'}: "
        f"{amount(abs(worse) * size)} USD, which are in the price and no posting of their own."
    )
    facts = {"percent": 100.0 * worse / before, "usd": worse * size}
    yield Step("slippage", text, facts=facts, **base)


def _fee(fill: Record, judged: Record | None, base: Mapping[str, Any]) -> Step:
    notional, fee = fill["price"] * fill["size"], fill["fee"]
    who = "maker" if fill["maker"] else "taker"
    rate = fee / notional if notional else 0.0
    if judged is not None:
        taker, venue = judged["fees"]
        who = f"{value(taker)} % of a taker + {value(venue)} % of the liquidation"
        if fee < notional * (taker + venue) / 100.0 * (1.0 - 1e-9):
            who += ", cut down to what is left of the account"
    text = f"Fee: {percent(rate)} ({who}) of {amount(notional)} USD = {amount(fee)} USD."
    return Step("fee", text, facts={"rate": rate, "notional": notional, "fee": fee, "maker": fill["maker"]}, **base)


def account_step(record: Record) -> Step:
    """Return the postings of a line, and the account after it."""
    account = record["account"]
    posted = ", ".join(f"{kind.replace('_', ' ')} {amount(usd, True)}" for kind, usd in record["postings"])
    held = ", ".join(f"{value(size)} {symbol}" for symbol, size in account["positions"].items()) or "nothing"
    cash, equity = amount(account["cash"]), amount(account["equity"])
    text = f"Ledger: {posted} USD. After it {cash} USD in cash, equity {equity} USD, holding {held}."
    facts = {"postings": record["postings"], "account": account}
    return Step("ledger", text, record["at"], lines=(record["id"],), facts=facts)
