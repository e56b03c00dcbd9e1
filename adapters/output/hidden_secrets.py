"""Texts for people, without the passwords and tokens that stand in them."""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Iterator
from urllib.parse import unquote

_HIDDEN = "***"
_IN_URL = re.compile(
    r"(?P<user>//[^\s:/@]*:|(?<![\w.%+-])[\w.%+-]+:(?!/))(?P<secret>\S{0,500})@"
)  # of a mistyped one too
_IN_OPTION = re.compile(
    r"""(?P<name>\b(?:ssl)?pass(?:word|wd)\s*=\s*)(?P<secret>'[^']*'|"[^"]*"|[^\s&'"]+)""", re.IGNORECASE
)
#: Variables of the environment that hold a secret, or a URL that may.
_SECRETS, _URLS = ("PGPASSWORD", "PERPSIM_TOKEN"), ("PERPSIM_DATABASE",)
#: What is shorter is found in a URL only: by itself it would hide parts of every word.
_SHORTEST = 4


def without_secrets(text: str) -> str:
    """Return a text in which ``***`` stands for every password of a URL or of a connection's options, and for those of
    this command, of `PERPSIM_DATABASE`, `PGPASSWORD` and `PERPSIM_TOKEN`, wherever they stand.
    """
    text = _IN_URL.sub(rf"\g<user>{_HIDDEN}@", text)
    text = _IN_OPTION.sub(rf"\g<name>{_HIDDEN}", text)
    for secret in sorted(set(_known()), key=len, reverse=True):
        text = text.replace(secret, _HIDDEN)
    return text


def _known() -> Iterator[str]:
    yield from (value for name in _SECRETS if len(value := os.environ.get(name, "")) >= _SHORTEST)
    for url in (*sys.argv[1:], *(os.environ.get(name, "") for name in _URLS)):
        for pattern in (_IN_URL, _IN_OPTION):
            for found in pattern.finditer(url):
                secret = found["secret"].strip("'\"")
                yield from (each for each in (secret, unquote(secret)) if len(each) >= _SHORTEST)
