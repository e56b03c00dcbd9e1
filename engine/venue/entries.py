"""The entries of a rule book: what may stand in them, and the dated values that they hold."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from ..errors import ConfigurationError
from ..instants import instant_ms
from .dated import Dated

Entry = Mapping[str, Any]
Values = dict[str, list[Dated]]

#: The symbol of values that every symbol has, and that of what is assumed of symbols that are not in the book.
EVERY, UNKNOWN = "*", "default"
_ABOUT = {"valid_from", "seen", "looked_up", "source", "unchecked"}
_VENUE: Mapping[str, set[str]] = {
    "fees": {"tiers"},
    "funding": {"interval", "price"},
    "orders": {"trigger_price", "cancels_when_liquidated"},
    "liquidation": {"fee_percent", "partial_above_usd", "partial_share", "cooldown_seconds"},
}
_STEPS = {"price_step", "price_digits", "price_decimals", "size_step", "size_decimals", "decimals"}
_INSTRUMENT = _STEPS | {"min_notional", "liquidation_fee", "margin"}
_ONE_OF: Mapping[str, tuple[object, ...]] = {
    "price": ("mark", "oracle"),
    "trigger_price": ("last", "mark"),
    "cancels_when_liquidated": (True, False),
}


class _Fact(NamedTuple):
    owner: str
    name: str
    dated: Dated


def dated_values(venue: str, book: Mapping[str, Any]) -> tuple[dict[str, Values], dict[str, Values]]:
    """Return the values of the venue by section, and those of instruments by symbol; `ConfigurationError` says what
    cannot stand in a book.
    """
    problems: list[str] = []
    of_venue, of_symbols = list(_of_venue(book, problems)), list(_of_symbols(book, problems))
    if problems:
        raise ConfigurationError([f"{venue} rule book: {each}" for each in problems])
    return _by_owner(of_venue), _by_owner(of_symbols)


def _by_owner(facts: list[_Fact]) -> dict[str, Values]:
    found: dict[str, Values] = {}
    for fact in facts:
        found.setdefault(fact.owner, {}).setdefault(fact.name, []).append(fact.dated)
    return found


def _of_venue(book: Mapping[str, Any], problems: list[str]) -> Iterator[_Fact]:
    problems.extend(
        f"there is no section {name!r}; there are {', '.join([*_VENUE, 'listings', 'instruments'])}"
        for name in sorted(set(book) - {*_VENUE, "listings", "instruments"})
    )
    for section, names in _VENUE.items():
        for entry in book.get(section, ()):
            yield from _facts(section, entry, names, problems)


def _of_symbols(book: Mapping[str, Any], problems: list[str]) -> Iterator[_Fact]:
    for symbol, entries in book.get("instruments", {}).items():
        for entry in entries:
            yield from _facts(symbol, entry, _INSTRUMENT, problems)
    for entry in book.get("listings", ()):
        for fact in _facts("listings", entry, _INSTRUMENT, problems):
            if isinstance(fact.dated.value, Mapping):
                yield from _by_symbol(fact)
            else:
                problems.append(f"listings: {fact.name} is not given by symbol")


def _by_symbol(listed: _Fact) -> Iterator[_Fact]:
    for symbols, value in listed.dated.value.items():
        for symbol in symbols.split():
            yield _Fact(symbol, listed.name, listed.dated._replace(value=value))


def _facts(owner: str, entry: Entry, names: set[str], problems: list[str]) -> Iterator[_Fact]:
    """Give the values of one entry, unless there is something wrong with it."""
    found = [f"{owner}: {text}" for text in _faults(entry, names)]
    problems.extend(found)
    if not found:
        since = instant_ms(entry["valid_from"])
        seen = instant_ms(entry.get("seen", entry["valid_from"]))
        for name in sorted(names & set(entry)):
            yield _Fact(owner, name, Dated(since, seen, entry[name], name not in entry.get("unchecked", ())))


def _faults(entry: Entry, names: set[str]) -> Iterator[str]:
    yield from (f"an entry has no {name}" for name in ("valid_from", "source") if name not in entry)
    times = [name for name in ("valid_from", "seen") if name in entry]
    yield from (f"{name}: {fault}" for name in times for fault in _time_fault(entry[name]))
    for name in sorted(set(entry) - names - _ABOUT):
        yield f"there is no value {name!r}; there are {', '.join(sorted(names))}"
    for name in sorted(set(entry.get("unchecked", ())) - set(entry)):
        yield f"unchecked names {name!r}, which the entry does not have"
    for name, allowed in _ONE_OF.items():
        if name in names & set(entry) and entry[name] not in allowed:
            yield f"{name} is {entry[name]!r}, not one of {', '.join(map(str, allowed))}"


def _time_fault(text: Any) -> Iterator[str]:
    try:
        instant_ms(text)
    except ValueError as error:
        yield str(error)
