"""What a failure of PostgreSQL means and what to do about it, in one line."""

from __future__ import annotations

import psycopg2

_BY_CODE = {
    "22003": "a value is too large for its column",
    "25006": "cannot be written: this connection or server is read-only",
    "28000": "the server does not let this user in; check the user in the URL and the server's pg_hba.conf",
    "28P01": "the password is wrong; check the URL or PGPASSWORD",
    "3D000": "there is no such database on this server; make it with createdb, then run perpsim database create",
    "40P01": "another program wrote the same rows at the same time and nothing was written; try again",
    "42P10": "the table lacks the UNIQUE constraint that its rows are told apart by, so it can be read but not written",
    "53100": "no space is left on the disk of the server",
    "53300": "the server has no connection left; try again when another program has closed one",
    "57014": "the server cancelled the work because of a time limit of its own (statement_timeout)",
}
_GONE = "the server went away in the middle; nothing was written; try again when it is back"
_BY_CODE |= dict.fromkeys(("57P01", "57P02", "57P03", "25P03", "08000", "08003", "08006"), _GONE)

#: What only a text tells: failures to connect carry no code.
_BY_TEXT = {
    "password authentication failed": _BY_CODE["28P01"],
    "no password supplied": "the server wants a password; put it into the URL or into PGPASSWORD",
    "no pg_hba.conf entry": _BY_CODE["28000"],
    "too many clients": _BY_CODE["53300"],
    "remaining connection slots": _BY_CODE["53300"],
    "starting up": "the server is starting; try again in a moment",
}
_GONE_TEXTS = (
    "server closed the connection|terminating connection|SSL SYSCALL|connection already closed"
    "|could not receive data|could not send data"
)
_BY_TEXT |= dict.fromkeys(_GONE_TEXTS.split("|"), _GONE)
_NO_SERVER = "no PostgreSQL server answers there; check host and port, and that the server is running"
_NO_SERVER_TEXTS = (
    "Connection refused|No such file or directory|could not translate host name|timeout expired|timed out"
    "|No route to host|Network is unreachable"
)
_BY_TEXT |= dict.fromkeys(_NO_SERVER_TEXTS.split("|"), _NO_SERVER)


def reason(error: BaseException, password: str | None) -> str:
    """Return why something failed and what to do, in one line that does not show the password."""
    code = getattr(error, "pgcode", None)
    if code in _BY_CODE:
        return _BY_CODE[code]
    message = str(error)
    for part, meaning in _BY_TEXT.items():
        if part in message:
            return meaning
    if 'database "' in message and "does not exist" in message:
        return _BY_CODE["3D000"]
    if isinstance(error, psycopg2.InterfaceError):
        return _GONE
    first = (message.replace(password, "***") if password else message).strip().partition("\n")[0]
    return first.removeprefix("FATAL:").strip() or type(error).__name__
