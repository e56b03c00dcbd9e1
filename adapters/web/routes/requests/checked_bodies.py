"""Bodies of requests as models: described in the schema as strictly as they are checked."""

from __future__ import annotations

from typing import Any, TypeVar

from pydantic import BaseModel, BeforeValidator, ConfigDict, ValidationError

from ...safety import OneProblem, Refused
from .parameters import body

Model = TypeVar("Model", bound="StrictBody")


def _whole(value: Any) -> Any:
    return int(value) if isinstance(value, float) and value.is_integer() else value


#: What makes an int take whole numbers as JSON has them: 15.0 is one. Behind its limits, so that the schema has these.
AS_WHOLE = BeforeValidator(_whole)


class StrictBody(BaseModel):
    """The body of a request: no other fields, and no value that is only nearly of its type."""

    model_config = ConfigDict(extra="forbid", strict=True)

    @classmethod
    def described(cls) -> dict[str, Any]:
        """Return what the OpenAPI description of a request says of it."""
        schema = cls.model_json_schema()
        return body(_inlined(schema, schema.pop("$defs", {})))


def checked(model: type[Model], values: dict[str, Any]) -> Model:
    """Return a body as its model; refuses it with every problem."""
    try:
        return model.model_validate(values)
    except ValidationError as error:
        problems = [
            OneProblem(field=".".join(map(str, each["loc"])) or None, message=each["msg"])
            for each in error.errors(include_url=False, include_input=False)
        ]
        raise Refused(422, "; ".join(f"{each.field}: {each.message}" for each in problems[:5]), problems) from None


def _inlined(schema: Any, definitions: dict[str, Any]) -> Any:
    """Return a schema with what it refers to in the places of the references."""
    if isinstance(schema, list):
        return [_inlined(each, definitions) for each in schema]
    if not isinstance(schema, dict):
        return schema
    if "$ref" in schema:
        return _inlined(definitions[schema["$ref"].rpartition("/")[2]], definitions)
    return {name: _inlined(each, definitions) for name, each in schema.items()}
