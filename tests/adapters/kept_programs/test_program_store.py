"""Kept programs: names, versions, two who save, deleting and taking that back."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from itertools import count

import pytest

from adapters.database import Database
from adapters.kept_programs import MovedOn, NameTaken, NoSuchProgram, ProgramStore, TooManyPrograms, program_store


@pytest.fixture
def store(any_database: Database) -> ProgramStore:
    ticks = count(1_000)
    return ProgramStore(any_database, lambda: next(ticks))


def test_without_tables_there_are_no_programs(store: ProgramStore) -> None:
    assert store.programs(0, 10) == (0, [])
    for ask in (store.version, store.delete, store.undelete):
        with pytest.raises(NoSuchProgram, match="no program 1"):
            ask(1)


def test_every_save_is_a_version_and_the_same_text_is_none(store: ProgramStore) -> None:
    first = store.add("Dips", "a = 1\n", "platform")
    second = store.save(first.id, "a = 2\n", "platform", after=1)
    assert store.save(first.id, "a = 2\n", "platform", after=1) == second
    assert store.save(first.id, "a = 2\n", "python", after=2).version == 3
    assert [store.version(first.id, each).code for each in (1, 2, 3)] == ["a = 1\n", "a = 2\n", "a = 2\n"]
    newest = store.version(first.id)
    assert (newest.version, newest.newest, newest.language) == (3, 3, "python")
    total, listed = store.versions(first.id, 0, 2)
    assert (total, [(each["version"], each["characters"]) for each in listed]) == (3, [(3, 6), (2, 6)])
    (program,) = store.programs(0, 10)[1]
    assert (program.name, program.version, program.versions, program.characters) == ("Dips", 3, 3, 6)
    assert program.created_ms < program.saved_ms
    with pytest.raises(NoSuchProgram, match="no version 9; its newest is 3"):
        store.version(first.id, 9)


def test_who_saves_second_is_told_and_overwrites_nothing(store: ProgramStore) -> None:
    program = store.add("Dips", "a = 1\n", "platform")
    store.save(program.id, "mine\n", "platform", after=1)
    with pytest.raises(MovedOn, match="version 2 of Dips was saved at 1970-01-01") as caught:
        store.save(program.id, "theirs\n", "platform", after=1)
    assert caught.value.version == 2
    assert store.version(program.id).code == "mine\n"


def test_of_many_who_save_at_once_one_wins(store: ProgramStore) -> None:
    program = store.add("Dips", "", "platform")

    def save(number: int) -> bool:
        try:
            store.save(program.id, f"a = {number}\n", "platform", after=1)
        except MovedOn:
            return False
        return True

    with ThreadPoolExecutor(4) as threads:
        assert sorted(threads.map(save, range(4))) == [False, False, False, True]
    assert store.version(program.id).version == 2


def test_a_name_is_one_program_s_until_that_is_deleted(store: ProgramStore) -> None:
    first, other = store.add("Dips", "1", "platform"), store.add("100%_x", "2", "platform")
    for take in (lambda: store.add("Dips", "3", "platform"), lambda: store.rename(other.id, "Dips")):
        with pytest.raises(NameTaken, match="called Dips already"):
            take()
    store.rename(first.id, "Dips")  # its own
    store.rename(first.id, "Drops")
    assert [each.name for each in store.programs(0, 10, "DROP")[1]] == ["Drops"]
    assert [each.name for each in store.programs(0, 10, "%_")[1]] == ["100%_x"]
    store.delete(first.id)
    with pytest.raises(NoSuchProgram):
        store.version(first.id)
    again = store.add("Drops", "4", "platform")
    with pytest.raises(NameTaken):
        store.undelete(first.id)
    store.rename(again.id, "Others")
    store.undelete(first.id)
    store.undelete(first.id)
    assert store.version(first.id).code == "1"
    assert [each.name for each in store.programs(1, 1)[1]] == ["Drops"]
    assert store.programs(0, 1)[0] == 3


def test_limits(store: ProgramStore, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, limit in (("MOST_PROGRAMS", 2), ("MOST_VERSIONS", 3), ("MOST_DELETED", 1)):
        monkeypatch.setattr(program_store, name, limit)
    first, second = (store.add(name, "0", "platform") for name in ("a", "b"))
    with pytest.raises(TooManyPrograms, match="2 programs"):
        store.add("c", "0", "platform")
    for number in range(1, 5):
        store.save(first.id, f"{number}", "platform", after=number)
    assert [each["version"] for each in store.versions(first.id, 0, 10)[1]] == [5, 4, 3]
    with pytest.raises(NoSuchProgram):
        store.version(first.id, 2)
    store.delete(first.id)
    store.delete(second.id)
    store.undelete(second.id)
    with pytest.raises(NoSuchProgram):
        store.undelete(first.id)  # only the last one that was deleted can come back
