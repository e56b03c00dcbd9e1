"""Who has brought wrong tokens: the address waits longer after each, so that none is found by trying."""

from __future__ import annotations

import math
import time
from collections import OrderedDict
from collections.abc import Callable

#: So many may be mistyped before anybody waits; after that 1, 2, 4, ... seconds, and no more than the longest.
FREE = 3
LONGEST_S = 300.0
#: So many addresses are known at a time: the one that was wrong the longest ago is forgotten for another.
MOST_ADDRESSES = 1_000


class WrongTokens:
    """Counts by address. An address that waits is refused whatever it brings, and nothing is compared.

    Called from the server's event loop only, which it never holds up.
    """

    def __init__(self, now: Callable[[], float] = time.monotonic) -> None:
        self._now = now
        self._wrong: OrderedDict[str, tuple[int, float]] = OrderedDict()

    def wait_s(self, address: str) -> int:
        """Return for how many seconds an address still has to wait, 0 for not at all."""
        _, until = self._wrong.get(address, (0, 0.0))
        return max(0, math.ceil(until - self._now()))

    def note(self, address: str) -> None:
        """Note a wrong token."""
        count = self._wrong.pop(address, (0, 0.0))[0] + 1
        wait = 0.0 if count < FREE else min(2.0 ** min(count - FREE, 20), LONGEST_S)
        self._wrong[address] = count, self._now() + wait
        if len(self._wrong) > MOST_ADDRESSES:
            self._wrong.popitem(last=False)

    def forget(self, address: str) -> None:
        """Note a right one."""
        self._wrong.pop(address, None)

    def __len__(self) -> int:
        return len(self._wrong)
