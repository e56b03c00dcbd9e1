"""What the recorder keeps of each message until its line is made: a tuple of references, nothing worked out."""

from __future__ import annotations

from typing import Any, NamedTuple

from ..exchange import Touch

#: A message: its instant, how many triggers were handled before it, the place of the entry that led to it (for a place
#: below 0 the trigger -1 - place; None: nothing did), whether a decision of the instant itself has caused it, its kind,
#: and what that kind has beside it. Objects would take three times as long to make.
Entry = tuple[Any, ...]

#: A decision at a trigger: the trigger, the values of the decision, what was too short for it.
DECIDED = 0
#: A decision that a process of one's own has submitted, or that an order of its own kind trades as: its values, the
#: name of the process, the trigger that it was given, the id of the order.
ASKED = 1
#: What has happened to an order: its id, the event (None: it was amended), its state since then, the grounds.
MOVED = 2
#: A fill: the account after it, what an exit has closed, the price before slippage, the grounds, and of a liquidation
#: whether it came at an instant, and not inside of a kline.
FILLED = 3
#: A message of any other kind that the engine knows, and the account after it, where that may have changed.
SAID = 4
#: A message of a kind of one's own: the name of the kind, and its fields as plain values.
TOLD = 5
#: That an order asks for more than a rule allows: its id, the rule, what is asked for, what is allowed, the unit.
SIZED = 6
#: That the venue is to close a position: the id of its order, the symbol, what was worth how much, against which
#: maintenance margin, at which prices, and the fees of a taker and of a liquidation, in percent.
JUDGED = 7


class Grounds(NamedTuple):
    """The touch that has moved an order, and the span that it was found in: from `start_ms` to `end_ms`, at the end of
    a pause if it `resumes`, of marks if the order watches `marks`. `own`: the order is of a kind of one's own.
    """

    touch: Touch
    start_ms: int
    end_ms: int
    resumes: bool
    marks: bool
    own: bool
