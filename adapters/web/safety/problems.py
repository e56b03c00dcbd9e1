"""What a request can be refused with: a status, a sentence, and every single problem."""

from __future__ import annotations

import logging
import traceback
from collections.abc import Mapping, Sequence
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from pydantic import BaseModel, Field
from starlette.exceptions import HTTPException

from engine import ConfigurationError, DataError, PerpsimError, ProgramError
from engine.errors import Problem

from ...output import cleaned, without_secrets
from ...report import NotStored

logger = logging.getLogger("perpsim.web")

#: So many problems of a request are told, and how many more there are.
MOST_TOLD = 50
_DATABASE = "the database"
#: So many characters are told of what was given.
_LONGEST_GIVEN = 80


class OneProblem(BaseModel):
    """One thing that is wrong, and where."""

    field: str | None = Field(description="the field, or null when it is none in particular")
    message: str
    line: int | None = Field(default=None, description="the line of the source text")
    column: int | None = Field(default=None, description="where it begins in that line, from 1")
    severity: str = "error"


class Refusal(BaseModel):
    """Why a request was refused."""

    message: str
    problems: list[OneProblem]


class Refused(Exception):
    """A request that is answered with `status`, a sentence and its problems."""

    def __init__(self, status: int, message: str, problems: Sequence[OneProblem] = ()) -> None:
        super().__init__(status, message, problems)
        self.status, self.message, self.problems = status, message, tuple(problems)

    def __str__(self) -> str:
        return self.message


def wrong_field(field: str, message: str) -> Refused:
    """Return the refusal of a request in which one field is wrong."""
    return Refused(422, f"{field}: {message}", [OneProblem(field=printable(field), message=message)])


def refusal(status: int, message: str, problems: Sequence[OneProblem] = ()) -> JSONResponse:
    """Return the answer to a request that is refused."""
    body = Refusal(message=printable(cleaned(message)), problems=told(problems)).model_dump()
    return JSONResponse(body, status, headers={"WWW-Authenticate": "Bearer"} if status == 401 else None)


def told(problems: Sequence[OneProblem]) -> list[OneProblem]:
    """Return the problems that an answer tells: the worst of them first where there are too many, and how many more
    there are.
    """
    first = sorted(problems, key=lambda each: each.severity != "error") if len(problems) > MOST_TOLD else problems
    first = [each.model_copy(update={"message": cleaned(each.message)}) for each in first[:MOST_TOLD]]
    if len(problems) <= MOST_TOLD:
        return first
    more = OneProblem(field=None, message=f"and {len(problems) - MOST_TOLD:,} more", severity=problems[0].severity)
    return [*first, more]


def printable(text: str) -> str:
    """Return a text that UTF-8 can carry, whatever a client has sent."""
    return text.encode("utf-8", "backslashreplace").decode()


def configuration_problems(error: ConfigurationError) -> list[OneProblem]:
    """Return the problems of a configuration, each with its field."""
    found = []
    for text in error.problems:
        name, colon, message = text.partition(": ")
        is_field = bool(colon) and name.isidentifier()
        found.append(OneProblem(field=name if is_field else None, message=printable(message if is_field else text)))
    return found


def program_problems(problems: Sequence[Problem]) -> list[OneProblem]:
    """Return the problems of a program, each with its line."""
    return [
        OneProblem(
            field="code",
            message=printable(_with_hint(each)),
            line=each.line,
            column=each.column,
            severity=each.severity,
        )
        for each in problems
    ]


def _with_hint(problem: Problem) -> str:
    return problem.message + (f" ({problem.hint})" if problem.hint else "")


def add_handlers(app: FastAPI) -> None:
    """Let every failure that perpsim explains end in a status and a sentence; `defect` answers the others."""
    for kind in (Refused, RequestValidationError, HTTPException, PerpsimError):
        app.add_exception_handler(kind, _answer)


async def _answer(request: Request, error: Exception) -> JSONResponse:
    match error:
        case Refused():
            return refusal(error.status, error.message, error.problems)
        case RequestValidationError():
            asked = _descriptions(request)
            found = [_invalid(each, asked) for each in error.errors()]
            return refusal(422, "; ".join(f"{each.field}: {each.message}" for each in found), found)
        case HTTPException():
            answer = refusal(error.status_code, str(error.detail))
            answer.headers.update(error.headers or {})
            return answer
        case PerpsimError():
            return _explained(error)
    raise error


def defect(request: str, error: Exception) -> JSONResponse:
    """Return the answer to a request that failed as perpsim cannot explain, and put the traceback into the log only."""
    logger.error("%s\n%s", request, without_secrets("".join(traceback.format_exception(error))))
    return refusal(500, "perpsim failed at this request; the server's log says how")


def _invalid(entry: dict[str, Any], descriptions: Mapping[str, str]) -> OneProblem:
    """Return a problem of a parameter; a pattern that it does not match is told in words, where it has any."""
    place = [str(part) for part in entry["loc"][1:]]
    message = str(entry["msg"])
    if entry["type"] == "string_pattern_mismatch" and place:
        wanted = descriptions.get(place[0])
        given = cleaned(str(entry["input"]))[:_LONGEST_GIVEN]
        message = (
            f"{given!r} is not what is wanted{f': {wanted}' if wanted else ', or has characters that it must not have'}"
        )
    return OneProblem(field=".".join(place) or None, message=printable(message))


def _descriptions(request: Request) -> dict[str, str]:
    """Return what is said of the parameters of a request, by their names."""
    found: dict[str, str] = {}
    asked = [request.scope["route"].dependant] if "route" in request.scope else []
    while asked:
        each = asked.pop()
        given = [*each.query_params, *each.path_params]
        found |= {param.alias: param.field_info.description for param in given if param.field_info.description}
        asked += each.dependencies
    return found


def _explained(error: PerpsimError) -> JSONResponse:
    if isinstance(error, ConfigurationError):
        return refusal(422, "the configuration has problems", configuration_problems(error))
    if isinstance(error, ProgramError):
        return refusal(422, "the program has problems", program_problems(error.problems))
    if isinstance(error, NotStored):
        return refusal(404, str(error))
    if isinstance(error, DataError):
        told = cleaned(str(error))
        return refusal(503, told if told.startswith(_DATABASE) else f"{_DATABASE}: {told}")
    return refusal(422, str(error))
