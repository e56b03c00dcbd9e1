"""The answer for an indicator of one value, whose series is made when it is looked at."""

from __future__ import annotations

from collections.abc import Callable, ItemsView, Iterator, KeysView, ValuesView
from typing import Any, SupportsIndex


class ValueWithSeries(dict[str, Any]):
    """``{"value": float, "series": [...]}`` whose series, aligned with the klines, is a list made when first read.

    Reading ``value``, ``get`` and truth cost nothing more than in a plain dictionary. Whatever looks at all of it
    (iteration, equality, ``json.dumps``, ``dict(...)``, copies, pickles) sees both keys; copies are plain dictionaries.
    The last element of the series is the value itself.
    """

    __slots__ = ("_build",)

    def __init__(self, value: float, build: Callable[[], list[float]]) -> None:
        super().__init__(value=value)
        self._build: Callable[[], list[float]] | None = build

    @property
    def _pending(self) -> bool:
        return self._build is not None and not super().__contains__("series")

    def _complete(self) -> ValueWithSeries:
        """Make the series unless it is there or has been replaced, and return self."""
        build, self._build = self._build, None
        if build is not None and not super().__contains__("series"):
            series = build()
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

    def __iter__(self) -> Iterator[str]:
        self._complete()
        return super().__iter__()

    def __reversed__(self) -> Iterator[str]:
        self._complete()
        return super().__reversed__()

    def keys(self) -> KeysView[str]:  # type: ignore[override]
        """Return a view of both keys."""
        self._complete()
        return super().keys()

    def values(self) -> ValuesView[Any]:  # type: ignore[override]
        """Return a view of value and series."""
        self._complete()
        return super().values()

    def items(self) -> ItemsView[str, Any]:  # type: ignore[override]
        """Return a view of both pairs."""
        self._complete()
        return super().items()

    def __eq__(self, other: object) -> bool:
        if isinstance(other, ValueWithSeries):
            other._complete()
        self._complete()
        return super().__eq__(other)

    def __ne__(self, other: object) -> bool:
        return not self == other

    __hash__ = None

    def __repr__(self) -> str:
        return repr(dict(self))

    def copy(self) -> dict[str, Any]:
        """Return a plain dictionary with both keys."""
        return dict(self)

    def __or__(self, other: Any) -> Any:
        return dict(self) | other

    def __ror__(self, other: Any) -> Any:
        return other | dict(self)

    def pop(self, key: str, *default: Any) -> Any:
        """Remove `key` and return its value."""
        self._complete()
        return super().pop(key, *default)

    def popitem(self) -> tuple[str, Any]:
        """Remove the last pair and return it."""
        self._complete()
        return super().popitem()

    def setdefault(self, key: str, default: Any = None) -> Any:
        """Return the value of `key`, set to `default` if there is none."""
        self._complete()
        return super().setdefault(key, default)

    def __delitem__(self, key: str) -> None:
        self._complete()
        super().__delitem__(key)

    def clear(self) -> None:
        """Remove both keys."""
        self._build = None
        super().clear()

    def __reduce_ex__(self, protocol: SupportsIndex) -> tuple[Any, ...]:
        return dict, (dict(self),)
