"""Programs that make a compiler work for hours or take all memory: looked at in the jail, beside everything else."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx
import pytest

from adapters.web.forms.program_check import ProgramCheck
from adapters.web.safety.problems import Refused
from tests.support.process_facts import children, status
from tests.support.sandboxes import jailed
from tests.support.web_server import Server, configuration, make_market

pytestmark = pytest.mark.xdist_group("program check")

#: What a program may be looked at for, and what a busy machine needs beside that.
LIMIT_S, BUSY_S = 2.5, 3.0
#: What a server may grow by while it has bombs looked at: far below what they would take.
GROWTH_KB = 60_000


def finally_in_finally(depth: int, inmost: str = "pass") -> str:
    """A body of which every level is compiled twice."""
    lines = []
    for level in range(depth):
        lines += [f"{' ' * (8 + level)}try: pass", f"{' ' * (8 + level)}finally:"]
    return "\n".join([*lines, f"{' ' * (8 + depth)}{inmost}"])


def program(body: str) -> str:
    return f"class A:\n    def should_trade(self, data):\n{body}\n"


BOMBS = {
    "finally, deep": program(finally_in_finally(26)),
    "finally, in many methods": "class A:\n"
    + "\n".join(f"    def m{n}(self):\n{finally_in_finally(20)}" for n in range(6))
    + "\n    def should_trade(self, data): pass\n",
    "finally that returns": program(finally_in_finally(25, "return 1")),
    "a power in a constant": program("        return " + "**".join(["9"] * 40)),
    "a long text times a number": program('        return "x" * 4096 * 4096 * 4096'),
    "parentheses": program("        return " + "(" * 9_000 + ")" * 9_000),
    "minus signs": program("        return " + "-" * 50_000 + "1"),
    "a chain of attributes": program("        return data" + ".a" * 25_000),
    "a chain of comparisons": program("        return " + "<".join(["1"] * 30_000)),
    "nested f-strings": program("        return " + "f'{" * 140 + "1" + "}'" * 140),
    "returns in try": program(
        "        try:\n" + "\n".join(f"            if data: return {n}" for n in range(1_000)) + "\n        finally:\n"
        + "\n".join(f"            x{n} = {n}" for n in range(1_000))
    ),
    "nested brackets in a pattern": program(f"        match data:\n            case {'[' * 190}{']' * 190}: pass"),
    "a digit string": program("        return " + "9" * 60_000),
    "names by their numbers": program("        return '" + r"\N{BULLET}" * 6_000 + "'"),
}  # fmt: skip


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    found = Server(make_market(tmp_path_factory.mktemp("bombs"), days=20))
    found.client.post("/api/programs/validate", json={"code": program("        pass")})
    yield found
    found.close()


def look(server: Server, code: str, language: str) -> tuple[float, httpx.Response]:
    began = time.monotonic()
    answer = server.client.post("/api/programs/validate", json={"code": code, "language": language}, timeout=60)
    return time.monotonic() - began, answer


@jailed
@pytest.mark.parametrize("language", ["python", "platform"])
@pytest.mark.parametrize("name", BOMBS)
def test_a_bomb_is_one_problem_within_its_time(server: Server, name: str, language: str) -> None:
    before = int(status(server.process.pid, "VmHWM").split()[0])
    took, answer = look(server, BOMBS[name], language)
    assert answer.status_code == 200
    errors = [each for each in answer.json()["problems"] if each["severity"] == "error"]
    assert len(errors) <= 1
    assert all(each["line"] and "\n" not in each["message"] for each in errors)
    assert took < LIMIT_S + BUSY_S
    assert int(status(server.process.pid, "VmHWM").split()[0]) - before < GROWTH_KB


@jailed
def test_a_server_goes_on_answering_while_it_has_bombs_looked_at(server: Server) -> None:
    bomb, began = BOMBS["finally, deep"], time.monotonic()

    def look_again_and_again(language: str) -> tuple[float, httpx.Response]:
        while True:  # a fast machine is done with one in a tenth of a second
            looked = look(server, bomb, language)
            if time.monotonic() > began + LIMIT_S:
                return looked

    with ThreadPoolExecutor(6) as clients:
        asked = [clients.submit(look_again_and_again, language) for language in ("python", "platform") * 3]
        waits = []
        while not all(each.done() for each in asked):
            at = time.monotonic()
            assert server.client.get("/api/health").status_code == 200
            waits.append(time.monotonic() - at)
            time.sleep(0.05)
    assert time.monotonic() - began > LIMIT_S / 2  # they were bombs
    assert sorted(waits)[len(waits) // 2] < 0.5
    assert max(waits) < 1.0 + BUSY_S
    assert {each.result()[1].status_code for each in asked} == {200}


@jailed
def test_a_bomb_in_a_configuration_is_one_problem_too(server: Server) -> None:
    for path in ("backtests", "configurations/validate"):
        began = time.monotonic()
        answer = server.client.post(f"/api/{path}", json=configuration(code=BOMBS["finally, deep"]), timeout=60)
        assert time.monotonic() - began < LIMIT_S + BUSY_S
        (problem,) = [each for each in answer.json()["problems"] if each["severity"] == "error"]
        assert (problem["field"], problem["line"]) == ("code", 1)


@jailed
def test_the_sandbox_is_one_for_all_requests_and_ends_with_the_server(tmp_path: Path) -> None:
    server = Server(make_market(tmp_path, days=2))
    try:
        before = children(server.process.pid)
        started = []
        for _ in range(3):
            look(server, program("        pass"), "python")
            started.append([each for each in children(server.process.pid) if each not in before])
        assert len(started[0]) == 1
        assert started[0] == started[1] == started[2]
    finally:
        server.close()
    assert not status(started[0][0], "State")


def test_without_a_sandbox_nothing_is_parsed() -> None:
    check = ProgramCheck()
    check.sandbox_problem = "the kernel has no Landlock"
    (problem,) = asyncio.run(check.problems(BOMBS["finally, deep"], "python"))
    assert (problem.field, problem.severity) == ("code", "error")
    assert problem.message.endswith("there is none on this machine: the kernel has no Landlock")


@jailed
def test_no_more_wait_to_be_looked_at_than_a_server_can_bear(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("adapters.web.forms.program_check._MOST_WAITING", 1)
    monkeypatch.setattr("adapters.web.forms.program_check._MOST_AT_ONCE", 1)
    check = ProgramCheck()

    async def three() -> list[object]:
        asked = [check.problems(program("        return None"), "python") for _ in range(3)]
        return await asyncio.gather(*asked, return_exceptions=True)

    try:
        first, second, third = asyncio.run(three())
    finally:
        check.close()
    assert first == second
    assert isinstance(first, list)
    assert isinstance(third, Refused)
    assert third.status == 429


MISTAKEN = program('        return data.get_klines("BTC", "7m") or data.get_price("ETH")')


@jailed
def test_what_is_literal_and_wrong_is_an_error_of_the_program_and_a_warning_of_a_run() -> None:
    check = ProgramCheck()
    try:
        found = asyncio.run(check.problems(MISTAKEN, "python", ["BTC"]))
        of_a_run = asyncio.run(check.problems(MISTAKEN, "python", ["BTC", "ETH"], mistakes="warning"))
    finally:
        check.close()
    assert [(each.line, each.severity) for each in found if each.severity == "error"] == [(3, "error")] * 2
    period, symbol = (each.message for each in found if each.severity == "error")
    assert "'7m'" in period
    assert "1m" in period  # the hint stands there too
    assert "'ETH'" in symbol
    assert [each.severity for each in of_a_run if "'7m'" in each.message] == ["warning"]
    assert all(each.severity == "warning" for each in of_a_run)
