"""Requests about programs and configurations that are being written."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from fastapi import APIRouter
from fastapi.responses import JSONResponse, Response
from starlette.concurrency import run_in_threadpool

from engine import ConfigurationError
from engine.config import SETTINGS

from ...configuration import config_toml, values_of_toml
from ...database import Database
from ...readiness import MOST_SYMBOLS, Finding, UsableRange, readiness, usable_range
from ..forms import language_of, program_words, with_served_defaults
from ..safety import (
    LONGEST_CODE,
    LONGEST_FILE,
    OneProblem,
    Refused,
    configuration_problems,
    printable,
    told,
    wrong_field,
)
from ..services import ServicesOf
from ..shapes import ConfigurationCheck, ProgramWords, ReadConfiguration, Validation
from .backtest_routes import checked_configuration
from .requests import Body, body, field_schema, refusals

router = APIRouter(prefix="/api", tags=["programs"])

_TOML: dict[str, Any] = {
    "title": "ConfigurationText",
    "type": "object",
    "properties": {
        "toml": {"type": "string", "maxLength": LONGEST_FILE, "description": "the text of a configuration file"}
    },
    "required": ["toml"],
    "additionalProperties": False,
}
_PROGRAM: dict[str, Any] = {
    "title": "Program",
    "type": "object",
    "properties": {
        "code": {"type": "string", "maxLength": LONGEST_CODE, "description": "source text"},
        "language": field_schema("language"),
    },
    "required": ["code"],
    "additionalProperties": False,
}


@router.post(
    "/programs/validate",
    response_model=Validation,
    openapi_extra=body(_PROGRAM),
    responses=refusals(400, 413, 415, 429),
)
async def validate(services: ServicesOf, values: Body) -> Response:
    """Return every problem of a program's source text, by line."""
    code = values.get("code")
    foreign = sorted(values.keys() - _PROGRAM["properties"].keys())
    if foreign:
        raise wrong_field(foreign[0], "there is no such field")
    if not isinstance(code, str):
        raise wrong_field("code", "is no source text")
    if len(code) > LONGEST_CODE:
        raise wrong_field("code", f"has {len(code):,} characters, at most {LONGEST_CODE:,} are looked at")
    try:
        SETTINGS["language"].check(with_served_defaults(values)["language"])
    except ValueError as error:
        raise wrong_field("language", str(error)) from None
    return JSONResponse(_verdict(await services.programs.problems(code, language_of(values))))


@router.get("/programs/words", response_model=ProgramWords, responses=refusals())
def words() -> Response:
    """Tell what a program may say: names, signatures and meanings."""
    return JSONResponse(program_words())


@router.post(
    "/configurations/validate",
    response_model=ConfigurationCheck,
    openapi_extra=body({"type": "object", "title": "AnyConfiguration", "additionalProperties": True}),
    responses=refusals(400, 413, 415, 429),
)
async def validate_configuration(services: ServicesOf, values: Body) -> Response:
    """Return every problem of a configuration and its program, what the stored data do not allow, which range they
    would, and the configuration as TOML for the command line.
    """
    config, problems = await checked_configuration(services.programs, values)
    usable = await run_in_threadpool(_usable, services.database, values)
    if config is not None:
        problems += map(_problem, await run_in_threadpool(readiness, services.database, config))
    toml = None
    try:
        if config is not None:
            toml = printable(await run_in_threadpool(config_toml, with_served_defaults(values)))
    except ConfigurationError as error:
        problems += [each.model_copy(update={"severity": "warning"}) for each in configuration_problems(error)]
    return JSONResponse({**_verdict(problems), "toml": toml, "range": None if usable is None else asdict(usable)})


@router.post(
    "/configurations/read", response_model=ReadConfiguration, openapi_extra=body(_TOML),
    responses=refusals(400, 413, 415),
)  # fmt: skip
async def read_configuration(values: Body) -> Response:
    """Return what a TOML text says of a configuration, with the defaults of the command line for the rest; it is not
    checked.
    """
    text = values.get("toml")
    if not isinstance(text, str) or len(values) != 1:
        raise Refused(422, "the body must hold toml, the text of a configuration, and only that")
    if len(text) > LONGEST_FILE:
        raise wrong_field("toml", f"has {len(text):,} characters, at most {LONGEST_FILE:,} are read")
    found, notes = await run_in_threadpool(values_of_toml, text)
    problems = configuration_problems(ConfigurationError(notes))
    return JSONResponse({"values": found, "problems": [each.model_dump() for each in problems]})


def _usable(database: Database, values: dict[str, Any]) -> UsableRange | None:
    """Return the range that can be run of a configuration that may lack everything else."""
    given = {name: values.get(name, SETTINGS[name].default) for name in ("exchange", "symbols", "base_period")}
    try:
        for name, value in given.items():
            SETTINGS[name].check(value)
    except ValueError:
        return None
    code = values.get("code")
    symbols = given["symbols"][:MOST_SYMBOLS]
    text = code if isinstance(code, str) else ""
    return usable_range(database, given["exchange"].lower(), symbols, given["base_period"], text)


def _problem(finding: Finding) -> OneProblem:
    severity = "error" if finding.is_problem else "warning"
    return OneProblem(field=finding.field, message=printable(finding.message), severity=severity)


def _verdict(problems: list[OneProblem]) -> dict[str, Any]:
    found = [each.model_dump() for each in told(problems)]
    return {"valid": not any(each.severity == "error" for each in problems), "problems": found}
