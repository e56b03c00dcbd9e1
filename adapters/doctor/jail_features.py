"""The jail: each wall that stands on this machine or does not, and whether a program can be looked at behind them."""

from __future__ import annotations

from collections.abc import Iterator

from ..sandbox import jail_problem, walls_here
from .finding import Finding

_PROGRAM = "class Program:\n    def should_trade(self, data):\n        return None\n"
_GROUP = "jail"


def look_at_jail() -> Iterator[Finding]:
    """Look at every wall, then try the whole jail with a program that does nothing."""
    for wall in walls_here():
        found = wall.problem or "stands"
        yield Finding(_GROUP, wall.name, wall.problem is None, found, wall.cost, wall.remedy, wall.is_needed)
    if jail_problem() is None:
        yield _tried()


def _tried() -> Finding:
    try:
        from ..sandbox import Sandbox  # imports libraries that may be missing

        with Sandbox() as sandbox:
            problems = [str(each) for each in sandbox.validate(_PROGRAM) if each.severity == "error"]
    except Exception as error:  # whatever keeps it from working is what there is to tell
        problems = [f"{type(error).__name__}: {error}"]
    return Finding(
        _GROUP,
        "a program behind all of them",
        not problems,
        "; ".join(problems) or "was looked at",
        "no program runs in the sandbox; --trust runs programs of your own without",
        "see whether the machine has memory left, and the libraries above are whole",
        needed=True,
    )
