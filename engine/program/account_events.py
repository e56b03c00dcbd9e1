"""What happened to an account since a program was asked last, as the program sees it."""

from __future__ import annotations

from functools import singledispatch

from ..contract import AccountEvent, EventKind
from ..kernel import Fill, FundingPaid, Liquidated, OrderRejected


@singledispatch
def account_event(happened: object) -> AccountEvent:
    """Return a message about an account as a program sees it."""
    raise TypeError(f"{type(happened).__name__} is nothing that happens to an account")


@account_event.register
def _(happened: AccountEvent) -> AccountEvent:
    return happened


@account_event.register
def _(fill: Fill) -> AccountEvent:
    facts = fill.timestamp, fill.symbol, fill.order_id, fill.tag, fill.side, fill.size, fill.price, fill.fee
    return AccountEvent(EventKind.FILL.value, *facts, reason=str(fill.purpose))


@account_event.register
def _(rejected: OrderRejected) -> AccountEvent:
    kind = EventKind.CANCEL if rejected.was_pending else EventKind.REJECTION
    facts = rejected.timestamp, rejected.symbol, rejected.order_id, rejected.tag
    return AccountEvent(kind.value, *facts, reason=rejected.reason)


@account_event.register
def _(closed: Liquidated) -> AccountEvent:
    facts = closed.timestamp, closed.symbol, 0, "", closed.side, closed.size, closed.price, closed.fee
    return AccountEvent(EventKind.LIQUIDATION.value, *facts, reason="partial" if closed.is_partial else "")


@account_event.register
def _(paid: FundingPaid) -> AccountEvent:
    kind = EventKind.FUNDING.value
    return AccountEvent(kind, paid.timestamp, paid.symbol, price=paid.price, amount=paid.amount)
