"""What a program, a trigger source or a process holds: attributes, variables of closures, globals that it names."""

from __future__ import annotations

import sys
import sysconfig
from collections.abc import Callable, Iterable, Iterator
from functools import cached_property, lru_cache, partial, partialmethod
from types import CodeType, FunctionType, MethodType, ModuleType
from typing import Any, NamedTuple

#: Nothing is looked for in objects of these packages: they hold what is everybody's.
_OWN = frozenset(("engine", "processes", "adapters", "perpsim"))
_MOST_LOOKED_AT = 20_000
#: A longer list holds values, not objects.
_MOST_LISTED = 1_000


#: What keeps what calls came to.
CallCache = type(lru_cache(len))
_WRAPPERS = (CallCache, cached_property, partialmethod)


class Held(NamedTuple):
    """A value, what it is called in messages, and what puts another in its place (None: nothing can)."""

    name: str
    value: Any
    put: Callable[[Any], None] | None


def held_things(roots: Iterable[object]) -> Iterator[Held]:
    """Yield every place that can be reached from roots, with what is in it; what stands in several places is looked
    into once, nothing is called, and no library is looked into.
    """
    seen: set[int] = set()
    waiting = [Held(_label(root), root, None) for root in roots if root is not None]
    while waiting and len(seen) < _MOST_LOOKED_AT:
        held = waiting.pop()
        yield held
        if id(held.value) not in seen:
            seen.add(id(held.value))
            waiting.extend(_inside(held))


def _label(thing: object) -> str:
    """Return what a class, a function, or the class of anything else is called, without the function around it."""
    name = getattr(thing, "__qualname__", None) or type(thing).__qualname__
    return str(name).rpartition("<locals>.")[2]


def _inside(held: Held) -> Iterator[Held]:
    """Yield what a value holds, by what it is."""
    thing = held.value
    for kinds, inside in _INSIDE:
        if isinstance(thing, kinds):
            yield from inside(held.name, thing)
            return
    if not _is_of_library(type(thing).__module__):
        yield from _of_object(thing)


def _of_method(name: str, method: MethodType) -> Iterator[Held]:
    yield Held(name, method.__func__, None)
    yield Held(_label(method.__self__), method.__self__, None)


def _of_partial(name: str, call: partial[Any]) -> Iterator[Held]:
    yield from (Held(name, each, None) for each in (call.func, *call.args, *call.keywords.values()))


def _of_dict(name: str, things: dict[Any, Any]) -> Iterator[Held]:
    yield from (Held(f"{name}[{key!r}]", each, partial(things.__setitem__, key)) for key, each in things.items())


def _of_list(name: str, things: list[Any]) -> Iterator[Held]:
    if len(things) <= _MOST_LISTED:
        yield from (Held(f"{name}[{n}]", each, partial(things.__setitem__, n)) for n, each in enumerate(things))


def _of_others(name: str, things: Iterable[Any]) -> Iterator[Held]:
    yield from (Held(name, each, None) for each in things)


def _of_wrapped(name: str, method: staticmethod[..., Any] | classmethod[Any, ..., Any]) -> Iterator[Held]:
    yield Held(name, method.__func__, None)


def _of_wrapper(name: str, thing: Any) -> Iterator[Held]:
    """Yield what a cache of calls, or what is called for an attribute or for a method, stands around."""
    inner = getattr(thing, "__wrapped__", None) or getattr(thing, "func", None)
    if inner is not None:
        yield Held(name, inner, None)


def _of_property(name: str, made: property) -> Iterator[Held]:
    yield from (Held(name, each, None) for each in (made.fget, made.fset) if each is not None)


def _of_object(thing: object) -> Iterator[Held]:
    kind = type(thing)
    names = dict.fromkeys((*getattr(thing, "__dict__", ()), *_slots(kind)))
    for name in names:
        if hasattr(thing, name):
            yield Held(f"{name} of {_label(kind)}", getattr(thing, name), partial(object.__setattr__, thing, name))
    yield Held(_label(kind), kind, None)


def _slots(kind: type) -> Iterator[str]:
    for base in kind.__mro__:
        slots = vars(base).get("__slots__", ())
        yield from (slots,) if isinstance(slots, str) else slots


def _of_class(name: str, kind: type) -> Iterator[Held]:
    if _is_of_library(kind.__module__):
        return
    for attribute, value in vars(kind).items():
        if attribute not in ("__dict__", "__weakref__", "__doc__"):
            yield Held(f"{attribute} of {_label(kind)}", value, partial(setattr, kind, attribute))
    yield from (Held(_label(base), base, None) for base in kind.__bases__)


def _of_function(label: str, function: FunctionType) -> Iterator[Held]:
    if _is_of_library(function.__module__):
        return
    name, keywords = _label(function), function.__kwdefaults__ or {}
    yield from _of_variables(name, function)
    yield from _of_others(f"a default of {name}", function.__defaults__ or ())
    yield from (Held(f"{key} of {name}", each, partial(keywords.__setitem__, key)) for key, each in keywords.items())
    yield from _of_globals(function)


def _of_variables(name: str, function: FunctionType) -> Iterator[Held]:
    """Yield what a function wraps, and the variables of the functions around it."""
    inner = getattr(function, "__wrapped__", None)
    if inner is not None:
        yield Held(name, inner, None)
    for variable, cell in zip(function.__code__.co_freevars, function.__closure__ or (), strict=True):
        try:
            yield Held(f"variable {variable} of {name}", cell.cell_contents, partial(setattr, cell, "cell_contents"))
        except ValueError:
            continue  # nothing is in it yet


def _of_globals(function: FunctionType) -> Iterator[Held]:
    """Yield the globals that a function names, and what it names of modules of the user's."""
    named, known = set(_names(function.__code__)), function.__globals__
    for variable in sorted(named & known.keys()):
        value = known[variable]
        yield Held(f"global {variable}", value, partial(known.__setitem__, variable))
        if isinstance(value, ModuleType) and not _is_of_library(value.__name__):
            for each in sorted(named & vars(value).keys()):
                yield Held(f"{variable}.{each}", vars(value)[each], partial(setattr, value, each))


def _of_nothing(name: str, thing: object) -> Iterator[Held]:
    yield from ()


def _names(code: CodeType) -> Iterator[str]:
    """Yield the names that a function uses, and the functions inside of it."""
    yield from code.co_names
    for each in code.co_consts:
        if isinstance(each, CodeType):
            yield from _names(each)


_LIBRARIES = tuple({sysconfig.get_path(name) for name in ("stdlib", "platstdlib", "purelib", "platlib")})


def _is_of_library(name: str | None) -> bool:
    """Tell whether a module is of Python, of an installed library or of this project."""
    root = (name or "builtins").partition(".")[0]
    if root in _OWN or (root in sys.stdlib_module_names and root != "__main__"):
        return True
    place = getattr(sys.modules.get(root), "__file__", None)
    return root != "__main__" and place is not None and place.startswith(_LIBRARIES)


#: What may hold something, and what yields it; anything else is an object.
_INSIDE: tuple[tuple[Any, Callable[[str, Any], Iterator[Held]]], ...] = (
    (MethodType, _of_method),
    (partial, _of_partial),
    (FunctionType, _of_function),
    (dict, _of_dict),
    (list, _of_list),
    ((tuple, set, frozenset), _of_others),
    (type, _of_class),
    ((staticmethod, classmethod), _of_wrapped),
    (property, _of_property),
    (_WRAPPERS, _of_wrapper),
    (ModuleType, _of_nothing),
)
