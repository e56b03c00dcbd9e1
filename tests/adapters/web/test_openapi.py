"""The API against its own description: made-up requests, good and bad, for every operation."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings

from adapters.web import ServerSettings, create_app
from tests.support.web_server import Server, make_market

pytestmark = pytest.mark.xdist_group("openapi")

#: What is left out: a request of the right form may ask for what is not stored; the other four need a second user, or
#: operations that remove what others have made.
LEFT_OUT = {
    "positive_data_acceptance",
    "ignored_auth",
    "object_level_authorization",
    "use_after_free",
    "ensure_resource_availability",
}


#: A text that is longer than a field may be can make the body larger than any may be, which is said first.
TOO_LARGE = "413"


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
    rejection.expected_statuses = [*rejection.expected_statuses, TOO_LARGE]
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


@pytest.mark.parametrize(("method", "path"), OPERATIONS)
def test_every_answer_is_as_described(
    description: Any, server: Server, schemathesis: Any, wanted: list[Any], method: str, path: str
) -> None:
    operation = description.raw_schema["paths"][path][method.lower()]
    modes = [schemathesis.GenerationMode.POSITIVE]
    if "parameters" in operation or "requestBody" in operation:  # there is no wrong way to ask for the others
        modes.append(schemathesis.GenerationMode.NEGATIVE)
    for mode in modes:

        @given(case=description[path][method].as_strategy(generation_mode=mode))
        @settings(
            max_examples=25,
            deadline=None,
            derandomize=True,
            database=None,
            phases=[Phase.explicit, Phase.generate],
            suppress_health_check=list(HealthCheck),
        )
        def judge(case: Any) -> None:
            case.call_and_validate(base_url=server.url, checks=wanted, timeout=60)

        judge()


def test_the_description_needs_no_server(tmp_path_factory: pytest.TempPathFactory) -> None:
    app = create_app(ServerSettings(f"sqlite:///{make_market(tmp_path_factory.mktemp('description'), days=1)}"))
    description = app.openapi()
    for path, entry in description["paths"].items():
        for method, operation in entry.items():
            assert operation["description"], (method, path)
            assert {"401", "422", "503"} <= operation["responses"].keys()
