"""The shapes of answers about kept programs; times are epoch ms."""

from __future__ import annotations

from pydantic import BaseModel, Field


class ListedProgram(BaseModel):
    """A kept program in a list."""

    id: int
    name: str
    version: int = Field(description="the number of its newest version")
    versions: int = Field(description="how many versions are kept: the newest")
    language: str
    characters: int = Field(description="how long the newest version is")
    created_ms: int
    saved_ms: int


class KeptPrograms(BaseModel):
    """Some of the kept programs, by name."""

    total: int
    offset: int
    items: list[ListedProgram]


class ListedVersion(BaseModel):
    """One version without its text."""

    version: int
    language: str
    characters: int
    saved_ms: int


class KeptVersions(BaseModel):
    """Some of the kept versions of a program, newest first."""

    total: int
    offset: int
    items: list[ListedVersion]


class KeptSource(BaseModel):
    """One version with its text."""

    id: int
    name: str
    version: int
    newest: int = Field(description="the number of the newest version")
    language: str
    code: str
    saved_ms: int


class Kept(BaseModel):
    """The program that a request has changed."""

    id: int
