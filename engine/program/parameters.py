"""Parameters: the configured ones as a program gets them, and which of them it has read."""

from __future__ import annotations

from _collections_abc import dict_items, dict_keys, dict_values
from collections.abc import Iterable, Iterator, Mapping
from difflib import get_close_matches
from typing import Any

from ..plain_values import printable

MOST_NAMES = 1_000
MOST_CHARACTERS = 300
MOST_NEAR = 3


class ParameterReads:
    """Notes which names a program reads of `given` parameters, those that are not given included.

    A program can invent any number of names: of those that are not given the first thousand are kept.
    """

    __slots__ = ("_given", "_names", "_news", "has_news")

    def __init__(self, given: Mapping[Any, Any]) -> None:
        self._given = {text for text in map(_text, given) if text is not None}
        self._names: dict[str, None] = {}
        self._news: list[str] = []
        #: Whether something was noted since `take_news` was last called: to be read, not set.
        self.has_news = False

    def note(self, name: object) -> None:
        """Note that a parameter was asked for."""
        text = _text(name)
        if text is None or text in self._names or (len(self._names) >= MOST_NAMES and text not in self._given):
            return
        self._names[text] = None
        self._news.append(text)
        self.has_news = True

    def note_all(self) -> None:
        """Note that all of them were looked at together, and so each."""
        for name in sorted(self._given - self._names.keys()):
            self.note(name)

    def take_news(self) -> list[str]:
        """Return the names that were noted since the last call, each once."""
        news, self._news, self.has_news = self._news, [], False
        return news

    def restore(self, names: Iterable[str]) -> None:
        """Note names that were read elsewhere."""
        for name in names:
            self.note(name)

    def warnings(self) -> Iterator[str]:
        """Yield a sentence for each given parameter that was not read, with the names like it that were."""
        for name in sorted(self._given - self._names.keys()):
            near = get_close_matches(name, self._names, MOST_NEAR)
            hint = f"; it reads {', '.join(map(repr, near))}" if near else ""
            yield f"params: {name!r} was never read by the program{hint}"


def _text(name: object) -> str | None:
    """Return a key as text; None for one that is neither text nor a number."""
    if type(name) is str:
        return printable(name, MOST_CHARACTERS)
    return repr(name) if type(name) in (int, float) else None


class Parameters(dict[Any, Any]):
    """The parameters of a program: a dict of its own, which notes in `reads` what is read of it.

    What walks over it, or copies it, reads all; showing or comparing it reads nothing.
    """

    __slots__ = ("_reads",)

    def __init__(self, values: Mapping[Any, Any], reads: ParameterReads) -> None:
        super().__init__(values)
        self._reads = reads

    def __reduce__(self) -> tuple[Any, ...]:
        return dict, (self.copy(),)

    def __getitem__(self, name: Any) -> Any:
        self._reads.note(name)
        return super().__getitem__(name)

    def get(self, name: Any, default: Any = None) -> Any:
        """Return the value of a parameter, or the default."""
        self._reads.note(name)
        return super().get(name, default)

    def pop(self, name: Any, *default: Any) -> Any:
        """Take a parameter out and return its value, or the default."""
        self._reads.note(name)
        return super().pop(name, *default)

    def setdefault(self, name: Any, default: Any = None) -> Any:
        """Return the value of a parameter; one that is not there gets the default."""
        self._reads.note(name)
        return super().setdefault(name, default)

    def __contains__(self, name: Any) -> bool:
        self._reads.note(name)
        return super().__contains__(name)

    def __iter__(self) -> Iterator[Any]:
        self._reads.note_all()
        return super().__iter__()

    def __reversed__(self) -> Iterator[Any]:
        self._reads.note_all()
        return super().__reversed__()

    def keys(self) -> dict_keys[Any, Any]:
        """Return the names."""
        self._reads.note_all()
        return super().keys()

    def values(self) -> dict_values[Any, Any]:
        """Return the values."""
        self._reads.note_all()
        return super().values()

    def items(self) -> dict_items[Any, Any]:
        """Return the names with their values."""
        self._reads.note_all()
        return super().items()

    def popitem(self) -> tuple[Any, Any]:
        """Take the last parameter out."""
        self._reads.note_all()
        return super().popitem()

    def copy(self) -> dict[Any, Any]:
        """Return a plain dict."""
        self._reads.note_all()
        return super().copy()

    def __or__(self, other: Any) -> Any:
        self._reads.note_all()
        return super().__or__(other)

    def __ror__(self, other: Any) -> Any:
        self._reads.note_all()
        return super().__ror__(other)
