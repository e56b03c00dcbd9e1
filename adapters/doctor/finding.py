"""What was looked at, and what came of it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple


class Finding(NamedTuple):
    """One thing that was looked at: `found` says what is there. Where it is not `ok`, `cost` says what does not work
    without it, and `remedy` what to do; without what is `needed` no run works.
    """

    group: str
    what: str
    ok: bool
    found: str
    cost: str = ""
    remedy: str = ""
    needed: bool = False

    def to_dict(self) -> dict[str, Any]:
        """Return it as plain values by name."""
        return self._asdict()


def can_run(findings: Sequence[Finding]) -> bool:
    """Whether a run can work: nothing that is needed is missing."""
    return all(each.ok or not each.needed for each in findings)
