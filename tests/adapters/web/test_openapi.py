"""The API against its own description: made-up requests, good and bad, for every operation."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings

from adapters.web import ServerSettings, create_app
from tests.support.web_server import Server, make_market

pytestmark = pytest.mark.xdist_group("openapi")

#: What is left out: what a request of the right form may be refused for says `UNSAID`, more exactly; the other four
#: need a second user, or operations that remove what others have made.
LEFT_OUT = {
    "positive_data_acceptance",
    "ignored_auth",
    "object_level_authorization",
    "use_after_free",
    "ensure_resource_availability",
}


#: A request of the described form is refused for these alone: each a rule that no schema can state, or none of OpenAPI.
UNSAID = {
    r"is (not after|before) start|end_time: is not after": "two values in their order",
    r"end_time: is more than \d+ days after": "how far two values are apart",
    r"code: |the code|no class|syntax": "what a program is",
    r"toml|is no TOML": "what a file of a configuration is",
    r"it has no condition|signals\.\d+: |condition": "what a condition holds depends on its kind",
    r"latency_by_hour_ms: latency_model": "values that need one another",
    r"give either pool_id or conditions": "one of two",
    r"faults: number \d+": "what the values of a fault must be together",
    r"Last-Event-ID: .*not what is wanted": "a header that is null is the text null",
    r"pool_id|signal_pool_ids|is stored": "what is stored",
}
REFUSED = (400, 413, 415, 422)
#: How many requests of each mode are tried of an operation.
DRAWS = [pytest.param(15, id="small"), pytest.param(400, id="whole", marks=pytest.mark.soak)]

#: A text that is longer than a field may be can make body or address larger than any may be, which is said first.
TOO_LARGE = ("413", "414")


@pytest.fixture(scope="module")
def schemathesis() -> Any:
    """The package, imported (which takes seconds) only where its tests run."""
    import schemathesis

    return schemathesis


@pytest.fixture(scope="module")
def wanted(schemathesis: Any) -> list[Any]:
    from schemathesis.checks import CHECKS, load_all_checks

    load_all_checks()
    return [check for check in CHECKS.get_all() if check.__name__ not in LEFT_OUT]


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    found = Server(make_market(tmp_path_factory.mktemp("schema"), days=2), "--runs", "1")
    found.run(start_time="2024-01-01T06:00:00Z", end_time="2024-01-02T00:00:00Z")
    yield found
    found.close()


@pytest.fixture(scope="module")
def description(server: Server, schemathesis: Any) -> Any:
    config = schemathesis.Config()
    rejection = config.projects.default.checks.negative_data_rejection
    rejection.expected_statuses = [*rejection.expected_statuses, *TOO_LARGE]
    return schemathesis.openapi.from_dict(server.get("/api/openapi.json"), config=config)


OPERATIONS = [
    ("POST", "/api/backtests"),
    ("GET", "/api/backtests"),
    ("GET", "/api/backtests/{run_id}"),
    ("DELETE", "/api/backtests/{run_id}"),
    ("GET", "/api/backtests/{run_id}/events"),
    ("GET", "/api/events"),
    ("GET", "/api/backtests/{run_id}/triggers"),
    ("GET", "/api/backtests/{run_id}/triggers/{index}"),
    ("GET", "/api/backtests/{run_id}/trades"),
    ("GET", "/api/backtests/{run_id}/trades/{number}"),
    ("GET", "/api/backtests/{run_id}/trades/{number}/explanation"),
    ("GET", "/api/backtests/{run_id}/summary-tables"),
    ("GET", "/api/backtests/{run_id}/markers"),
    ("GET", "/api/backtests/{run_id}/brackets"),
    ("GET", "/api/backtests/{run_id}/equity"),
    ("GET", "/api/backtests/{run_id}/hold"),
    ("GET", "/api/backtests/{run_id}/exposure"),
    ("GET", "/api/backtests/{run_id}/records"),
    ("GET", "/api/backtests/{run_id}/indicators"),
    ("GET", "/api/backtests/{run_id}/indicator"),
    ("GET", "/api/backtests/{run_id}/funding"),
    ("GET", "/api/backtests/{run_id}/signals"),
    ("PATCH", "/api/backtests/{run_id}"),
    ("GET", "/api/backtests/{run_id}/download/{download}"),
    ("GET", "/api/desk"),
    ("GET", "/api/desk/csv"),
    ("POST", "/api/desk/delete"),
    ("POST", "/api/desk/restore"),
    ("GET", "/api/compare"),
    ("GET", "/api/compare/equity"),
    ("GET", "/api/compare/csv"),
    ("POST", "/api/studies"),
    ("POST", "/api/studies/validate"),
    ("GET", "/api/studies/form"),
    ("GET", "/api/studies"),
    ("GET", "/api/studies/{study_id}"),
    ("DELETE", "/api/studies/{study_id}"),
    ("POST", "/api/studies/{study_id}/resume"),
    ("GET", "/api/studies/{study_id}/events"),
    ("GET", "/api/studies/{study_id}/trials"),
    ("GET", "/api/studies/{study_id}/grid"),
    ("GET", "/api/studies/{study_id}/walk"),
    ("GET", "/api/studies/{study_id}/judgement"),
    ("POST", "/api/studies/{study_id}/trials/{number}/result"),
    ("GET", "/api/klines"),
    ("GET", "/api/symbols"),
    ("GET", "/api/pools"),
    ("POST", "/api/pools"),
    ("PUT", "/api/pools/{pool_id}"),
    ("PATCH", "/api/pools/{pool_id}"),
    ("DELETE", "/api/pools/{pool_id}"),
    ("POST", "/api/pools/{pool_id}/restore"),
    ("GET", "/api/pools/conditions"),
    ("POST", "/api/pools/preview"),
    ("POST", "/api/pools/distribution"),
    ("GET", "/api/data/series"),
    ("GET", "/api/data/holes"),
    ("GET", "/api/data/files"),
    ("POST", "/api/data/files"),
    ("DELETE", "/api/data/files/{file_id}"),
    ("POST", "/api/data/files/{file_id}/look"),
    ("GET", "/api/data/forms"),
    ("POST", "/api/data/imports"),
    ("POST", "/api/data/downloads"),
    ("GET", "/api/data/jobs"),
    ("DELETE", "/api/data/jobs/{job_id}"),
    ("POST", "/api/programs/validate"),
    ("GET", "/api/programs/words"),
    ("GET", "/api/programs"),
    ("POST", "/api/programs"),
    ("GET", "/api/programs/{program_id}"),
    ("DELETE", "/api/programs/{program_id}"),
    ("POST", "/api/programs/{program_id}/undelete"),
    ("POST", "/api/programs/{program_id}/name"),
    ("GET", "/api/programs/{program_id}/versions"),
    ("POST", "/api/programs/{program_id}/versions"),
    ("POST", "/api/configurations/validate"),
    ("POST", "/api/configurations/read"),
    ("POST", "/api/session"),
    ("GET", "/api/vocabulary"),
    ("GET", "/api/health"),
]


def test_every_operation_is_described_and_tried(description: Any) -> None:
    paths = description.raw_schema["paths"]
    assert {(method.upper(), path) for path, entry in paths.items() for method in entry} == set(OPERATIONS)


def unsaid(refusal: dict[str, Any]) -> list[str]:
    """What a refusal tells that is not one of the rules that no schema can state."""
    problems = refusal["problems"] or [{"field": None, "message": refusal["message"]}]
    told = [f"{each['field']}: {each['message']}" for each in problems]
    return [text for text in told if not any(re.search(rule, text) for rule in UNSAID)]


@pytest.mark.parametrize("draws", DRAWS)
@pytest.mark.parametrize(("method", "path"), OPERATIONS)
def test_every_answer_is_as_described(
    description: Any, server: Server, schemathesis: Any, wanted: list[Any], method: str, path: str, draws: int
) -> None:
    operation = description.raw_schema["paths"][path][method.lower()]
    modes = [schemathesis.GenerationMode.POSITIVE]
    if "parameters" in operation or "requestBody" in operation:  # there is no wrong way to ask for the others
        modes.append(schemathesis.GenerationMode.NEGATIVE)
    for mode in modes:

        @given(case=description[path][method].as_strategy(generation_mode=mode))
        @settings(
            max_examples=draws,
            deadline=None,
            derandomize=True,
            database=None,
            phases=[Phase.explicit, Phase.generate],
            suppress_health_check=list(HealthCheck),
        )
        def judge(case: Any) -> None:
            answer = case.call_and_validate(base_url=server.url, checks=wanted, timeout=60)
            if case.meta.generation.mode is schemathesis.GenerationMode.POSITIVE and answer.status_code in REFUSED:
                assert unsaid(answer.json()) == []

        judge()


@pytest.fixture(scope="module")
def described(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """The description, of an application without a server."""
    path = make_market(tmp_path_factory.mktemp("description"), days=1)
    found: dict[str, Any] = create_app(ServerSettings(f"sqlite:///{path}")).openapi()
    return found


def schemas_of(part: Any, place: str) -> Iterator[tuple[str, dict[str, Any]]]:
    """Every schema in a part of a description, with its place."""
    if isinstance(part, dict):
        yield place, part
        for name, each in part.items():
            yield from schemas_of(each, f"{place} {name}")
    elif isinstance(part, list):
        for number, each in enumerate(part):
            yield from schemas_of(each, f"{place} {number}")


#: What bounds a text: its length, what it can be, or a pattern without an endless part.
BOUNDED = {"maxLength", "enum", "const", "format"}
#: A form that is not complete yet is told all that is wrong with it: no schema has it, other than that of its fields.
DRAFTS = ("/api/configurations/validate", "/api/studies/validate")


def has_limit(schema: dict[str, Any]) -> bool:
    match schema.get("type"):
        case "array":
            return "maxItems" in schema
        case "string":
            pattern = schema.get("pattern", "*")
            return bool(BOUNDED & schema.keys()) or not ({"*", "+"} & {*pattern})
        case "object":
            return schema.get("additionalProperties") is False or "maxProperties" in schema
    return True


def test_everything_that_a_request_may_list_has_a_limit_in_the_schema(described: dict[str, Any]) -> None:
    asked = [
        (f"{method} {path}", operation.get(what))
        for path, entry in described["paths"].items()
        for method, operation in entry.items()
        for what in ("parameters", "requestBody")
    ]
    found = [(place, schema) for name, part in asked for place, schema in schemas_of(part, name)]
    assert sum(schema.get("type") == "array" for _, schema in found) > 50
    endless = [place for place, schema in found if not has_limit(schema)]
    assert [place for place in endless if not place.endswith("schema") or place.split()[1] not in DRAFTS] == []


def test_the_description_needs_no_server(described: dict[str, Any]) -> None:
    description = described
    for path, entry in description["paths"].items():
        for method, operation in entry.items():
            assert operation["description"], (method, path)
            assert {"401", "422", "503"} <= operation["responses"].keys()
