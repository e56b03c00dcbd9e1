"""The rules that a journal names: why something happened, and why at this price. One table, names that stay."""

from __future__ import annotations

from collections.abc import Mapping

#: What each rule says, by its name. A new rule is a row here; a name that results bear is never given another meaning.
RULES: Mapping[str, str] = {
    # what wakes the program
    "scheduled-tick": "the schedule is due",
    "signal-pool": "a signal pool has turned true",
    "order-wake-up": "something that `wake_on` names has happened to the account",
    "timer": "the program has asked to be woken then",
    "own-trigger": "a process of one's own has published a trigger",
    # what becomes of a decision before it is an order
    "warm-up-held": "a decision to open on an indicator that is too short is held back",
    "warm-up-closed": "a decision to open on an indicator that is too short only closes what is held the other way",
    "warm-up-submitted": "an indicator was too short, and the decision is submitted all the same",
    # how large an order is
    "fits-the-balance": "margin and fee must fit into the available balance: a share and a risk are cut down to it, a "
    "size that is given is refused",
    "no-balance": "nothing of the balance is available for margin and fee",
    "whole-steps": "a size is rounded down to whole steps of the venue",
    "whole-ticks": "a price is rounded to a tick of the venue, a limit never for the worse",
    "least-notional": "the venue takes no order of less notional",
    "most-leverage": "the venue allows no more leverage, for a position that large",
    "no-more-than-held": "what closes is no larger than the position",
    "volume-cap": "no more fills than the cap leaves of the volume of the last finished kline",
    "group-share": "another order of the group has filled a part, and the others go without that share",
    # the price of the moment
    "market-at-mark": "a market order trades at the newest mark price, which is fresh",
    "market-at-close": "a market order trades at the close of the last finished kline",
    "resumption-price": "what the price at the end of a pause reaches trades at it",
    "waiting-open": "an order that waits for the next kline trades at its open",
    "waiting-vwap": "an order that waits for the next kline trades at the mean price of its 15-second rows",
    "waiting-typical": "an order that waits for the next kline trades at (high + low + close) / 3 of it",
    "works-on-at-close": "what a volume cap has left works on at the close of each following kline",
    "time-stop": "an exit at market is due, and trades at the price of the moment",
    # what the market has come to
    "bracket-inside-kline": "a leg of a bracket is reached inside of a kline, and trades at its own price",
    "bracket-both-stop-first": "a kline reaches target and stop, and the stop comes first",
    "bracket-both-target-first": "a kline reaches target and stop, and the target comes first",
    "bracket-both-nearest-open": "a kline reaches target and stop, and the one nearer to its open comes first",
    "bracket-both-drilled": "a kline reaches two exits, and its finer rows tell which comes first",
    "gap-over-stop": "a kline begins beyond a stop, which trades at its first price",
    "gap-over-target": "a kline begins beyond a target, which trades at its first price",
    "gap-over-limit-target": "a kline begins beyond a target that is a limit order, which trades at its own price",
    "gap-over-limit-stop": "a kline begins beyond a stop that is a limit order: it does not trade, and rests",
    "trailing-inside-kline": "a trailing stop is reached inside of a kline, and trades where it stands",
    "gap-over-trailing": "a kline begins beyond a trailing stop, which trades at its first price",
    "limit-traded-through": "a kline trades beyond a resting limit, which trades at it",
    "limit-touched": "a kline trades at a resting limit, which trades at it",
    "trigger-inside-kline": "the trigger of an order is reached inside of a kline, and it trades there",
    "gap-over-trigger": "a kline begins beyond the trigger of an order, which trades at its first price",
    "own-order-kind": "an order of a kind of one's own trades at the price that it names",
    # what the venue does
    "funding-at-settlement": "the settlement of the symbol is due: size x price x rate",
    "maintenance-margin": "the venue closes what is worth no more than its maintenance margin",
    "liquidation-inside-kline": "account value falls to maintenance margin inside of a kline",
    "liquidation-at-open": "account value is at or below maintenance margin where a kline begins",
    "liquidation-at-mark": "account value is at or below maintenance margin at a mark price",
    "liquidation-at-price": "account value is at or below maintenance margin at the last known prices",
    # how an order moves
    "decision-taken": "a decision has arrived at the exchange",
    "latency": "an order is on its way to the exchange",
    "waits-for-kline": "a market order waits for the next kline",
    "waits-for-trigger": "an order waits until the market comes to its trigger",
    "rests-at-limit": "an order rests at its limit, or works on",
    "part-filled": "a part of an order has filled",
    "filled": "nothing is left of an order",
    "carried-out": "what a decision asked of other orders is done",
    "amended": "an order is changed as a decision asks",
    "ended-with-others": "an order ends because of a decision, of another order, or of what the venue did",
    "refused": "an order is refused, or what is left of it cancelled, for the reason that is given",
    "expired": "the time of an order is over",
    # limits, pauses, the program, the end
    "risk-limit": "a limit that the account set itself forbids the decision",
    "exchange-paused": "the exchange stands still: nothing fills, nothing is accepted",
    "exchange-resumed": "the exchange goes on",
    "program-failed": "the program has raised, or returned no decision",
    # faults
    "fault-began": "a fault that the configuration names is on",
    "fault-acted": "a fault has done what its kind does",
    "fault-ended": "a fault is over",
    "end-of-run": "the run has come to its end",
    "stopped": "the run was stopped before its end",
    # what changes a digest and no trade
    "figures-of-a-result": "which figures a result has, and how they are worked out from its trades",
}
