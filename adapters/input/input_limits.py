"""How much is read of what a user hands in, at most. The size of a program is limited by its language."""

from __future__ import annotations

import os
from dataclasses import dataclass

from engine import ConfigurationError

#: A configuration, or a file of signals; and how deep lists and tables may be nested in it.
MOST_TEXT_BYTES = 1 << 20
MOST_DEPTH = 64
#: A line of an imported table. What has no line end for so long is no table.
MOST_LINE_BYTES = 1 << 16
#: What is packed tighter is no market data: so many times its size, once it is larger than this.
MOST_PACKED = 200
FREE_UNPACKED_BYTES = 64 << 20

_MEGABYTES, _ROWS = "PERPSIM_MOST_MEGABYTES", "PERPSIM_MOST_ROWS"


@dataclass(frozen=True)
class ImportLimits:
    """The largest file that is imported, by its rows and by its bytes, unpacked: those of the environment variables
    `PERPSIM_MOST_ROWS` and `PERPSIM_MOST_MEGABYTES`, else 50 million rows and 1,024 MB.
    """

    megabytes: int = 1_024
    rows: int = 50_000_000

    @classmethod
    def of_environment(cls) -> ImportLimits:
        """Return the limits that hold. `ConfigurationError` for a variable that is no whole number above 0."""
        return cls(_variable(_MEGABYTES, cls.megabytes), _variable(_ROWS, cls.rows))

    def check_size(self, size: int, packed: int | None = None) -> None:
        """Raise a `ValueError` for more bytes than may be, or far more than `packed` ones can honestly hold."""
        if size > self.megabytes << 20:
            raise ValueError(f"holds more than {self.megabytes:,} MB, unpacked ({_MEGABYTES} allows more)")
        if packed is not None and size > max(FREE_UNPACKED_BYTES, MOST_PACKED * packed):
            raise ValueError(f"unpacks to more than {MOST_PACKED} times its size: this is no market data")

    def check_rows(self, rows: int) -> None:
        """Raise a `ValueError` for more rows than may be."""
        if rows > self.rows:
            raise ValueError(f"holds more than {self.rows:,} rows ({_ROWS} allows more)")


def _variable(name: str, default: int) -> int:
    text = os.environ.get(name, "").strip()
    if not text:
        return default
    if not (text.isascii() and text.isdigit() and len(text) <= 12 and int(text)):
        raise ConfigurationError([f"{name}: {text[:40]!r} is no whole number above 0"])
    return int(text)
