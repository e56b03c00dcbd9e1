"""Which walls stand here: each is looked at by itself."""

import resource

import pytest

from adapters.sandbox import jail_problem, walls_here

pytestmark = pytest.mark.skipif(jail_problem() is not None, reason="this machine has no jail")


def wall(name):
    return next(each for each in walls_here() if each.name.startswith(name))


def test_where_there_is_a_jail_every_needed_wall_stands():
    needed = [each for each in walls_here() if each.is_needed]
    assert len(needed) == 4
    assert [each.problem for each in needed] == [None] * 4
    assert all(each.cost and each.remedy for each in walls_here())


@pytest.mark.parametrize(
    ("version", "missing"),
    [
        (0, ["Landlock: no files", "Landlock: no TCP", "Landlock: no signals to others"]),
        (3, ["Landlock: no TCP", "Landlock: no signals to others"]),
        (5, ["Landlock: no signals to others"]),
        (7, []),
    ],
)
def test_an_older_landlock_costs_what_it_does_not_know(version, missing, monkeypatch):
    monkeypatch.setattr("adapters.sandbox.walls.landlock.landlock_version", lambda: version)
    found = [each.name for each in walls_here() if each.name.startswith("Landlock") and each.problem is not None]
    assert found == missing


def test_a_machine_whose_system_calls_are_not_known_has_no_filter(monkeypatch):
    monkeypatch.setattr("platform.machine", lambda: "riscv64")
    seccomp = wall("seccomp")
    assert "riscv64" in seccomp.problem
    assert seccomp.is_needed


def test_where_no_group_can_be_made_the_workers_have_no_limit_together(monkeypatch):
    monkeypatch.setattr("adapters.sandbox.walls.control_group._own_folder", lambda: None)
    group = wall("a limit for all workers")
    assert (group.problem is not None, group.is_needed) == (True, False)


def test_a_process_of_its_own_that_cannot_be_asked_counts_as_refused(monkeypatch):
    monkeypatch.setattr("adapters.sandbox.standing_walls._PROBE", "raise SystemExit(3)")
    assert wall("a network").problem is not None
    assert wall("fixed addresses").problem is not None


def test_little_address_space_is_told():
    before = resource.getrlimit(resource.RLIMIT_AS)
    little = (1 << 31) - (1 << 20)
    try:
        resource.setrlimit(resource.RLIMIT_AS, (little, before[1]))
        found = wall("address space")
    finally:
        resource.setrlimit(resource.RLIMIT_AS, before)
    assert found.problem == "only 2,047 MB may be used (ulimit -v)"
    assert wall("address space").problem is None
