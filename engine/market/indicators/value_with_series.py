"""The answer for an indicator of one value, whose series is made when it is looked at."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, SupportsIndex


def _on_both_keys(method: Callable[..., Any]) -> Any:
    """Return a method of dictionaries that makes the series before it looks."""

    def completed(self: ValueWithSeries, *arguments: Any) -> Any:
        self._complete()
        return method(self, *arguments)

    return completed


class ValueWithSeries(dict[str, Any]):
    """``{"value": float, "series": [...]}`` whose series, aligned with the klines, is a list made when first read.

    Reading ``value``, ``get`` and truth cost nothing more than in a plain dictionary. Whatever looks at all of it
    (iteration, equality, ``json.dumps``, ``dict(...)``, copies, pickles) sees both keys; copies are plain dictionaries.
    The last element of the series is the value itself.
    """

    __slots__ = ("_arguments", "_build")

    _build: Callable[..., list[float]] | None
    _arguments: tuple[Any, ...]

    @property
    def _pending(self) -> bool:
        return self._build is not None and not super().__contains__("series")

    def _complete(self) -> ValueWithSeries:
        """Make the series unless it is there or has been replaced, and return self."""
        build, self._build = self._build, None
        if build is not None and not super().__contains__("series"):
            series = build(*self._arguments)
            series[-1] = super().__getitem__("value")
            super().__setitem__("series", series)
        return self

    def __missing__(self, key: object) -> Any:
        if key == "series" and self._pending:
            return self._complete()["series"]
        raise KeyError(key)

    def get(self, key: str, default: Any = None) -> Any:
        """Return the value of `key`, or `default`."""
        try:
            return self[key]
        except KeyError:
            return default

    def __contains__(self, key: object) -> bool:
        return super().__contains__(key) or (key == "series" and self._pending)

    def __len__(self) -> int:
        return super().__len__() + self._pending

    __iter__: Any = _on_both_keys(dict.__iter__)
    __reversed__: Any = _on_both_keys(dict.__reversed__)
    __delitem__: Any = _on_both_keys(dict.__delitem__)
    keys: Any = _on_both_keys(dict.keys)
    values: Any = _on_both_keys(dict.values)
    items: Any = _on_both_keys(dict.items)
    pop: Any = _on_both_keys(dict.pop)
    popitem: Any = _on_both_keys(dict.popitem)
    setdefault: Any = _on_both_keys(dict.setdefault)
    copy: Any = _on_both_keys(dict.copy)
    __or__: Any = _on_both_keys(dict.__or__)
    __ror__: Any = _on_both_keys(dict.__ror__)
    __repr__: Any = _on_both_keys(dict.__repr__)

    def __eq__(self, other: object) -> bool:
        if isinstance(other, ValueWithSeries):
            other._complete()
        self._complete()
        return super().__eq__(other)

    def __ne__(self, other: object) -> bool:
        return not self == other

    def clear(self) -> None:
        """Remove both keys."""
        self._build = None
        super().clear()

    def __reduce_ex__(self, protocol: SupportsIndex) -> tuple[Any, ...]:
        return dict, (dict(self),)


def late_series(value: float, build: Callable[..., list[float]], arguments: tuple[Any, ...] = ()) -> ValueWithSeries:
    """Return ``{"value": float}`` as an answer whose series is what `build` makes of the arguments, at most once."""
    answer = ValueWithSeries()  # made for many a query: with what a constructor takes it is half as long again
    answer["value"] = value
    answer._build, answer._arguments = build, arguments
    return answer
