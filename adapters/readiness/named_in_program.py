"""What a program's text names of the market. The text is searched and not parsed: who wrote it may be anybody."""

from __future__ import annotations

import re
from dataclasses import dataclass

from engine import PERIOD_MS
from engine.market.indicators import parse_indicator

_TEXTS = re.compile(r"""["'](\w{1,12})["']""")
_FEATURE = re.compile(r"""\bget_feature\(\s*["']([^"'\n]{1,80})["']""")
_FLOW = re.compile(r"\bget_(flow|regime)\b")


@dataclass(frozen=True, slots=True)
class ProgramNeeds:
    """The longest `period` that a text names ("": none), the indicator that takes the most klines, with how many,
    whether it asks for flow, and the names of the `features` that it asks for.
    """

    period: str
    indicator: str
    klines: int
    flow: bool
    features: tuple[str, ...] = ()

    @property
    def period_ms(self) -> int:
        """The length of the period, 0 without one."""
        return PERIOD_MS.get(self.period, 0)

    @property
    def least_ms(self) -> int:
        """How much must lie before the start for the indicator to be defined on that period."""
        return self.klines * self.period_ms

    @property
    def warm_up(self) -> str:
        """What needs klines before the start, in words; "" where nothing that a text names does."""
        return f"{self.indicator} on {self.period} needs {self.klines} klines" if self.least_ms else ""


def program_needs(code: str) -> ProgramNeeds:
    """Return what a text names. What it puts together from parts is not found, and what stands in a comment is."""
    texts = set(_TEXTS.findall(code))
    periods = sorted(texts & PERIOD_MS.keys(), key=PERIOD_MS.__getitem__)
    found = [(each.length, name) for name in texts if (each := parse_indicator(name.upper())) is not None]
    klines, indicator = max(found, default=(0, ""))
    features = tuple(dict.fromkeys(_FEATURE.findall(code)))
    return ProgramNeeds(periods[-1] if periods else "", indicator, klines, _FLOW.search(code) is not None, features)
