"""The cache as the doctor sees it."""

from pathlib import Path

import pytest

from adapters.doctor.column_store import look_at_cache


def test_the_cache_is_told_with_its_place_and_size(private_cache):
    (private_cache / "v1").mkdir()
    (private_cache / "v1" / "open.npy").write_bytes(bytes(2_500_000))
    (finding,) = look_at_cache()
    assert (finding.ok, finding.found) == (True, f"{private_cache}: 2.5 MB")
    assert sorted(each.name for each in private_cache.iterdir()) == ["v1"], "nothing is left behind"


def test_a_cache_that_is_not_there_yet_is_one_that_can_be_made(tmp_path, monkeypatch):
    folder = tmp_path / "new" / "cache"
    monkeypatch.setenv("PERPSIM_CACHE_DIR", str(folder))
    (finding,) = look_at_cache()
    assert finding.ok
    assert not folder.exists()


@pytest.mark.parametrize("place", ["/proc/cache", "/dev/null/perpsim", "/proc"])
def test_a_cache_that_cannot_be_written_costs_the_second_reading(place, monkeypatch):
    if not Path("/proc").exists():
        pytest.skip("only Linux has such a folder")
    monkeypatch.setenv("PERPSIM_CACHE_DIR", place)
    (finding,) = look_at_cache()
    assert (finding.ok, finding.needed) == (False, False)
    assert "PERPSIM_CACHE_DIR" in finding.remedy
