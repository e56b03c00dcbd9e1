"""What is known of a field of the configuration beside its type: what it is called, means, and may hold.

A field is written as ``name: Annotated[type, Setting(...)] = default``; its check follows from the type. Texts, tables,
forms and schemas are made from the settings and from nothing else.
"""

from __future__ import annotations

import json
import math
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import MISSING, Field, dataclass, fields, replace
from enum import Enum
from textwrap import wrap
from types import NoneType
from typing import Any, Literal, get_args, get_origin, get_type_hints

from .faults import checked_faults
from .instants import instant_ms
from .periods import interval_ms
from .plain_values import nests_deeper, shown

#: Parameters are sent to the sandbox and stored as JSON, which is read and written by recursion.
_MOST_DEPTH = 100
#: What an optional field holds that has no value, where it is written.
NO_VALUE = "none"


class Group(Enum):
    """What fields are shown together, in this order. `is_rare` are those that few runs change."""

    PROGRAM = "Program", False
    MARKET = "Market", False
    RANGE = "Range, UTC", False
    TRIGGERS = "Triggers", False
    COSTS = "Account and costs", False
    EXECUTION = "Execution", True
    DATA = "Data", True
    VENUE = "Venue and margin", True
    MODELS = "Slippage, latency and volume", True
    LIMITS = "Limits of one's own", True
    FAULTS = "Faults", True

    def __init__(self, title: str, is_rare: bool) -> None:
        self.title, self.is_rare = title, is_rare


@dataclass(frozen=True)
class Setting:
    """One field: `label` and `help` for people, `unit` of its value, `meanings` of its choices in their order, `none`
    for what counts when it is None, and the bounds of a number.

    `kind` says what stands in it ("number", "flag", "time", ...) and with it how it is checked and shown; it follows
    from the type unless it is given. Name, default (plain JSON), choices and `is_optional` come from the field.
    """

    group: Group
    label: str
    help: str
    meanings: tuple[str, ...] = ()
    unit: str = ""
    none: str = ""
    at_least: float = -math.inf
    above: float | None = None
    at_most: float = math.inf
    choices: tuple[str, ...] = ()
    kind: str = ""
    name: str = ""
    default: Any = None
    is_optional: bool = False

    def check(self, value: object) -> None:
        """Raise a `ValueError` that says what is wrong with a value, if anything is."""
        if value is not None or not self.is_optional:
            _CHECKS[self.kind](self, value)

    @property
    def takes_none(self) -> bool:
        """Whether the word none says that it has no value: a program has another field, and not none."""
        return self.is_optional and self.kind not in ("program", "object")

    @property
    def is_required(self) -> bool:
        """Whether a configuration needs it: there is no default, or one that cannot be run."""
        try:
            self.check(self.default)
        except ValueError:
            return True
        return False

    @property
    def default_text(self) -> str:
        """The default as TOML has it, with its unit; for None what counts then."""
        if self.is_required:
            return "required"
        if self.default is None:
            return f"{NO_VALUE} ({self.none})"
        text = f"{self.default:.15g}" if isinstance(self.default, float) else json.dumps(self.default)
        return f"{text} {self.unit}" if self.unit and self.default else text

    @property
    def bounds(self) -> str:
        """What may stand in it, in words ("at least 0, at most 50"), where its choices do not tell."""
        if self.kind not in ("number", "whole"):
            return "" if self.meanings else ", ".join(self.choices)
        low = f"at least {_figure(self.at_least)}" if self.above is None else f"above {_figure(self.above)}"
        return low + (f", at most {_figure(self.at_most)}" if math.isfinite(self.at_most) else "")

    @property
    def about(self) -> str:
        """Label, unit, help and bounds in one sentence."""
        title = self.label + f", {self.unit}" * bool(self.unit)
        return f"{title}: {self.help[0].lower()}{self.help[1:]}" + f" ({self.bounds})" * bool(self.bounds)

    def text(self, width: int = 80) -> str:
        """Return all of it as a paragraph for a terminal."""
        lines = [f"{self.name} = {self.default_text}"]
        lines += wrap(self.about, width, initial_indent=" " * 4, subsequent_indent=" " * 4)
        longest = max(map(len, self.choices), default=0)
        for choice, meaning in zip(self.choices, self.meanings, strict=bool(self.meanings)):
            start = f"{'':6}{choice:{longest}}  "
            lines += wrap(meaning, width, initial_indent=start, subsequent_indent=" " * len(start))
        return "\n".join(lines)


def _figure(bound: float) -> str:
    """Return a bound with all its digits, as far as people read those."""
    return f"{int(bound):,}" if 1_000 <= bound < 1e10 and bound == int(bound) else f"{bound:g}"


def settings_of(kind: type) -> dict[str, Setting]:
    """Return the settings of a dataclass whose fields are all annotated with one, by name."""
    hints = get_type_hints(kind, include_extras=True)
    return {each.name: _completed(each, *get_args(hints[each.name])) for each in fields(kind)}


