"""What strangers are told, without what is only this machine's: paths, sockets, users, the URL of its database."""

from __future__ import annotations

import re
import sys
from os.path import isabs
from pathlib import Path

from .hidden_secrets import without_secrets

#: What stands in the place of a path.
A_FILE = "(a file of the server)"
#: What folders stand at the root of a machine, whichever it is: a text is the same on all of them.
_ROOTS = "Users bin boot dev etc home lib lib64 mnt nix opt private proc root run sbin srv sys tmp usr var".split()
_INSTALLED = {str(Path(__file__).resolve().parents[2]), sys.prefix, sys.base_prefix, *filter(isabs, sys.path)} - {"/"}
_HERE = sorted(_INSTALLED, key=len, reverse=True)
_START = "|".join((*map(re.escape, _HERE), f"/(?:{'|'.join(_ROOTS)})(?=/)"))
#: What a path may consist of; in quotes it may have spaces in it, too.
_PART = r"[^\s'\"`,;:()<>|*?\x00-\x1f]"

_PATH = re.compile(rf"(?<=['\"])(?:{_START})[^'\"\n]*(?=['\"])|(?<![\w.:/])(?:{_START}){_PART}*")
#: The end of a line, which stands as an escape in what is shown on one line.
_END = r"(?:\n|\\n)"
_REST = rf"(?:(?!{_END}).)*"
_TRACED = re.compile(
    rf"(?:^|(?<=\n)|(?<=\\n))[ \t]*File \"(?!<program>)[^\"\n]*\", line \d+{_REST}"
    rf"(?:{_END}(?![ \t]*File \")[ \t]+{_REST})*{_END}?"
)
_DATABASE_URL = re.compile(
    r"\b(?:sqlite|postgres(?:ql)?|mysql|mariadb|file)(?:\+\w+)?:/{1,4}"
    r"(?:[^\n'\"]{0,300}?(?=: |; |, | (?:was|is|has|had|cannot|holds|lacks|does)\b|['\"\n]|$)|[^\s'\"`,;)]*)",
    re.IGNORECASE,
)
_WITH_USER = re.compile(r"\b[a-z][a-z0-9+.-]{0,20}://[^\s/@'\"]+@[^\s'\"`,;)]*", re.IGNORECASE)
_ADDRESS = re.compile(r"\b(?:server (?:at|on socket)|host) \"[^\"]*\"(?: \([^)]*\))?(?:,? port \d+)?")
_USER = re.compile(r"\b(role|user|database|tablespace) \"[^\"]*\"")


def cleaned(text: str) -> str:
    """Return the text of an error as a client may see it: no passwords, nor what `without_places` takes away."""
    return without_places(without_secrets(text)) if _may_tell(text) else text


def without_places(text: str) -> str:
    """Return a text without URLs of databases, sockets and users, and of a traceback only the lines of the program. In
    the place of a path stands that there is one.
    """
    if not _may_tell(text):
        return text
    text = _TRACED.sub("", text)
    text = _WITH_USER.sub("(an address)", _DATABASE_URL.sub("the database", text))
    text = _ADDRESS.sub("the server", text)
    text = _USER.sub(r"\1 (not told)", text)
    return _PATH.sub(A_FILE, text)


def _may_tell(text: str) -> bool:
    """Whether there is anything to look for: most texts are names and numbers."""
    return "/" in text or '"' in text or "=" in text or "@" in text
