"""A certificate of a file, made again and held against what the file says."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any, NamedTuple

from engine import BacktestConfig, DataError
from engine.plain_values import shown

from ..database import open_database
from ..trials import stored_job
from ..workers import ThisProcess, Workers
from . import determinism
from .certificate import Certificate
from .certificate_contents import SETTINGS_OF_RUNS, CertificateContents
from .certificate_making import make_certificate

_NEEDED = ("contents", "checks", "digest")
#: What each part of the contents is called.
_PARTS = {
    "versions": "version of",
    "data": "data of",
    "code": "code of",
    "configuration": "configuration",
    "head": "head of the journal",
}
#: And what else the whole of it says.
_WHOLE = {
    "digest": "digest of the result",
    "start_time": "start",
    "end_time": "end",
    "verdict": "verdict",
    "reason": "reason",
}


class Deviation(NamedTuple):
    """What is not as the file says: its name, what the file says, and what was found."""

    name: str
    said: Any
    found: Any

    @property
    def words(self) -> str:
        """The deviation in words."""
        return f"{self.name}: the file says {shown(self.said, 80)}, and it is {shown(self.found, 80)}"


@dataclass(frozen=True)
class CheckedCertificate:
    """The certificate that was made again, and all that is not as its file says, () where all is."""

    made: Certificate
    deviations: tuple[Deviation, ...]


def check_certificate(path: Path, database_url: str, workers: Workers, trust: bool = False) -> CheckedCertificate:
    """Run again what the certificate of a file says, on a database, with as many runs as it had.

    Raises `DataError` for a file that is no certificate, and for one of a program that is not in it: of a class.
    """
    told = read_certificate(path)
    contents = told["contents"]
    if contents["program"] is None:
        raise DataError(
            f"{path}: its program was a class or an object, which no file holds: give perpsim.certify the same, and "
            "compare .contents"
        )
    config = BacktestConfig.from_dict({**contents["fields"], "code": contents["program"]})
    job = stored_job(open_database(database_url, read_only=True), config, trust=trust)
    made = make_certificate(job, workers, title=told["title"], **contents["settings"])
    is_alone = isinstance(workers, ThisProcess)
    return CheckedCertificate(made, tuple(deviations(told, made.to_dict(), is_alone)))


def read_certificate(path: Path) -> dict[str, Any]:
    """Return what the file of a certificate says; `DataError` where it is none."""
    try:
        told = json.loads(path.read_bytes())
    except OSError as error:
        raise DataError(f"{path} cannot be read: {error.strerror or error}") from error
    except ValueError as error:
        raise DataError(f"{path} is no certificate: it is no JSON; perpsim certify --json FILE writes one") from error
    missing = [name for name in _NEEDED if not isinstance(told, dict) or not told.get(name)]
    if missing:
        raise DataError(f"{path} is no certificate: it has no {missing[0]}; perpsim certify --json FILE writes one")
    problem = _problem(told)
    if problem is not None:
        raise DataError(
            f"{path} is no certificate that can be checked: {problem}; perpsim certify --json FILE writes one"
        )
    found: dict[str, Any] = told
    return found


def _problem(told: Mapping[str, Any]) -> str | None:
    """Return what a file lacks of what is made again and held against it, or None."""
    contents, checks = told["contents"], told["checks"]
    if not isinstance(contents, dict) or not isinstance(checks, list):
        return "its contents are no table, or its checks no list"
    missing = [each.name for each in fields(CertificateContents) if each.name not in contents]
    if missing:
        return f"its contents have no {missing[0]}"
    if not isinstance(contents["fields"], dict) or not isinstance(contents["program"], str | None):
        return "its contents have no fields of a configuration, or no program that is a text"
    if not isinstance(contents["settings"], dict) or set(contents["settings"]) != set(SETTINGS_OF_RUNS):
        return f"its settings are not {', '.join(SETTINGS_OF_RUNS)}"
    whole = ("name", "title", "verdict")
    if not all(isinstance(each, dict) and all(name in each for name in whole) for each in checks):
        return "a check of it has no name, no title or no verdict"
    return None if isinstance(told.get("title"), str) else "it has no title"


def deviations(told: Mapping[str, Any], made: Mapping[str, Any], is_alone: bool = False) -> Iterator[Deviation]:
    """Yield what a certificate that was made again has otherwise than the file: contents first, then the checks.

    Who is alone, with one process, cannot show all that others can: what the file shows beyond that is no deviation.
    """
    for part, words in _PARTS.items():
        said, found = told["contents"][part], made["contents"][part]
        if isinstance(said, dict):
            names = [name for name in {**said, **found} if said.get(name) != found.get(name)]
            yield from (Deviation(f"{words} {name}", said.get(name), found.get(name)) for name in names)
        elif said != found:
            yield Deviation(words, said, found)
    for name, words in _WHOLE.items():
        if told.get(name) != made[name]:
            yield Deviation(words, told.get(name), made[name])
    checks = [{each["name"]: each for each in of["checks"]} for of in (told, made)]
    for name in dict.fromkeys([*checks[0], *checks[1]]):
        yield from _other_check(checks[0].get(name), checks[1].get(name), is_alone)


def _other_check(told: Mapping[str, Any] | None, made: Mapping[str, Any] | None, is_alone: bool) -> Iterator[Deviation]:
    """Yield what a check that was made again has otherwise than the file: of where a run comes to the same, which
    depends on who runs it, only the verdict.
    """
    check = told or made
    assert check is not None
    words = f"check {check['title']}"
    if told is None or made is None or told["verdict"] != made["verdict"]:
        yield Deviation(words, *("no such check" if each is None else each["verdict"] for each in (told, made)))
    elif check["name"] != determinism.NAME:
        if told.get("reason") != made["reason"]:
            yield Deviation(f"{words}, reason", told.get("reason"), made["reason"])
        if told.get("not_shown") != made["not_shown"] and not is_alone:
            yield Deviation(f"{words}, what is not shown", told.get("not_shown"), made["not_shown"])
