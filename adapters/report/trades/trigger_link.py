"""What a trigger did to a trade."""

from __future__ import annotations

from typing import Any, NamedTuple

from engine.contract import ExitReason

OPENED, CLOSED, ADDED, MOVED = "opened", "closed", "added to", "moved the exit of"
_REASONS = {each.value: each for each in ExitReason}
#: What a trade says of each.
SAID = {
    OPENED: "It was opened by",
    CLOSED: "It was closed by",
    ADDED: "It was added to by",
    MOVED: "That exit was put there by",
}


class TriggerLink(NamedTuple):
    """What a trigger did to a trade. Without a `trigger` it is none, or not known which of the `candidates` it is:
    `note` says so.
    """

    role: str
    trigger: int | None
    candidates: tuple[int, ...] = ()
    note: str = ""

    def shown(self) -> dict[str, Any]:
        """Return plain values."""
        return {**self._asdict(), "candidates": list(self.candidates)}


def not_by_a_trigger(
    reason: str, opened: int | None = None, entry: int | None = None, moved: int | None = None
) -> TriggerLink:
    """Return what is said of a trade that no decision closed: the reason, and at which trigger its exit was asked for,
    where that is known and another one than opened it.
    """
    found = _REASONS[reason]
    if found is ExitReason.LIQUIDATION:
        by = "the venue"
    elif entry is None:
        by = "an exit that stood since its entry or was amended"
    else:
        by = "an exit of its entry" if entry == opened else f"an exit of the entry at trigger {entry:,}"
        by += "" if moved is None else ", amended since"
    return TriggerLink(CLOSED, None, (), f"No trigger closed it: {found.label}, {by}.")
