"""Whether what varies is there at all: fields of a configuration, and what programs ask their parameters for."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Iterable, Sequence

from engine import ConfigurationError
from engine.config import SETTINGS
from engine.near_names import near

from .study_parameters import Parameter

#: Quoted text that can be a name: the source is searched for it and never parsed, for it may be anybody's. It is found
#: at every quote, so that none of an earlier comment hides it.
_QUOTED = re.compile(r"""(?=(["'])([^"'\\\n]{1,100})\1)""")


def quoted_names(text: str) -> set[str]:
    """Return what stands in quotes in the source text of a program."""
    return {match[2] for match in _QUOTED.finditer(text)}


def require_known(parameters: Sequence[Parameter], given: Collection[str], sources: Iterable[str] | None) -> None:
    """Raise `ConfigurationError` for parameters that vary nothing: `given` are the parameters of the configuration,
    `sources` the source texts of the programs, None where these cannot be read.

    A parameter of a program is known if it is given or stands in quotes in one of the texts.
    """
    problems = [
        f"{name}: is there twice" for name, count in Counter(each.name for each in parameters).items() if count > 1
    ]
    known = None if sources is None else {*given}.union(*map(quoted_names, sources))
    for each in parameters:
        if each.is_field:
            problems += _problems_of_field(each)
        elif known is not None and each.name not in known:
            problems.append(_unknown(each.name, given, known))
    if problems:
        raise ConfigurationError(problems)


def _problems_of_field(parameter: Parameter) -> list[str]:
    if parameter.name == "code":
        return ["code: programs vary as files: strategy=a.py,b.py"]
    if parameter.name == "strategy":
        return []  # its values are looked up where the programs are read
    ends = (parameter.low, parameter.high) if parameter.values is None else parameter.values
    problems = []
    for value in ends:
        try:
            SETTINGS[parameter.name].check(value)
        except ValueError as error:
            problems.append(f"{parameter.name}: {error}")
    return [*dict.fromkeys(problems)]


def _unknown(name: str, given: Collection[str], known: Collection[str]) -> str:
    if name in SETTINGS:
        return f"{name}: is a field of the configuration and no parameter of the program: it varies by --vary (vary=)"
    meant = near(name, known)
    there = f"; params has {', '.join(sorted(given))}" if given and not meant else ""
    hint = f"; {meant}" if meant else f"{there}; one that the program finds otherwise must stand in params"
    return f"{name}: the program asks for no such parameter{hint}"
