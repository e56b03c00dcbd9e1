"""What a function of the factor language is."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Any


class Kind(Enum):
    """What an argument of a function may be."""

    SERIES = "a series"
    #: A number of rows, at least 1; a fraction is cut off.
    PERIOD = "a period"
    #: A number or a series.
    ANY = "a number or a series"


@dataclass(frozen=True, slots=True)
class Argument:
    """An argument: its name, which may be given as a keyword, what it may be, and what it is when it is left out."""

    name: str
    kind: Kind
    default: int | None = None


#: How many rows a function needs, given its periods.
Needs = Callable[..., int]


@dataclass(frozen=True, slots=True)
class FactorFunction:
    """A function over whole series (float64, oldest row first), of which each row depends on rows up to it alone.

    `work` gets the arguments in order. With fewer rows than `needs` says of the periods there is no value, or zeros
    where `zeros_below` says so, as the platform answers. `formula` says what it is, `first` the first row that has a
    value (n: the period).
    """

    name: str
    arguments: tuple[Argument, ...]
    work: Callable[..., Any]
    formula: str
    first: str = "0"
    needs: Needs | None = None
    zeros_below: bool = False
    #: Whether it answers yes or no.
    is_condition: bool = False
    #: Whether `work` gets the klines before its arguments.
    sees_klines: bool = False

    @property
    def signature(self) -> str:
        """How it is called, with what is taken where an argument is left out."""
        told = (each.name if each.default is None else f"{each.name}={each.default}" for each in self.arguments)
        return f"{self.name}({', '.join(told)})"

    def rows_needed(self, values: Mapping[str, Any]) -> int:
        """With how many rows it has a value, given the values of its arguments."""
        if self.needs is None:
            return 0
        return self.needs(**{each.name: values[each.name] for each in self.arguments if each.kind is Kind.PERIOD})


def series(*names: str) -> tuple[Argument, ...]:
    """Return arguments that must be series."""
    return tuple(Argument(name, Kind.SERIES) for name in names)


def either(*names: str) -> tuple[Argument, ...]:
    """Return arguments that may be numbers or series."""
    return tuple(Argument(name, Kind.ANY) for name in names)


def period(default: int, name: str = "period") -> Argument:
    """Return an argument that is a number of rows."""
    return Argument(name, Kind.PERIOD, default)
