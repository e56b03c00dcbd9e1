"""The shapes of answers about programs and configurations that are checked."""

from __future__ import annotations

from pydantic import BaseModel

from ..safety import OneProblem


class Validation(BaseModel):
    """What is wrong with a program; warnings do not forbid running it."""

    valid: bool
    problems: list[OneProblem]


class ConfigurationCheck(Validation):
    """What is wrong with a configuration, and the same as TOML for ``perpsim run``."""

    toml: str | None
