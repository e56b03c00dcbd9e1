"""The whole examination: each part by itself, so that one that cannot be looked at costs none of the others."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from .finding import Finding


def _installed() -> Iterator[Finding]:
    from .installed_libraries import look_at_libraries

    return look_at_libraries()


def _jail() -> Iterator[Finding]:
    from .jail_features import look_at_jail

    return look_at_jail()


def _database(url: str | None) -> Iterator[Finding]:
    from .named_database import look_at_database

    return look_at_database(url)


def _cache() -> Iterator[Finding]:
    from .column_store import look_at_cache

    return look_at_cache()


def _machine() -> Iterator[Finding]:
    from .machine import look_at_machine

    return look_at_machine()


def examine(database_url: str | None = None) -> Iterator[Finding]:
    """Look at Python, the libraries, the jail, a database, the cache and the machine, one after another.

    It imports nothing that may be missing before it looks at it: what needs a missing library is a finding.
    """
    parts: dict[str, Callable[[], Iterator[Finding]]] = {
        "libraries": _installed,
        "jail": _jail,
        "database": lambda: _database(database_url),
        "cache": _cache,
        "machine": _machine,
    }
    for group, part in parts.items():
        try:
            yield from part()
        except ImportError as error:
            yield Finding(
                group,
                "the rest of it",
                False,
                f"cannot be looked at: {error}",
                "what is said of it here",
                "install what is missing among the libraries, and look again",
            )
