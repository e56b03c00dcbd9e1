"""What people give as a program: a class, an object, source text, or the file that holds it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from engine import ConfigurationError
from engine.plain_values import shown

from ..configuration import read_text

_ENDING = ".py"


def program_fields(strategy: Any) -> dict[str, Any]:
    """Return the field of a configuration that a program stands in: `strategy` for a class or an object, `code` for
    source text and for a file that ends in .py.

    A text with more than one line is source text, one line is the name of a file. Raises `ConfigurationError` for a
    file that cannot be read.
    """
    if isinstance(strategy, Path) or (isinstance(strategy, str) and "\n" not in strategy.strip()):
        return {"code": _text_of(Path(strategy))}
    return {"code": strategy} if isinstance(strategy, str) else {"strategy": strategy}


def _text_of(path: Path) -> str:
    if path.suffix != _ENDING:
        raise ConfigurationError(
            [
                f"strategy: {shown(str(path))} is no file of a program, whose name ends in .py; a text in one line is "
                "taken as the name of a file, one in several lines as source text"
            ]
        )
    try:
        return read_text(path)
    except ValueError as error:
        raise ConfigurationError([f"strategy: {path} {error}"]) from None
