"""What a user says of a file that it does not tell itself."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import timedelta, timezone, tzinfo
from zoneinfo import ZoneInfo

from engine import DataError
from engine.plain_values import shown

KEEPS = ("first", "last")
DECIMALS = ("point", "comma")
_OFFSET = re.compile(r"(?:UTC)?([+-])(\d\d?):?(\d\d)?")


@dataclass(frozen=True)
class ReadOptions:
    """How the rows and texts of a file are taken, where it does not tell.

    skip_bad_rows: so many rows, at most, are left out where they are not as they should be; each is listed.
    keep:          "first" or "last": which of several rows of one time counts where they differ.
    time_zone:     where times without an offset are those of, such as "Europe/Berlin" or "+08:00".
    time_format:   how times are written, such as "%d/%m/%Y %H:%M".
    decimal:       "point" or "comma": what stands before the decimals of a number.

    Raises `DataError` for what none of these can be.
    """

    skip_bad_rows: int = 0
    keep: str | None = None
    time_zone: str | None = None
    time_format: str | None = None
    decimal: str | None = None

    def __post_init__(self) -> None:
        if self.skip_bad_rows < 0:
            raise DataError(f"--skip-bad-rows {self.skip_bad_rows} is below 0")
        for name, value, possible in (("keep", self.keep, KEEPS), ("decimal", self.decimal, DECIMALS)):
            if value is not None and value not in possible:
                raise DataError(f"--{name} {shown(value)} is none of {', '.join(possible)}")
        if self.time_zone is not None:
            zone_of(self.time_zone)
        if self.time_format is not None and "%" not in self.time_format:
            raise DataError(f"--time-format {shown(self.time_format)} has no %, write it like %d/%m/%Y %H:%M")


def zone_of(name: str) -> tzinfo:
    """Return a time zone by its name or its offset from UTC. Raises `DataError` for one that there is none of."""
    offset = _OFFSET.fullmatch(name.strip())
    if offset is not None:
        sign, hours, minutes = offset.groups()
        east = timedelta(hours=int(hours), minutes=int(minutes or 0))
        if east < timedelta(days=1):
            return timezone(east if sign == "+" else -east)
    try:
        return ZoneInfo(name.strip())
    except (KeyError, ValueError, OSError) as error:  # a name may also lead to a folder, or to what is no zone
        raise DataError(
            f"--time-zone {shown(name)} is none: write a name such as Europe/Berlin, or an offset such as +08:00"
        ) from error
