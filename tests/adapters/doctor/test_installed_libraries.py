"""Python and the libraries, against what the package asks for."""

import sys
import tomllib
from importlib.metadata import PackageNotFoundError
from pathlib import Path

import pytest

from adapters.doctor import installed_libraries
from adapters.doctor.installed_libraries import EXTRAS, Requirement, look_at_libraries, parsed

PROJECT = tomllib.loads((Path(__file__).parents[3] / "pyproject.toml").read_text("utf-8"))["project"]


def found(name):
    return next(each for each in look_at_libraries() if each.what.split()[0] == name)


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("numpy>=1.26", Requirement("numpy", ">=1.26", "")),
        ("RestrictedPython>=9.0,<10", Requirement("RestrictedPython", ">=9.0,<10", "")),
        ('ccxt>=4.4; extra == "download"', Requirement("ccxt", ">=4.4", "download")),
        ("uvicorn[standard] (>=0.30) ; extra == 'web'", Requirement("uvicorn", ">=0.30", "web")),
        ("simpy", Requirement("simpy", "", "")),
    ],
)
def test_requirements_are_read_as_packages_write_them(line, expected):
    assert parsed(line) == expected


def test_every_library_that_the_project_asks_for_is_looked_at():
    extras = PROJECT["optional-dependencies"]
    lines = [*PROJECT["dependencies"], *(line for extra in EXTRAS for line in extras[extra])]
    looked_at = {each.what.split()[0].lower() for each in look_at_libraries()}
    assert looked_at == {parsed(line).name.lower() for line in lines} | {"python"}
    assert set(extras) - set(EXTRAS) == {"test", "lint"}, "what an extra is for is said of every one of users"


def test_what_every_run_needs_is_marked_and_the_modules_are_those_of_the_distributions():
    for each in look_at_libraries():
        assert each.ok, each
        assert each.needed == (each.group != "extras")
        assert each.found[0].isdigit(), each


def test_a_library_that_is_too_old_is_missing(monkeypatch):
    monkeypatch.setattr(installed_libraries, "version", lambda name: "0.9.1")
    numpy = found("numpy")
    assert (numpy.ok, numpy.needed, numpy.found) == (False, True, "0.9.1 is not >=1.26")
    assert (numpy.cost, numpy.remedy) == ("every run", "pip install 'numpy>=1.26'")


@pytest.mark.parametrize(
    ("there", "wanted", "is_enough"),
    [
        ("9.0", "<10,>=9.0", True),
        ("9", ">=9.0", True),
        ("10.0", ">=9.0,<10", False),
        ("2.10.1", ">=2.9", True),
        ("2.0.0rc1", ">=2.0", True),
        ("1.9", ">=1.26", False),
        ("3.11.7", ">=3.11", True),
        ("of an unknown version", ">=1", True),
    ],
)
def test_versions_are_compared_as_numbers(there, wanted, is_enough, monkeypatch):
    monkeypatch.setattr(installed_libraries, "version", lambda name: there)
    monkeypatch.setattr(installed_libraries, "_wants", lambda: (">=3.11", [Requirement("simpy", wanted, "")]))
    assert installed_libraries._library(Requirement("simpy", wanted, "")).ok == is_enough


class Blocked:
    """A finder for which some modules are not there, or broken."""

    def __init__(self, name, error=None):
        self.name, self.error = name, error

    def find_spec(self, fullname, path=None, target=None):
        if fullname.partition(".")[0] == self.name:
            raise self.error or ModuleNotFoundError(f"No module named {fullname!r}", name=fullname)


@pytest.mark.parametrize(
    ("module", "label", "group", "remedy"),
    [
        ("simpy", "simpy", "libraries", "pip install 'simpy>=4.1'"),
        ("talib", "TA-Lib", "libraries", "pip install 'TA-Lib>=0.6'"),
        ("pyarrow", "pyarrow", "extras", "pip install 'perpsim[parquet]'"),
    ],
)
def test_a_library_that_cannot_be_found_says_what_it_costs(module, label, group, remedy, monkeypatch):
    for loaded in [name for name in sys.modules if name.partition(".")[0] == module]:
        monkeypatch.delitem(sys.modules, loaded)
    monkeypatch.setattr(sys, "meta_path", [Blocked(module), *sys.meta_path])
    finding = found(label)
    assert (finding.ok, finding.group, finding.remedy) == (False, group, remedy)
    assert "No module named" in finding.found
    assert finding.cost == ("every run" if group == "libraries" else "importing parquet files")


def test_a_library_that_is_there_and_broken_says_so(monkeypatch):
    monkeypatch.delitem(sys.modules, "talib", raising=False)
    monkeypatch.setattr(sys, "meta_path", [Blocked("talib", OSError("libta.so: no such file\nmore")), *sys.meta_path])
    assert found("TA-Lib").found == "cannot be imported: OSError: libta.so: no such file"


def test_a_clone_that_is_not_installed_is_judged_by_its_project_file(monkeypatch):
    before = list(look_at_libraries())

    def not_there(name):
        raise PackageNotFoundError(name)

    monkeypatch.setattr(installed_libraries, "metadata", not_there)
    now = list(look_at_libraries())
    assert {each.what.split()[0] for each in now} == {each.what.split()[0] for each in before}
    assert all(each.ok for each in now)