def _completed(field: Field[Any], hint: Any, setting: Setting) -> Setting:
    kinds = [each for each in get_args(hint) if each is not NoneType] if NoneType in get_args(hint) else [hint]
    is_choice = get_origin(kinds[0]) is Literal
    return replace(
        setting,
        name=field.name,
        default=_default(field),
        is_optional=kinds != [hint],
        choices=get_args(kinds[0]) if is_choice else setting.choices,
        kind=setting.kind or ("choice" if is_choice else _KINDS[kinds[0]]),
    )


def _default(field: Field[Any]) -> Any:
    if field.default_factory is not MISSING:
        return field.default_factory()
    if isinstance(field.default, tuple):
        return list(field.default)
    return None if field.default is MISSING else field.default


_KINDS = {float: "number", int: "whole", bool: "flag"}


def _number(setting: Setting, value: Any) -> None:
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not _is_finite(value):
        raise ValueError(f"{shown(value)} is no finite number")
    if not setting.at_least <= value <= setting.at_most or (setting.above is not None and value <= setting.above):
        raise ValueError(f"{shown(value)} is out of range: {setting.bounds}")


def _is_finite(value: float) -> bool:
    try:
        return math.isfinite(value)
    except OverflowError:  # a whole number that no float can hold
        return False


def _whole(setting: Setting, value: Any) -> None:
    if isinstance(value, bool) or not isinstance(value, int):
        raise ValueError(f"{shown(value)} is no whole number")
    if value < setting.at_least:
        raise ValueError(f"{shown(value)} is below {_figure(setting.at_least)}")
    if value > setting.at_most:
        raise ValueError(f"{shown(value)} is above {_figure(setting.at_most)}")


def _choice(setting: Setting, value: object) -> None:
    if value not in setting.choices:
        raise ValueError(f"{shown(value)} is not one of {', '.join(setting.choices)}")


def _name(setting: Setting, value: object) -> None:
    if not isinstance(value, str) or not value.strip():
        raise ValueError(f"{shown(value)} is no name")
    if "\0" in value:
        raise ValueError(f"{shown(value)} holds a NUL")


def _object(setting: Setting, value: object) -> None:
    if isinstance(value, str):
        raise ValueError("is text: give a class or an object here, and source text as code")
    if not callable(getattr(value, "should_trade", None)):
        raise ValueError(f"{shown(value)} has no method should_trade")


def _symbol_list(setting: Setting, value: object) -> None:
    if isinstance(value, str) or not isinstance(value, Sequence):
        raise ValueError(f'{shown(value)} is no list of symbols such as ["BTC", "ETH"]')
    if not value:
        raise ValueError("names no symbol")
    for symbol in value:
        _name(setting, symbol)
    _refuse_twice(value)


def _pools(setting: Setting, value: object) -> None:
    if isinstance(value, str) or not isinstance(value, Sequence):
        raise ValueError("is no list of pool ids")
    for pool_id in value:
        if isinstance(pool_id, bool) or not isinstance(pool_id, int):
            raise ValueError(f"{shown(pool_id)} is no pool id: ids are whole numbers")
    _refuse_twice(value)


def _refuse_twice(values: Sequence[Any]) -> None:
    twice = sorted(each for each, count in Counter(values).items() if count > 1)
    if twice:
        raise ValueError(f"names {', '.join(map(str, twice))} twice")


def _table(setting: Setting, value: object) -> None:
    if not isinstance(value, Mapping):
        raise ValueError(f"{shown(value)} is no table of parameters")
    if nests_deeper(value, _MOST_DEPTH):
        raise ValueError(f"is nested more than {_MOST_DEPTH} levels deep")


def _several(setting: Setting, value: object) -> None:
    if isinstance(value, str) or not isinstance(value, Sequence):
        raise ValueError(f"{shown(value)} is no list of {', '.join(setting.choices)}")
    for each in value:
        _choice(setting, each)
    _refuse_twice(value)


def _hours(setting: Setting, value: object) -> None:
    if isinstance(value, str) or not isinstance(value, Sequence) or len(value) not in (0, 24):
        raise ValueError(f"{shown(value)} is no list of 24 latencies in ms, one for each hour of the UTC day")
    for each in value:
        _whole(setting, each)


def _of_type(kind: type, problem: str) -> Callable[[Setting, object], None]:
    """Return the check that a value is of one type; `problem` says of `{value}` what is wrong otherwise."""

    def check(setting: Setting, value: object) -> None:
        if not isinstance(value, kind):
            raise ValueError(problem.format(value=shown(value)))

    return check


_CHECKS: dict[str, Callable[[Setting, Any], object]] = {
    "number": _number,
    "whole": _whole,
    "flag": _of_type(bool, "{value} is neither true nor false"),
    "choice": _choice,
    "exchange name": _name,
    "program": _of_type(str, "is no source text"),
    "object": _object,
    "table": _table,
    "time": lambda _, value: instant_ms(value),
    "interval": lambda _, value: interval_ms(value),
    "symbol list": _symbol_list,
    "pools": _pools,
    "hours": _hours,
    "several": _several,
    "faults": lambda _, value: checked_faults(value),
}
