"""The whole examination: what cannot be looked at costs nothing else."""

from adapters.doctor import examine


def test_all_parts_are_looked_at_in_order(private_cache):
    groups = [each.group for each in examine()]
    assert [*dict.fromkeys(groups)] == ["Python", "libraries", "extras", "jail", "database", "cache", "machine"]


def test_a_part_that_needs_what_is_missing_is_a_finding(monkeypatch):
    def missing(url):
        raise ModuleNotFoundError("No module named 'sqlalchemy'", name="sqlalchemy")

    monkeypatch.setattr("adapters.doctor.examination._database", missing)
    found = [each for each in examine() if each.group in ("database", "machine")]
    assert found[0].found == "cannot be looked at: No module named 'sqlalchemy'"
    assert (found[0].ok, len(found)) == (False, 8)
