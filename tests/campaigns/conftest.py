"""What the campaigns have in common: a process that their commands are forks of, with a cache of its own."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.support.warm_commands import WarmCommands, warm_commands


@pytest.fixture(scope="session")
def warm(tmp_path_factory: pytest.TempPathFactory) -> Iterator[WarmCommands]:
    """A process from which commands start in milliseconds."""
    cache = tmp_path_factory.mktemp("cache-of-commands")
    fixed = {"PERPSIM_CACHE_DIR": cache, "MPLCONFIGDIR": cache, "PYTHONHASHSEED": 0}  # --trust starts nothing anew
    with warm_commands("env", *(f"{name}={value}" for name, value in fixed.items())) as started:
        yield started
