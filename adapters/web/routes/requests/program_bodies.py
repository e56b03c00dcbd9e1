"""The bodies of requests about kept programs, with their limits."""

from __future__ import annotations

from typing import Annotated, Any, Literal, TypeVar

from pydantic import BaseModel, Field, ValidationError

from ....kept_programs import LONGEST_NAME, LONGEST_SOURCE
from ...forms import LARGEST_ID
from ...safety import OneProblem, Refused, printable
from .checked_bodies import AS_WHOLE
from .parameters import body

#: One line, with no blank at its ends.
_LINE = r"^[^\x00-\x20\x7f\x85\u2028\u2029]([^\x00-\x1f\x7f\x85\u2028\u2029]*[^\x00-\x20\x7f\x85\u2028\u2029])?$"
#: Neither SQLite nor PostgreSQL keeps a NUL in a text.
_SOURCE = r"^[^\x00]*$"

_ProgramName = Annotated[str, Field(min_length=1, max_length=LONGEST_NAME, pattern=_LINE)]
_Source = Annotated[str, Field(max_length=LONGEST_SOURCE, pattern=_SOURCE, description="source text")]
_Language = Annotated[Literal["python", "platform"], Field(description="what it is written in")]

Asked = TypeVar("Asked", bound=BaseModel)


class NewProgram(BaseModel, extra="forbid"):
    """A program that is to be kept."""

    name: _ProgramName
    code: _Source
    language: _Language = "platform"


class NewVersion(BaseModel, extra="forbid"):
    """A version of a kept program that is to be saved."""

    code: _Source
    language: _Language = "platform"
    after: Annotated[int, Field(ge=1, le=LARGEST_ID, description="the version that it was made from"), AS_WHOLE]


class NewName(BaseModel, extra="forbid"):
    """Another name for a kept program."""

    name: _ProgramName


def body_of(kind: type[BaseModel]) -> dict[str, Any]:
    """Return what the description of a request says of a body of that kind."""
    return body(kind.model_json_schema())


def asked(kind: type[Asked], values: dict[str, Any]) -> Asked:
    """Return the values of a body as that kind. Refuses others with every problem."""
    try:
        return kind.model_validate(values, strict=True)
    except ValidationError as error:
        found = [
            OneProblem(field=printable(".".join(map(str, each["loc"]))), message=printable(each["msg"]))
            for each in error.errors(include_url=False, include_input=False)
        ]
    raise Refused(422, "; ".join(f"{each.field}: {each.message}" for each in found), found)
