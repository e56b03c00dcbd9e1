"""The shapes of answers about programs and configurations that are checked."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel, Field

from ...readiness import UsableRange
from ..safety import OneProblem


class Validation(BaseModel):
    """What is wrong with a program; warnings do not forbid running it."""

    valid: bool
    problems: list[OneProblem]


class ConfigurationCheck(Validation):
    """What is wrong with a configuration, with what is stored for it, and the same as TOML for ``perpsim run``."""

    toml: str | None
    range: UsableRange | None = Field(description="what can be run of its symbols; null where nothing can")


class ReadConfiguration(BaseModel):
    """What the text of a configuration file says, and what of it could not be taken."""

    values: dict[str, Any]
    problems: list[OneProblem]


class ProgramWord(BaseModel):
    """One name that a program may say."""

    owner: str = Field(description="data, Decision, ActionType, or empty for what stands alone")
    name: str
    kind: str = Field(description="method, property, keyword, member or name")
    signature: str
    text: str = Field(description="what it means")


class ProgramWords(BaseModel):
    """The names that a program may say, and the texts that parameters of certain names take."""

    words: list[ProgramWord]
    values: dict[str, list[str]]
