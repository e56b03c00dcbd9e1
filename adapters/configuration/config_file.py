"""Configurations in TOML files: the keys are the fields of `BacktestConfig`, the program stands in a file beside."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from engine import BacktestConfig, ConfigurationError
from engine.config import SETTINGS
from engine.errors import Problem
from engine.plain_values import printable, shown
from engine.program.language import LIVE_FORGETS, NO_INIT
from engine.settings import NO_VALUE

from .text_files import read_text, read_toml, toml_values

_PARAMS = "params"
_LONGEST_SHOWN = 200


@dataclass(frozen=True)
class ConfigFile:
    """A configuration that can be run, and what it was read from: `program` is the file with the source text (the
    TOML file itself when it stands there as `code`), which nobody has looked at yet.
    """

    path: Path
    config: BacktestConfig
    program: Path

    def remarks(self, found: Iterable[Problem]) -> list[str]:
        """Return what a user should know of what was found in the source text. Raises `ConfigurationError` with every
        error, each naming the file.
        """
        problems = [each for each in found if each.hint != LIVE_FORGETS or self._keeps_unasked]
        errors = [f"{self.program}: {each}" for each in problems if each.severity == "error"]
        if errors:
            raise ConfigurationError(errors)
        others = [f"{self.program}: {each}" for each in problems if each.message != NO_INIT]
        unused = [f"{self.program}: {each}, so params are not used" for each in problems if each.message == NO_INIT]
        return [*others, *unused] if self.config.params else others

    @property
    def _keeps_unasked(self) -> bool:
        """Whether one object lives for the whole run, and nobody has said that it should."""
        return self.config.strategy_lifetime == "run" and not self.config.gives("strategy_lifetime")


def read_config_file(path: str | Path, overrides: Sequence[str] = ()) -> ConfigFile:
    """Read a TOML file and return its configuration; its `strategy` names a file relative to the TOML.

    `overrides` are ``key=value`` texts that come after the file (``params.key=value`` for a single parameter); values
    are read as TOML and, where they are none, taken as text. Raises `ConfigurationError` with every problem at once,
    each naming the file or the override it is in. The program's text is read and not looked at: whoever runs it does.
    """
    draft = _Draft(Path(path))
    for text in overrides:
        draft.override(text)
    draft.take_program()
    config = draft.config()
    if draft.problems or config is None:
        raise ConfigurationError(draft.problems)
    return ConfigFile(draft.path, config, draft.program)


def parse_value(text: str) -> Any:
    """Return the value of a TOML expression, or the text itself when it is none; `ValueError` as of `toml_values`."""
    try:
        parsed = toml_values(f"value = {text}")
    except tomllib.TOMLDecodeError:
        return text
    return parsed["value"] if len(parsed) == 1 else text


def parse_field(name: str, text: str) -> Any:
    """Return what a text says of a field: its value, see `parse_value`, or None for the word none, where the field
    need not have one.
    """
    if text.strip() == NO_VALUE and name in SETTINGS and SETTINGS[name].takes_none:
        return None
    return parse_value(text)


def _parse_override(text: str) -> tuple[str, str, Any]:
    """Return of ``key=value`` the field, the name of a parameter (empty: none), and the value."""
    key, equals, value = text.partition("=")
    field, dot, name = (part.strip() for part in key.partition("."))
    if not equals or not field:
        raise ValueError("is not of the form key=value")
    if dot and (field != _PARAMS or not name):
        raise ValueError("only params has keys of its own, as in params.NAME=VALUE")
    return field, name, parse_value(value) if name else parse_field(field, value)


class _Draft:
    """A configuration in the making: its values, where each came from, and what is wrong so far."""

    def __init__(self, path: Path) -> None:
        self.path = self.program = path
        self.values = read_toml(path)
        self.sources: dict[str, str] = {}
        self.problems: list[str] = []

    def add_problem(self, field: str, problem: str) -> None:
        """Add a problem under the place where the field was set."""
        self.problems.append(f"{self.sources.get(field, self.path)}: {field}: {problem}")

    def override(self, text: str) -> None:
        """Put ``key=value`` in the place of what the file says."""
        source = f"--set {printable(text, _LONGEST_SHOWN)}"
        try:
            self._put(*_parse_override(text), source)
        except ValueError as error:
            self.problems.append(f"{source}: {error}")

    def _put(self, field: str, name: str, value: Any, source: str) -> None:
        if not name:
            self.values[field], self.sources[field] = value, source
        elif isinstance(self.values.setdefault(_PARAMS, {}), dict):
            self.values[_PARAMS] = {**self.values[_PARAMS], name: value}

    def take_program(self) -> None:
        """Replace `strategy`, the name of a file, by `code`, its text, and add what is wrong with that."""
        name = self.values.pop("strategy", None)
        if name is None:
            if "code" not in self.values:
                self.add_problem("strategy", "is required: the name of the program's file")
        elif "code" in self.values:
            self.add_problem("strategy", "give either strategy (a file) or code (source text), and only one")
        elif not isinstance(name, str) or not name.strip():
            self.add_problem("strategy", f"{shown(name)} is no name of a file")
        else:
            self.program = self.path.parent / name
            try:
                self.values["code"] = read_text(self.program)
            except ValueError as error:
                self.add_problem("strategy", f"{self.program} {error}")

    def config(self) -> BacktestConfig | None:
        """Return the configuration, or None after adding what is wrong with it."""
        try:
            return BacktestConfig.from_dict({"code": "", **self.values})  # a missing program is a known problem
        except ConfigurationError as error:
            for problem in error.problems:
                field, _, what = problem.partition(": ")
                self.add_problem(field, what)
        return None
