"""``perpsim doctor``: what it prints, what it exits with, and that it works where libraries are missing."""

import json
import os
import subprocess
import sys

import pytest

from adapters import create_database, open_database
from adapters.sandbox import jail_problem
from tests.support.commands import ROOT, perpsim

jailed = pytest.mark.skipif(jail_problem() is not None, reason="this machine has no jail")

#: Runs the command in a process in which some modules are not there.
_WITHOUT = """
import sys
class Blocked:
    def find_spec(self, fullname, path=None, target=None):
        if fullname.partition(".")[0] in {names!r}:
            raise ModuleNotFoundError(f"No module named {{fullname!r}}", name=fullname)
sys.meta_path.insert(0, Blocked())
from adapters.__main__ import main
main()
"""
_LIBRARIES = {
    "numpy": "numpy",
    "pandas": "pandas",
    "psycopg2": "psycopg2-binary",
    "RestrictedPython": "RestrictedPython",
    "rich": "rich",
    "simpy": "simpy",
    "sqlalchemy": "sqlalchemy",
    "talib": "TA-Lib",
    "matplotlib": "matplotlib",
    "pyarrow": "pyarrow",
    "ccxt": "ccxt",
    "fastapi": "fastapi",
    "uvicorn": "uvicorn",
}


def doctor(*arguments, without=()):
    code = _WITHOUT.format(names=set(without))
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    return subprocess.run(
        [sys.executable, "-c", code, "doctor", *map(str, arguments)],
        capture_output=True,
        text=True,
        env=environment,
        cwd=ROOT,
    )


@jailed
def test_where_everything_is_there_a_run_can_work(tmp_path):
    path = tmp_path / "market.db"
    create_database(open_database(path, create=True))
    done = perpsim("doctor", "--database", f"sqlite:///{path}")
    assert done.exit_code == 0, done.output
    lines = done.output.splitlines()
    assert [line for line in lines if line and not line.startswith(" ")][:-1] == [
        "Python",
        "Libraries",
        "Extras",
        "Jail",
        "Database",
        "Cache",
        "Machine",
    ]
    assert "  ok       can be written: yes" in lines
    assert lines[-1].startswith(("Runs can work", "Everything is there"))


@jailed
def test_the_json_says_the_same(tmp_path):
    path = tmp_path / "market.db"
    open_database(path, create=True)
    done = perpsim("doctor", "--database", f"sqlite:///{path}", "--json")
    told = json.loads(done.output)
    assert (done.exit_code, told["ok"]) == (1, False)
    needed = [each["what"] for each in told["findings"] if each["needed"] and not each["ok"]]
    assert needed == ["table of klines"]
    assert {*told["findings"][0]} == {"group", "what", "ok", "found", "cost", "remedy", "needed"}
    assert all(each["cost"] and each["remedy"] for each in told["findings"] if not each["ok"])


def test_the_database_of_the_environment_is_looked_at_and_its_password_never_shown(monkeypatch):
    monkeypatch.setenv("PERPSIM_DATABASE", "postgresql://me:hunter2@127.0.0.1:1/market")
    done = perpsim("doctor")
    assert done.exit_code == 1
    assert "No run can work: can be reached." in done.output
    assert "hunter2" not in done.output
    assert "costs: every command that reads it" in done.output


def test_with_every_library_missing_it_says_so_of_each():
    done = doctor("--json", without=_LIBRARIES)
    assert done.stderr == ""
    told = json.loads(done.stdout)
    missing = {each["what"].split()[0] for each in told["findings"] if not each["ok"]}
    assert set(_LIBRARIES.values()) <= missing
    assert (done.returncode, told["ok"]) == (1, False)
    assert [each["ok"] for each in told["findings"] if each["what"] == "clock"] == [True]
    walls = [each for each in told["findings"] if each["group"] == "jail"]
    assert len(walls) > 1, "the walls are looked at all the same"


@pytest.mark.parametrize("module", ["numpy", "sqlalchemy", "rich"])
def test_with_one_library_missing_no_run_can_work(module):
    done = doctor(without={module})
    assert (done.returncode, done.stderr) == (1, "")
    assert done.stdout.splitlines()[-1].startswith(f"No run can work: {module} >=")


@jailed
def test_an_extra_that_is_missing_costs_no_run():
    done = doctor(without={"ccxt"})
    assert done.returncode == 0, done.stdout + done.stderr
    assert "missing  ccxt" in done.stdout
    assert "           costs: perpsim download" in done.stdout
    assert "           to do: pip install 'perpsim[download]'" in done.stdout
