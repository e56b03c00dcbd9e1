"""The fields of a configuration as texts: a list for a terminal, and tables for the documents."""

from __future__ import annotations

import re

from engine.config import SETTINGS, grouped_settings
from engine.settings import NO_VALUE, Setting

_NAME = re.compile(r"\b[a-z]+(?:_[a-z]+)+\b")


def field_list() -> str:
    """Return a line for each field, by group: its name, its default and what it is called."""
    names, defaults = (max(map(len, column)) for column in zip(*map(_start, SETTINGS.values()), strict=True))
    parts = []
    for group, settings in grouped_settings().items():
        lines = [f"  {each.name:{names}}  {_start(each)[1]:{defaults}}  {each.label}" for each in settings]
        parts.append("\n".join([group.title, *lines]))
    return "\n\n".join(parts)


def _start(setting: Setting) -> tuple[str, str]:
    return setting.name, NO_VALUE if setting.is_optional else setting.default_text


def fields_markdown() -> str:
    """Return the tables of the documents: every field with its default and its meaning, by group."""
    tables = []
    for group, settings in grouped_settings().items():
        tables.append("\n".join([f"| {group.title} | Default | |", "|---|---|---|", *map(_row, settings)]))
    return "\n\n".join(tables)


def _row(setting: Setting) -> str:
    default = setting.default_text
    if not setting.is_required and not setting.is_optional:
        default = f"`{default}`"
    choices = zip(setting.choices, setting.meanings, strict=bool(setting.meanings))
    about = "; ".join([setting.about, *(f'`"{choice}"`: {meaning}' for choice, meaning in choices)])
    return f"| `{setting.name}` | {_marked(default)} | {_marked(about)} |"


def _marked(text: str) -> str:
    """Return a text in which the names of fields are set as code."""
    return _NAME.sub(lambda found: f"`{found[0]}`" if found[0] in SETTINGS else found[0], text)
