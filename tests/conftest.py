"""Fixtures that several test files need."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]


@pytest.fixture(autouse=True)
def private_cache(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Keep every test away from the user's own cache and database, and from the other tests' cache."""
    directory = tmp_path_factory.mktemp("cache")
    monkeypatch.setenv("PERPSIM_CACHE_DIR", str(directory))
    monkeypatch.delenv("PERPSIM_DATABASE", raising=False)
    return directory


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder of shared reference material, beside the repository or where PERPSIM_SHARED says."""
    chosen = os.environ.get("PERPSIM_SHARED")
    directory = Path(chosen) if chosen else ROOT.parent / "shared"
    if not directory.is_dir():
        pytest.skip(f"the shared reference material is not in {directory}")
    return directory


@pytest.fixture(scope="session")
def shared_data(shared: Path) -> Path:
    """The folder of real market data."""
    directory = shared / "data"
    if not directory.is_dir():
        pytest.skip(f"the real market data is not in {directory}")
    return directory
