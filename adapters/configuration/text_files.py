"""Text files of users, TOML among them, read with a sentence for what is wrong with one."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

from engine import ConfigurationError


def read_text(path: Path) -> str:
    """Return the text of a UTF-8 file; `ValueError` says what is wrong with it, but not which file it is."""
    try:
        return path.read_text("utf-8-sig")
    except OSError as error:
        raise ValueError(f"cannot be read: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise ValueError(f"is no UTF-8 text (byte {error.start + 1})") from error


def read_toml(path: Path) -> dict[str, Any]:
    """Return what a TOML file holds; `ConfigurationError` names the file and what is wrong with it."""
    try:
        return tomllib.loads(read_text(path))
    except tomllib.TOMLDecodeError as error:
        raise ConfigurationError([f"{path}: is no TOML: {error}"]) from error
    except ValueError as error:
        raise ConfigurationError([f"{path}: {error}"]) from error
