"""Requests about programs and configurations that are being written."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter
from fastapi.responses import JSONResponse, Response

from engine import ConfigurationError, validate_program

from ..configuration import config_toml
from .backtest_routes import checked_configuration
from .models import ConfigurationCheck, Validation
from .parameters import Body, body, refusals
from .problems import OneProblem, configuration_problems, printable, program_problems, wrong_field

router = APIRouter(prefix="/api", tags=["programs"])

_PROGRAM = {
    "title": "Program",
    "type": "object",
    "properties": {"code": {"type": "string", "description": "source text"}},
    "required": ["code"],
    "additionalProperties": False,
}


@router.post(
    "/programs/validate", response_model=Validation, openapi_extra=body(_PROGRAM), responses=refusals(400, 413, 415)
)
def validate(values: Body) -> Response:
    """Return every problem of a program's source text, by line."""
    code = values.get("code")
    foreign = sorted(values.keys() - {"code"})
    if foreign:
        raise wrong_field(foreign[0], "there is no such field")
    if not isinstance(code, str):
        raise wrong_field("code", "is no source text")
    return JSONResponse(_verdict(program_problems(validate_program(code))))


@router.post(
    "/configurations/validate",
    response_model=ConfigurationCheck,
    openapi_extra=body({"type": "object", "title": "AnyConfiguration", "additionalProperties": True}),
    responses=refusals(400, 413, 415),
)
def validate_configuration(values: Body) -> Response:
    """Return every problem of a configuration and its program, and the same as TOML for the command line."""
    config, problems = checked_configuration(values)
    toml = None
    try:
        toml = printable(config_toml(values)) if config is not None else None
    except ConfigurationError as error:
        problems += [each.model_copy(update={"severity": "warning"}) for each in configuration_problems(error)]
    return JSONResponse({**_verdict(problems), "toml": toml})


def _verdict(problems: list[OneProblem]) -> dict[str, Any]:
    found = [each.model_dump() for each in problems]
    return {"valid": not any(each.severity == "error" for each in problems), "problems": found}
